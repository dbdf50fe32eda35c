"""The service's status and the log, as text, values and CSV; and what they amount to by day and week."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol

from loosen.routine.words import Words

_CSV_HEAD = (
    *("sit_started", "sit_ended", "sit_minutes", "sit_ending"),
    *("prompt_at", "sat_minutes", "why", "exercise", "snoozes", "outcome"),
)
OUTCOMES = ("confirmed", "away", "said", "missed")


class PromptLike(Protocol):
    """One prompt of the log."""

    @property
    def at_utc(self) -> str: ...
    @property
    def sat_s(self) -> float: ...
    @property
    def why(self) -> str: ...
    @property
    def exercise(self) -> str | None: ...
    @property
    def snoozes(self) -> int: ...
    @property
    def outcome(self) -> str | None: ...


class SitLike(Protocol):
    """One sit of the log."""

    @property
    def started_utc(self) -> str: ...
    @property
    def last_utc(self) -> str: ...
    @property
    def local_date(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def ending(self) -> str | None: ...
    @property
    def prompts(self) -> Sequence[PromptLike]: ...
    def local(self, utc: str) -> datetime: ...


class LogLike(Protocol):
    """The log, open for reading."""

    def __enter__(self) -> LogLike: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def sits(self, first: date, last: date) -> Sequence[SitLike]: ...


# -- the log -----------------------------------------------------------------------------------------------


def as_values(sits: Sequence[SitLike]) -> dict[str, Any]:
    """Return the log, ready for JSON: every sit with its prompts, and each day and week summed up."""
    return {
        "sits": [
            {
                "started": sit.local(sit.started_utc).isoformat(timespec="seconds"),
                "ended": sit.local(sit.last_utc).isoformat(timespec="seconds"),
                "minutes": round(sit.seconds / 60, 1),
                "ending": sit.ending,
                "prompts": [
                    {
                        "at": sit.local(asked.at_utc).isoformat(timespec="seconds"),
                        "sat_minutes": round(asked.sat_s / 60, 1),
                        "why": asked.why,
                        "exercise": asked.exercise,
                        "snoozes": asked.snoozes,
                        "outcome": asked.outcome,
                    }
                    for asked in sit.prompts
                ],
            }
            for sit in sits
        ],
        "days": trend(sits, "day"),
        "weeks": trend(sits, "week"),
    }


def trend(sits: Sequence[SitLike], by: str) -> list[dict[str, Any]]:
    """Sum up by "day" (2026-11-23) or "week" (2026-W48, from Monday): sits, minutes, the longest, each outcome."""
    groups: dict[str, list[SitLike]] = {}
    for sit in sits:
        year, week, _ = date.fromisoformat(sit.local_date).isocalendar()
        groups.setdefault(sit.local_date if by == "day" else f"{year}-W{week:02}", []).append(sit)
    return [{by: key} | _summed(group) for key, group in groups.items()]


def _summed(sits: Sequence[SitLike]) -> dict[str, Any]:
    asked = [prompt for sit in sits for prompt in sit.prompts]
    outcomes = Counter(prompt.outcome for prompt in asked)
    return {
        "sits": len(sits),
        "minutes": round(sum(sit.seconds for sit in sits) / 60),
        "longest_minutes": round(max(sit.seconds for sit in sits) / 60),
        "prompts": len(asked),
        "snoozes": sum(prompt.snoozes for prompt in asked),
    } | {outcome: outcomes[outcome] for outcome in OUTCOMES}


def as_csv(sits: Sequence[SitLike]) -> str:
    """Return the log as CSV: one row for each prompt, and one for each sit without any."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(_CSV_HEAD)
    for sit in sits:
        head = [sit.local(at).isoformat(timespec="seconds") for at in (sit.started_utc, sit.last_utc)]
        about = (*head, round(sit.seconds / 60, 1), sit.ending or "")
        for asked in sit.prompts:
            at, sat = sit.local(asked.at_utc).isoformat(timespec="seconds"), round(asked.sat_s / 60, 1)
            rows.writerow(
                (*about, at, sat, asked.why, asked.exercise or "", asked.snoozes, asked.outcome or "")
            )
        if not sit.prompts:
            rows.writerow((*about, "", "", "", "", "", ""))
    return out.getvalue()


