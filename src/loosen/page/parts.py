"""What the server needs from the other rooms, each so narrow that a test can put its own in its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from loosen.coach.guidance.stage import Event, Stage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from loosen.body.pose import Look
    from loosen.coach.guidance.session_state import Templates
    from loosen.page.journal_thread import Keeper, Past
    from loosen.routine.model import Exercise, Routine
    from loosen.routine.words import Words

    Rgb = NDArray[np.uint8]


class SessionLike(Protocol):
    """A guided session, as the coach room offers it; every time is in seconds on one clock."""

    def start(self, t_s: float) -> None:
        """Begin."""

    def command(self, t_s: float, name: str) -> None:
        """Do what a key or button asks for, if it means anything now."""

    def answer(self, t_s: float, question: str, value: int | None) -> None:
        """Take the answer to a question; None is "rather not say"."""

    def trouble(self, t_s: float, what: str) -> None:
        """Learn of something that is not as it should be."""

    def see(self, look: Look) -> None:
        """Take one look; its pose has its own time."""

    def tick(self, t_s: float) -> None:
        """Let time pass."""

    def events(self) -> list[Event]:
        """Return what has happened since the last call."""

    def stage(self) -> Stage:
        """Return what is to be shown now."""

    @property
    def templates(self) -> Templates:
        """What the person's good repetitions look like by now."""


class TrackerLike(Protocol):
    """Finds a person in one picture after another of the same camera."""

    def look(self, rgb: Rgb, t_s: float) -> Look:
        """Return what is seen in an RGB picture (h, w, 3) taken at `t_s`."""

    def reset(self) -> None:
        """Forget whoever was followed."""


class LookSource(Protocol):
    """Somebody who does what the stage asks, without a camera."""

    def looks_at(self, t_s: float, stage: Stage) -> Look | None:
        """Return what a camera would see at `t_s`, or None where it would see nothing yet."""


class SittingLike(Protocol):
    """What the page knows of sitting and getting up."""

    async def facts(self) -> Any:
        """Return the card's facts, ready for JSON."""

    async def ask(self, request: dict[str, Any]) -> None:
        """Ask something of the get-up service. GetUpError says why it cannot be done."""

    def moved(self, *, seen: bool) -> None:
        """Tell the service, if it runs, that something was done standing; `seen`: before the camera."""

    def close(self) -> None:
        """Ask nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything the server is put together from.

    `new_session(camera, past, movement)` is called for each session (`movement` None: the whole routine),
    `new_tracker()` and `new_looks()` for each connection; `new_looks` is given in a demo only. `decode` turns a
    JPEG into an RGB picture (InputError if it is none). `figure` gives what is served as an exercise's figure.
    `made_up`: the journal is a made-up one. `clock` is monotonic, in seconds.
    """

    routine: Routine
    words: Words
    static: Path
    new_session: Callable[[bool, Past, str | None], SessionLike]
    new_tracker: Callable[[], TrackerLike]
    decode: Callable[[bytes], Rgb]
    figure: Callable[[Exercise], Any]
    keeper: Keeper
    new_looks: Callable[[], LookSource] | None = None
    made_up: bool = False
    sitting: SittingLike | None = None
    clock: Callable[[], float] = field(default=time.monotonic)

    @property
    def demo(self) -> bool:
        """Whether the looks come from the synthetic body and not from a camera."""
        return self.new_looks is not None
