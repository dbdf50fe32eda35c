"""How every room says the same thing: a dose, a measured value with its error, a day, how it felt. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loosen.routine.words import Words

_DEGREES_TO = 5
"""Degrees are said to the nearest 5: one camera is no better."""


def dose_text(sets: int, reps: int, words: Words, *, each: bool = False) -> str:
    """Return a dose in words: "1 set of 5 on each side"; `each`: every side does `reps`."""
    said = words["dose.one-set"] if sets == 1 else words("dose.sets", n=sets)
    return words("dose.each" if each else "dose.together", sets=said, reps=reps)


def dose_figures(sets: int, reps: int, *, each: bool = False) -> str:
    """Return a dose as figures: "2 × 5 + 5", where every side does 5."""
    return f"{sets} × {reps} + {reps}" if each else f"{sets} × {reps}"


def number_text(value: float, unit: str) -> str:
    """Return a value as fine as a camera measures it: degrees to the nearest 5 ("20°"), others without their unit."""
    if unit == "deg":
        return f"{_DEGREES_TO * round(value / _DEGREES_TO)}°"
    return f"{value:.0f}" if unit == "min" else f"{value:.2f}"


def change_text(value: float, unit: str) -> str:
    """Return a detectable change with its unit; whole degrees, as it is a statistic and not a reading."""
    return f"{value:.0f}°" if unit == "deg" else value_text(value, unit)


def error_text(plus_minus: float, unit: str) -> str:
    """Return half of a 95% interval: degrees rounded up, and never below what values are rounded to."""
    return f"{max(_DEGREES_TO, math.ceil(plus_minus))}°" if unit == "deg" else f"{plus_minus:.2f}"


def value_text(value: float, unit: str) -> str:
    """Return a value with its unit: "20°", "0.85 leg lengths", "38 min"."""
    return _with_unit(number_text(value, unit), unit)


def measure_text(value: float, plus_minus: float, unit: str) -> str:
    """Return a value with its error and unit: "20° ± 5°", "0.85 ± 0.10 leg lengths"."""
    return _with_unit(f"{number_text(value, unit)} ± {error_text(plus_minus, unit)}", unit)


def _with_unit(number: str, unit: str) -> str:
    return number if unit == "deg" else f"{number} {unit}".rstrip()


def range_name(signal: str, words: Words) -> str:
    """Return what a range is of, in a few words: "lean back", "arms overhead"; "range" for a signal without any."""
    return words.sections["signal"].get(signal, words["signal.any"])


def named_measure_text(signal: str, value: float, plus_minus: float, unit: str, words: Words) -> str:
    """Return a measured value with what it is of: "lean back 20° ± 5°"."""
    return words("signal.measured", what=range_name(signal, words), value=measure_text(value, plus_minus, unit))


def as_title(text: str) -> str:
    """Return a text with a capital letter."""
    return text[:1].upper() + text[1:]


def as_sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop."""
    return f"{as_title(text)}."


def day_text(day: date, words: Words) -> str:
    """Return a day as "Sunday 22 November 2026"."""
    return words("calendar.day", weekday=weekday_name(day, words), date=date_text(day, words))


def moment_text(at: datetime, words: Words) -> str:
    """Return a moment as "Sunday 22 November 2026, 20:15", by the clock of its own time zone."""
    return f"{day_text(at, words)}, {at:%H:%M}"


def date_text(day: date, words: Words) -> str:
    """Return a day as "22 November 2026"."""
    month = _names("months", words)[day.month - 1]
    return words("calendar.date", day=day.day, month=month, year=day.year)


def short_day_text(day: date, words: Words) -> str:
    """Return a day as "22 Nov"."""
    return words("calendar.short-day", day=day.day, month=_names("short-months", words)[day.month - 1])


def weekday_name(day: date, words: Words, *, short: bool = False) -> str:
    """Return a day's weekday: "Sunday", or "Sun"."""
    return _names("short-weekdays" if short else "weekdays", words)[day.weekday()]


def _names(key: str, words: Words) -> list[str]:
    return words[f"calendar.{key}"].split(", ")


def felt_texts(
    answers: Iterable[tuple[str, int | None]], words: Words, morning: str = ""
) -> list[tuple[str, str, str]]:
    """Return what was asked, and the answers before and after, "" where there is none.

    `answers`: question ids, most of which end in "-before" or "-after", each with 0 to 10, or None for "rather not
    say". `morning`: how the next one was, "" if that is not known.
    """
    told: dict[str, dict[str, str]] = {}
    for question, value in answers:
        thing, _, when = question.rpartition("-")
        said = words["felt.not-said"] if value is None else words("felt.of-ten", value=value)
        if when in ("before", "after"):
            told.setdefault(thing, {})[when] = words(f"felt.{when}", value=said)
        elif question == "hindered":
            told[question] = {"before": said if value is None else words("felt.goes", value=said)}
    if morning:
        told["morning"] = {"before": words[f"felt.morning-{morning}"]}
    return [
        (words.sections["felt"].get(thing, thing), it.get("before", ""), it.get("after", ""))
        for thing, it in told.items()
    ]


def hurt_text(place: str, score: int | None, words: Words) -> str:
    """Return where something hurt and how much: "leg or buttock, 6 of 10"; "" where neither was told."""
    told = [words.sections["journal"].get(f"place-{place}", place)] if place else []
    return ", ".join([*told, *([] if score is None else [words("felt.of-ten", value=score)])])