def log_lines(sits: Sequence[SitLike], words: Words) -> list[str]:
    """Return the log as text: each sit in a line below its day, then the weeks."""
    from loosen.terminal import table

    lines: list[str] = []
    for day in trend(sits, "day"):
        today = [sit for sit in sits if sit.local_date == day["day"]]
        lines += [
            words("sitting.day", date=day["day"], minutes=day["minutes"], longest=day["longest_minutes"])
        ]
        lines += [f"  {line}" for line in table([_row(sit, words) for sit in today], frozenset({1}))]
        lines.append("")
    for week in trend(sits, "week"):
        lines.append(words("sitting.week", unanswered=week["missed"], **week))
    return lines


def _row(sit: SitLike, words: Words) -> list[str]:
    until = f"{sit.local(sit.last_utc):%H:%M}" if sit.ending else words["sitting.now"]
    told = [_told(sit, prompt, words) for prompt in sit.prompts]
    minutes = words("sitting.minutes", n=round(sit.seconds / 60))
    return [f"{sit.local(sit.started_utc):%H:%M} - {until}", minutes, ", ".join(told)]


def _told(sit: SitLike, prompt: PromptLike, words: Words) -> str:
    text = words(f"sitting.{prompt.outcome or 'open'}", at=f"{sit.local(prompt.at_utc):%H:%M}")
    return text + (words("sitting.put-off", n=prompt.snoozes) if prompt.snoozes else "")


# -- the status --------------------------------------------------------------------------------------------


def short_lines(status: dict[str, Any], words: Words) -> list[str]:
    """Return in a few lines how things stand."""

    def clock(text: str) -> str:
        """The time of day, and the day where it is another one than today's."""
        at = datetime.fromisoformat(text)
        days = (at.date() - datetime.fromisoformat(status["now"]).date()).days
        key = {0: "today", 1: "tomorrow"}.get(days, "other-day")
        return words(f"sitting.{key}", at=f"{at:%H:%M}", date=f"{at:%Y-%m-%d}")

    if status["paused_until"]:
        return [words("sitting.paused", at=clock(status["paused_until"]))]
    if not status["sitting"]:
        return [words["sitting.nobody"]]
    since, blind = clock(status["since"]), status["blind"]
    minutes = int(status["sat_s"] // 60)
    lines = [words("sitting.blind-since" if blind else "sitting.since", at=since, minutes=minutes)]
    prompt = status["prompt"]
    if prompt and prompt["snoozed_until"]:
        lines.append(words("sitting.snoozed", at=clock(prompt["snoozed_until"])))
    elif prompt:
        lines.append(words["sitting.asked-now"])
    elif status["window"] and not _is_over(status["window"][1], status["now"]):
        first, last = map(clock, status["window"])
        lines.append(words("sitting.blind-next" if blind else "sitting.next", after=first, latest=last))
    elif not status["window"]:
        lines.append(words["sitting.blind-asked" if blind else "sitting.asked-before"])
    if status["waits_for"]:
        lines.append(
            words("sitting.waits", what=", ".join(words[f"sitting.{one}"] for one in status["waits_for"]))
        )
    return lines


def status_lines(status: dict[str, Any], words: Words) -> list[str]:
    """Return how things stand, and what each sensor tells."""
    from loosen.terminal import table

    rows = [
        [words[f"sitting.state-{it['state']}"], it["name"], ", ".join(it["tells"]), it["why"]]
        for it in status["sensors"]
    ]
    lines = [
        *short_lines(status, words),
        *([words["sitting.may-look"]] if status["camera"] else []),
        "",
        words["sitting.sensors"],
        *(f"  {line}" for line in table(rows)),
    ]
    if status["blind"]:
        lines.append(words["sitting.blind"])
    if status["log_trouble"]:
        lines.append(words("sitting.unwritten", why=status["log_trouble"]))
    return lines


def _is_over(until: str, now: str) -> bool:
    return datetime.fromisoformat(until) < datetime.fromisoformat(now)
