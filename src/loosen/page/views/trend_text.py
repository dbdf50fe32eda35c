"""What a period shows, a sentence for each finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loosen.journal.outcomes.findings import (
    ExerciseFinding,
    Findings,
    HinderedFinding,
    MorningsFinding,
    ScoreFinding,
    SittingFinding,
)
from loosen.journal.outcomes.trends import Trend
from loosen.routine.model import Exercise, Seen
from loosen.routine.words import Words
from loosen.text import as_title, change_text, measure_text, range_name, short_day_text, value_text

OVER_AT_LEAST = 3
"""Sessions with both answers, before anything is said of what a session does."""


def exercise_texts(found: ExerciseFinding, seen: Seen | None, words: Words) -> list[str]:
    """Return what is said of an exercise: its range, its sides, its times, its verdicts, and when it hurt.

    `seen` is None where the routine does not know the exercise (any more).
    """
    texts = _range_texts(found, seen, words)
    if found.apart is not None:
        texts.append(_sides_text(found, found.apart, words))
    lately = [
        words(f"history.lately-{name}", seconds=f"{value:.1f}")
        for name, value in (("stop", found.stop_s), ("out", found.out_s), ("back", found.back_s))
        if value is not None
    ]
    if lately:
        texts.append(words("history.lately", what=", ".join(lately)))
    if found.attempts:
        texts.append(words.count("history.verdicts", found.attempts, full=found.verdicts.get("full", 0)))
    if found.hurt:
        days = ", ".join(short_day_text(day, words) for day in found.hurt)
        texts.append(words("history.hurt-on", days=days))
    return texts


def score_texts(found: ScoreFinding, words: Words) -> list[str]:
    """Return what is said of soreness or stiffness."""
    text = _points_text(found.name, found.before, words)
    if found.of < OVER_AT_LEAST:
        return [text]
    return [text, words(f"trend.{found.name}-over", fell=found.fell, rose=found.rose, of=found.of)]


def hindered_text(found: HinderedFinding, words: Words) -> str:
    """Return what is said of what the back keeps the person from."""
    return _points_text("hindered", found.trend, words, text=found.text)


def mornings_text(found: MorningsFinding, words: Words) -> str:
    """Return what is said of the mornings after sessions."""
    return words("trend.mornings", better=found.better, same=found.same, worse=found.worse)


def sitting_text(found: SittingFinding, words: Words) -> str:
    """Return what is said of sitting."""
    longest = found.longest
    if longest.first is None or longest.last is None:
        return words["trend.sitting-none"]
    return words(
        f"trend.sitting-{longest.finding}",
        first=value_text(longest.first, "min"),
        last=value_text(longest.last, "min"),
        mdc=value_text(longest.detectable.change, "min"),
    )


def news(found: Findings, exercises: Mapping[str, Exercise], words: Words) -> list[str]:
    """Return what changed beyond the scatter, or that nothing did, or that it is too early to say."""
    texts = [text for it in found.exercises for text in _exercise_news(it, exercises.get(it.exercise), words)]
    texts += [score_texts(score, words)[0] for score in found.scores if _is_news(score.before)]
    if _is_news(found.sitting.longest):
        texts.append(sitting_text(found.sitting, words))
    if texts:
        return texts
    return [words["history.news-same" if any(it.finding == "same" for it in _trends(found)) else "history.news-early"]]


def _trends(found: Findings) -> Iterator[Trend]:
    for it in found.exercises:
        yield it.range
        yield from [it.also.range] if it.also is not None else []
        yield from [it.apart] if it.apart is not None else []
    yield from (score.before for score in found.scores)
    yield found.sitting.longest


def _is_news(found: Trend) -> bool:
    return found.finding in ("improved", "worse")


def _exercise_news(it: ExerciseFinding, exercise: Exercise | None, words: Words) -> Iterator[str]:
    title = it.exercise if exercise is None else exercise.title
    for signal, unit, _, found in _ranges(it, None if exercise is None else exercise.seen):
        if _is_news(found) and found.first is not None and found.last is not None:
            first, last = value_text(found.first, unit), value_text(found.last, unit)
            what = range_name(signal, words)
            yield words(f"history.news-{found.finding}", title=title, what=what, first=first, last=last)
    if it.apart is not None and _is_news(it.apart):
        yield words("history.news-sides", title=title, text=_sides_text(it, it.apart, words))


def _ranges(it: ExerciseFinding, seen: Seen | None) -> list[tuple[str, str, float, Trend]]:
    """Return of the range, and of the second signal where it was measured: its signal, unit, error and trend."""
    ranges = [("" if seen is None else seen.signal, it.unit, it.plus_minus, it.range)] if it.measured else []
    if it.also is not None:
        ranges.append(("" if seen is None else seen.also, it.also.unit, it.also.plus_minus, it.also.range))
    return ranges


def _range_texts(it: ExerciseFinding, seen: Seen | None, words: Words) -> list[str]:
    texts = []
    for signal, unit, plus_minus, found in _ranges(it, seen):
        if found.first is not None and found.last is not None:
            text = words(
                f"trend.range-{found.finding}",
                what=range_name(signal, words),
                first=value_text(found.first, unit),
                last=value_text(found.last, unit),
                value=measure_text(found.last, plus_minus, unit),
                mdc=change_text(found.detectable.change, unit),
            )
            texts.append(as_title(text))
    if not texts:
        texts = [words[f"trend.{'none-counted' if it.attempts else 'led' if it.done else 'not-done'}"]]
    return texts


def _points_text(name: str, found: Trend, words: Words, **blanks: str) -> str:
    """Return what is said of answers from 0 to 10, `name` being that of its words."""
    if found.first is None or found.last is None:
        return words(f"trend.{name}-none", **blanks)
    is_noticed_only = found.finding == "same" and found.noticed
    return words(
        f"trend.{name}-{found.finding}{'-noticed' if is_noticed_only else ''}",
        first=f"{found.first:g}",
        last=f"{found.last:g}",
        mdc=f"{found.detectable.change:g}",
        **blanks,
    )


def _sides_text(found: ExerciseFinding, apart: Trend, words: Words) -> str:
    unsure = "-unsure" if apart.finding == "worse" and found.further is None else ""
    return words(
        f"trend.even-{apart.finding}{unsure}",
        first=value_text(abs(apart.first or 0.0), found.unit),
        last=value_text(abs(apart.last or 0.0), found.unit),
        mdc=change_text(apart.detectable.change, found.unit),
        side="" if found.further is None else words[f"trend.{found.further}"],
    )
