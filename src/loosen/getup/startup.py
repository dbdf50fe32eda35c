"""What the service is told when it starts, worked out beforehand: it need not know routines, words or commands."""

from __future__ import annotations

import json
from typing import NamedTuple

from loosen.getup.rule import AWAY_S, Rule

VARIABLE = "LOOSEN_GETUP_PLAN"


class Plan(NamedTuple):
    """The window in seconds, the movements with their titles, the texts, where the journal and the socket are.

    `page` are the options with which the page is opened.
    """

    after_s: float
    latest_s: float
    titles: dict[str, str]
    texts: dict[str, str]
    folder: str
    journal: str | None = None
    camera: bool = False
    away_s: float = AWAY_S
    page: tuple[str, ...] = ()

    @property
    def rule(self) -> Rule:
        """The sitting clock's rule."""
        return Rule(self.after_s, self.latest_s, self.away_s, tuple(self.titles), self.camera)

    def to_text(self) -> str:
        """Return it as text, to be handed over."""
        return json.dumps(self._asdict())

    @classmethod
    def from_text(cls, text: str) -> Plan:
        """Return the plan in `text`. ValueError if it is none."""
        try:
            told = json.loads(text)
            return cls(**told | {"page": tuple(told.get("page", ()))})
        except TypeError as error:
            raise ValueError(f"not a plan: {error}") from error
