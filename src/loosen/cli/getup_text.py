"""The get-up service's status and the log of sitting as text, and the log as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from loosen.cli.terminal import table
from loosen.journal.outcomes.sit_log import as_values, totals
from loosen.journal.store.records import Prompt, Sit
from loosen.routine.words import Words

if TYPE_CHECKING:
    from loosen.cli.terminal import Shown

_SIT_COLUMNS = ("sit_started", "sit_ended", "sit_minutes", "sit_ending")
_PROMPT_COLUMNS = ("prompt_at", "sat_minutes", "why", "exercise", "snoozes", "outcome")


def short_lines(status: dict[str, Any], words: Words) -> list[str]:
    """Return the service's status in a few lines: since when the person sits, and what comes next."""

    def clock(text: str) -> str:
        """Return the time of day, with the day where it is not today."""
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
        lines.append(words("sitting.waits", what=", ".join(words[f"sitting.{one}"] for one in status["waits_for"])))
    return lines


def status_lines(status: dict[str, Any], words: Words) -> list[Shown]:
    """Return the service's status, and what each sensor tells."""
    rows = [
        [words[f"sitting.state-{it['state']}"], it["name"], ", ".join(it["tells"]), it["why"]]
        for it in status["sensors"]
    ]
    lines: list[Shown] = [
        *short_lines(status, words),
        *([words["sitting.may-look"]] if status["camera"] else []),
        "",
        words["sitting.sensors"],
        table(rows, indent=2),
    ]
    if status["blind"]:
        lines.append(words["sitting.blind"])
    if status["log_trouble"]:
        lines.append(words("sitting.unwritten", why=status["log_trouble"]))
    return lines


def _is_over(until: str, now: str) -> bool:
    return datetime.fromisoformat(until) < datetime.fromisoformat(now)


def as_csv(sits: Sequence[Sit]) -> str:
    """Return the log as CSV: one row for each prompt, and one for each sit without any."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(_SIT_COLUMNS + _PROMPT_COLUMNS)
    no_prompt = dict.fromkeys(_PROMPT_COLUMNS)
    for sit in as_values(sits)["sits"]:
        *about_sit, prompts = sit.values()
        rows.writerows([*about_sit, *prompt.values()] for prompt in prompts or [no_prompt])
    return out.getvalue()


def log_lines(sits: Sequence[Sit], words: Words) -> list[Shown]:
    """Return the log as text: each sit in a line below its day, then the weeks."""
    lines: list[Shown] = []
    for day in totals(sits, "day"):
        today = [sit for sit in sits if sit.local_date == day["day"]]
        lines += [words("sitting.day", date=day["day"], minutes=day["minutes"], longest=day["longest_minutes"])]
        lines.append(table([_row(sit, words) for sit in today], frozenset({1}), indent=2))
        lines.append("")
    for week in totals(sits, "week"):
        lines.append(words("sitting.week", unanswered=week["missed"], **week))
    return lines


def _row(sit: Sit, words: Words) -> list[str]:
    until = f"{sit.local(sit.last_utc):%H:%M}" if sit.ending else words["sitting.now"]
    prompts = [_prompt_text(sit, prompt, words) for prompt in sit.prompts]
    minutes = words("sitting.minutes", n=round(sit.seconds / 60))
    return [f"{sit.local(sit.started_utc):%H:%M} - {until}", minutes, ", ".join(prompts)]


def _prompt_text(sit: Sit, prompt: Prompt, words: Words) -> str:
    text = words(f"sitting.{prompt.outcome or 'open'}", at=f"{sit.local(prompt.at_utc):%H:%M}")
    return text + (words("sitting.put-off", n=prompt.snoozes) if prompt.snoozes else "")
