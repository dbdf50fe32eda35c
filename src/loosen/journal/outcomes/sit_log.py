"""The log of sitting as JSON values: the sits with their prompts, and what they add up to by day and week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from loosen.journal.store.records import Sit

OUTCOMES = ("confirmed", "away", "said", "missed")


def as_values(sits: Sequence[Sit]) -> dict[str, Any]:
    """Return the log as JSON values: each sit with its prompts, and the totals of each day and week."""
    return {
        "sits": [
            {
                "started": sit.local(sit.started_utc).isoformat(timespec="seconds"),
                "ended": sit.local(sit.last_utc).isoformat(timespec="seconds"),
                "minutes": round(sit.seconds / 60, 1),
                "ending": sit.ending,
                "prompts": [
                    {
                        "at": sit.local(prompt.at_utc).isoformat(timespec="seconds"),
                        "sat_minutes": round(prompt.sat_s / 60, 1),
                        "why": prompt.why,
                        "exercise": prompt.exercise,
                        "snoozes": prompt.snoozes,
                        "outcome": prompt.outcome,
                    }
                    for prompt in sit.prompts
                ],
            }
            for sit in sits
        ],
        "days": totals(sits, "day"),
        "weeks": totals(sits, "week"),
    }


def totals(sits: Sequence[Sit], by: str) -> list[dict[str, Any]]:
    """Return the totals by "day" (2026-11-23) or "week" (2026-W48, from Monday): sits, minutes, prompts, outcomes."""
    groups: dict[str, list[Sit]] = {}
    for sit in sits:
        year, week, _ = date.fromisoformat(sit.local_date).isocalendar()
        groups.setdefault(sit.local_date if by == "day" else f"{year}-W{week:02}", []).append(sit)
    return [{by: key} | _sum_up(group) for key, group in groups.items()]


def _sum_up(sits: Sequence[Sit]) -> dict[str, Any]:
    prompts = [prompt for sit in sits for prompt in sit.prompts]
    outcomes: Counter[str | None] = Counter(prompt.outcome for prompt in prompts)
    return {
        "sits": len(sits),
        "minutes": round(sum(sit.seconds for sit in sits) / 60),
        "longest_minutes": round(max(sit.seconds for sit in sits) / 60),
        "prompts": len(prompts),
        "snoozes": sum(prompt.snoozes for prompt in prompts),
    } | {outcome: outcomes[outcome] for outcome in OUTCOMES}
