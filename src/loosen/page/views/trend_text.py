"""What a period shows, a sentence for each finding."""

from __future__ import annotations

from loosen.journal.outcomes.findings import ExerciseFinding, Findings, ScoreFinding, SittingFinding
from loosen.journal.outcomes.trends import Trend
from loosen.routine.words import Words
from loosen.text import change_text, measure_text, short_day_text, value_text

OVER_AT_LEAST = 3
"""Sessions with both answers, before anything is said of what a session does."""


def exercise_texts(found: ExerciseFinding, words: Words) -> list[str]:
    """Return what is said of an exercise: its range, its sides, its times, its verdicts, and when it hurt."""
    texts = [_range_text(found, words)]
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
        full = found.verdicts.get("full", 0)
        texts.append(words("history.verdicts", full=full, attempts=found.attempts))
    if found.hurt:
        days = ", ".join(short_day_text(day, words) for day in found.hurt)
        texts.append(words("history.hurt-on", days=days))
    return texts


def score_texts(found: ScoreFinding, words: Words) -> list[str]:
    """Return what is said of soreness or stiffness."""
    before = found.before
    if before.first is None or before.last is None:
        return [words[f"trend.{found.name}-none"]]
    text = words(
        f"trend.{found.name}-{before.finding}",
        first=f"{before.first:.0f}",
        last=f"{before.last:.0f}",
        mdc=f"{before.detectable.change:.0f}",
    )
    if found.of < OVER_AT_LEAST:
        return [text]
    return [text, words("trend.over", fell=found.fell, rose=found.rose, of=found.of)]


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


def news(found: Findings, titles: dict[str, str], words: Words) -> list[str]:
    """Return what changed beyond the scatter, or that nothing did, or that it is too early to say."""
    texts = [
        words(f"history.news-{it.range.finding}", title=titles.get(it.exercise, it.exercise))
        for it in found.exercises
        if _is_news(it.range)
    ]
    texts += [score_texts(score, words)[0] for score in found.scores if _is_news(score.before)]
    if _is_news(found.sitting.longest):
        texts.append(sitting_text(found.sitting, words))
    if texts:
        return texts
    felt_or_measured = [score.before.finding for score in found.scores] + [it.range.finding for it in found.exercises]
    return [words["history.news-same" if "same" in felt_or_measured else "history.news-early"]]


def _is_news(found: Trend) -> bool:
    return found.finding in ("improved", "worse")


def _range_text(found: ExerciseFinding, words: Words) -> str:
    first, last, unit = found.range.first, found.range.last, found.unit
    if first is None or last is None:
        return words["trend.nothing-measured"]
    return words(
        f"trend.range-{found.range.finding}",
        first=value_text(first, unit),
        last=value_text(last, unit),
        value=measure_text(last, found.plus_minus, unit),
        mdc=change_text(found.range.detectable.change, unit),
    )


def _sides_text(found: ExerciseFinding, apart: Trend, words: Words) -> str:
    unsure = "-unsure" if apart.finding == "worse" and found.further is None else ""
    return words(
        f"trend.even-{apart.finding}{unsure}",
        last=value_text(abs(apart.last or 0.0), found.unit),
        mdc=change_text(apart.detectable.change, found.unit),
        side="" if found.further is None else words[f"trend.{found.further}"],
    )
