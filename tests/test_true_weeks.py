"""Whatever a journal holds, each sentence about weeks is true of it: home, "Looking back", the report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from journal_makers import EVENING, rep_done
from journals import imported_made_up
from people import ROUTINE, WORDS

from loosen.coach.counting.rep import Measure
from loosen.coach.guidance.stage import Happened
from loosen.journal.outcomes.choices import keep_plan, read_choices
from loosen.journal.outcomes.hindrance import keep_hindrance
from loosen.journal.outcomes.mornings import keep_morning
from loosen.journal.outcomes.period import Period, first_day, monday_of, read_period
from loosen.journal.report.panels import LIGHT
from loosen.journal.report.report import period_report
from loosen.journal.store.journal import Journal
from loosen.journal.store.moments import stamp
from loosen.journal.store.statements import insert
from loosen.page.journal_thread import JournalState
from loosen.page.views.charts import exercise_svg
from loosen.page.views.history_view import HistoryView, history_view
from loosen.page.views.home_view import home
from loosen.page.views.session_view import session_view

TODAY = EVENING.date()
FIRST = monday_of(TODAY) - timedelta(weeks=11)
MORNINGS = ("better", "same", "worse")
IDS = ["back-arches", "raise-the-roof", "raise-the-roof.seated", "lazy-leg-walk"]


LIVES = settings(max_examples=60, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""A failing journal is told as it is: to make it smaller would take minutes."""


@dataclass
class Did:
    """One exercise of a session: the range of each attempt, whether it counted; how many were led; where it hurt."""

    exercise: str
    tries: list[tuple[float, bool]]
    led: int
    hurt: tuple[str, int] | None


@dataclass
class Lived:
    """A session, so many days before today."""

    ago: int
    dids: list[Did]
    answers: dict[str, int]
    morning: str
    gentle: bool

    @property
    def day(self) -> date:
        return TODAY - timedelta(days=self.ago)

    @property
    def active(self) -> bool:
        return any(did.tries or did.led for did in self.dids)


@dataclass
class Life:
    """What a person did, how long he sat (days ago, minutes), and when a plan was made and, maybe, dropped."""

    sessions: list[Lived] = field(default_factory=list)
    sits: list[tuple[int, int]] = field(default_factory=list)
    planned_ago: int | None = None
    dropped_ago: int | None = None
    hindered_ago: int | None = None

    def journal(self) -> Journal:
        journal = Journal.in_memory()
        for lived in sorted(self.sessions, key=lambda it: -it.ago):
            _keep(journal, lived)
        with journal.changing() as db:
            for days_ago, minutes in self.sits:
                row = stamp(EVENING - timedelta(days=days_ago, hours=6), "started_utc")
                row |= {"last_utc": row["started_utc"], "seconds": 60.0 * minutes, "ending": "up"}
                db.execute(*insert("sits", row))
            for ago, what in ((self.planned_ago, "made"), (self.dropped_ago, "dropped")):
                if ago is not None:
                    at = EVENING - timedelta(days=ago)
                    keep_plan(db, what, "lunch", "midday", at)  # type: ignore[arg-type]
            if self.hindered_ago is not None:
                keep_hindrance(db, "putting on socks", EVENING - timedelta(days=self.hindered_ago))
        return journal


def _keep(journal: Journal, lived: Lived) -> None:
    begun = EVENING - timedelta(days=lived.ago)
    key = journal.begin_session(ROUTINE.id, camera=True, now=begun)
    for question, value in lived.answers.items():
        journal.happened(key, Happened(5.0, "answer", detail=question, value=value))
    if lived.gentle:
        journal.happened(key, Happened(6.0, "gentle", detail="yes"))
    for did in lived.dids:
        journal.happened(key, Happened(10.0, "exercise-begun", did.exercise))
        steps = ROUTINE.exercise(did.exercise).seen.signal == "foot_gap"
        for number, (reach, counted) in enumerate(did.tries):
            measure = Measure(reach / 60, "leg lengths", 0.1) if steps else Measure(reach, "deg", 4.0)
            measures = {"range": measure, "also": Measure(reach / 2, "deg", 4.0)}
            verdict = "full" if counted else "shallow"
            rep = rep_done(number, exercise=did.exercise, counted=counted, verdict=verdict, measures=measures)
            journal.add_rep(key, rep)
        if did.led:
            done = did.led + sum(counted for _, counted in did.tries)
            journal.happened(key, Happened(60.0, "led", did.exercise, value=done))
        if did.hurt is not None:
            journal.happened(key, Happened(61.0, "hurt", did.exercise))
            journal.happened(key, Happened(62.0, "hurt-place", did.exercise, did.hurt[0]))
            journal.happened(key, Happened(63.0, "hurt-score", did.exercise, value=did.hurt[1]))
    journal.end_session(key, "finished", begun + timedelta(minutes=6))
    if lived.morning:
        with journal.changing() as db:
            keep_morning(db, key, lived.morning)  # type: ignore[arg-type]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Somebody whose range and pain lie about a level that changes once, as much or as little as it may."""
    levels = draw(st.tuples(st.floats(6, 40), st.floats(6, 40)))
    pains = draw(st.tuples(st.integers(0, 10), st.integers(0, 10)))
    scatter, turn = draw(st.floats(0, 8)), draw(st.integers(0, 80))
    near = st.floats(-1, 1)
    dids = st.builds(
        Did,
        exercise=st.sampled_from(IDS),
        tries=st.lists(st.tuples(near, st.booleans() | st.just(True)), max_size=2),
        led=st.sampled_from([0, 0, 0, 1, 3]),
        hurt=st.none() | st.none() | st.tuples(st.sampled_from(["back", "leg", "elsewhere"]), st.integers(0, 10)),
    )
    sessions = []
    for ago in draw(st.lists(st.integers(0, 83), min_size=draw(st.sampled_from([0, 1, 6, 14])), max_size=18)):
        level, pain = levels[ago <= turn], pains[ago <= turn]
        names = draw(st.sets(st.sampled_from(["soreness-before", "soreness-after", "stiffness-before", "hindered"])))
        answers = {name: min(max(pain + draw(st.integers(-1, 1)), 0), 10) for name in sorted(names)}
        did = draw(
            st.lists(dids, min_size=draw(st.sampled_from([0, 1, 2])), max_size=3, unique_by=lambda it: it.exercise)
        )
        for one in did:
            one.tries = [(max(level + scatter * off, 1.0), counted) for off, counted in one.tries]
        sessions.append(Lived(ago, did, answers, draw(st.sampled_from(["", *MORNINGS])), draw(st.booleans())))
    planned = draw(st.none() | st.integers(0, 100))
    dropped = None if planned is None else draw(st.none() | st.integers(0, planned))
    chairs = draw(st.tuples(st.integers(10, 120), st.integers(10, 120)))
    sits = [(ago, chairs[ago <= turn] + draw(st.integers(-5, 5))) for ago in draw(st.sets(st.integers(0, 83)))]
    return Life(sessions, sits, planned, dropped, draw(st.none() | st.integers(0, 83)))


def looked_at(journal: Journal) -> tuple[HistoryView, Period]:
    with journal.using() as db:
        period = read_period(db, FIRST, TODAY)
        choices = read_choices(db, ROUTINE, EVENING, period)
        begins = first_day(db)
    return history_view(period, ROUTINE, (), choices, WORDS, EVENING, begins=begins), period


def sentences(view: HistoryView) -> Iterator[str]:
    yield from view.short
    for card in view.cards:
        yield from card.texts
    for week in view.calendar:
        yield week.text
        yield from (day.text for day in week.days)
    for session in view.sessions:
        yield session.notes


# -- what must hold of any sentence ------------------------------------------------------------------------

FIGURE = r"([0-9]+(?:[.][0-9]+)?)"
BOTH = re.compile(rf"(?:same, |: ){FIGURE}\D*? (?:apart )?at first\D+{FIGURE}")
BEYOND = re.compile(rf"more than your \w+ vary [(]{FIGURE}")
WITHIN = re.compile(rf"vary by up to {FIGURE}")
THINGS = "session|day|movement|repetition|answer|week|sit|prompt|time"
SMALLER = ("You go less far", "Less s", "goes less well", "is shorter", "come closer")
LARGER = ("You go further", "More sore", "Stiffer", "goes better", "is longer", "moved apart")


def check(text: str) -> None:
    """Hold a sentence against the figures in it."""
    assert not re.search(rf"(?<![\d.])1 (?:{THINGS})s\b", text), text
    assert not re.search(rf"(?<!\d)(?!1 )\d+ (?:{THINGS})\b(?! of)", text), text
    assert not re.search(r"\{|None|nan", text), text
    found = BOTH.search(text)
    beyond, within = BEYOND.search(text), WITHIN.search(text)
    if beyond or within or any(word in text for word in (*SMALLER, *LARGER)):
        assert found is not None, text
        first, last = float(found[1]), float(found[2])
        change = round(abs(last - first), 4)
        if beyond is not None:
            assert change > float(beyond[1]), text
        if within is not None:
            assert change <= float(within[1]), text
        if any(word in text for word in SMALLER):
            assert last < first, text
        if any(word in text for word in LARGER):
            assert last > first, text
        if re.search(r"sore|stiff|“", text.lower()):
            noticed = change >= 2 or ("sore" in text.lower() and first > 0 and change >= max(1, 0.3 * first))
            assert ("matters to people" in text) == noticed, text


@LIVES
@given(lives())
def test_what_is_said_of_weeks_holds_of_the_figures_beside_it(life: Life) -> None:
    with life.journal() as journal:
        view, period = looked_at(journal)
        for text in sentences(view):
            check(text)
        if period.sessions:
            report = period_report(period, ROUTINE, (), WORDS, EVENING)
            for label, text in report.facts:
                check_fact(text, more_is_better=label.startswith("Activity"), of_pain=label.startswith("Soreness"))
            for row in report.table:
                check_row(row)
        for session in journal.sessions():
            for section in session_view(journal.session(session.id), ROUTINE, WORDS).exercises:
                check(section.text)


def check_fact(text: str, *, more_is_better: bool, of_pain: bool) -> None:
    assert not re.search(rf"(?<![\d.])1 (?:{THINGS})s\b", text), text
    change = re.search(rf"{FIGURE} → {FIGURE}[:,] (.*?) \(beyond own scatter: more than {FIGURE}\)", text)
    if change is not None:
        apart = float(change[2]) - float(change[1])
        if change[3].startswith("improved"):
            assert (apart if more_is_better else -apart) > float(change[4]), text
        elif change[3].startswith("worse"):
            assert (-apart if more_is_better else apart) > float(change[4]), text
        elif not change[3].startswith("too early"):
            assert abs(apart) <= float(change[4]), text
            share = of_pain and float(change[1]) > 0 and abs(apart) >= max(1, 0.3 * float(change[1]))
            noticed = abs(apart) >= 2 or share
            assert ("matters to people" in change[3]) == noticed, text


def check_row(row: tuple[str, ...]) -> None:
    change, detectable = re.search(rf"{FIGURE}°? → {FIGURE}", row[3]), re.match(FIGURE, row[4])
    if change is not None:
        assert detectable is not None
        apart = round(float(change[2]) - float(change[1]), 4)
        if row[5] in ("improved", "worse"):
            assert (apart if row[5] == "improved" else -apart) > float(detectable[1]), row
        elif row[5] == "about the same":
            assert abs(apart) <= float(detectable[1]), row


# -- what is counted ---------------------------------------------------------------------------------------


@LIVES
@given(lives())
def test_what_is_counted_is_what_was_done(life: Life) -> None:
    active = [lived for lived in life.sessions if lived.active]
    days = {lived.day for lived in active}
    with life.journal() as journal:
        view, period = looked_at(journal)
        week = home(ROUTINE, JournalState(week=journal.week(TODAY)), EVENING, WORDS)
    this_week = {day for day in days if day >= monday_of(TODAY)}
    assert [day.done for day in week.week] == [monday_of(TODAY) + timedelta(n) in this_week for n in range(7)]
    assert numbers(week.week_text.replace("One", "1"))[:1] == ([len(this_week)] if this_week else [])
    told = " ".join(view.short)
    if not life.sessions:
        assert "session" not in told
    elif not active:
        assert view.short[0] == "Nothing was done in these weeks."
    else:
        wanted = [len(active), len(days), 6 * len(active)] if len(active) > 1 else [1, 6]
        assert numbers(view.short[0]) == wanted
    in_calendar = {date.fromisoformat(day.day) for week in view.calendar for day in week.days if day.done}
    assert in_calendar == days
    for one in view.calendar:
        n = sum(day.done for day in one.days)
        assert numbers(one.text)[:1] == ([n] if n else [])
    mornings = Counter(lived.morning for lived in life.sessions if lived.morning)
    if mornings:
        said = next(text for text in view.short if text.startswith("Mornings after"))
        assert numbers(said) == [mornings[name] for name in MORNINGS]
    if life.planned_ago is not None:
        last = TODAY if life.dropped_ago is None else TODAY - timedelta(days=life.dropped_ago + 1)
        first = max(TODAY - timedelta(days=life.planned_ago), FIRST)
        held = {first + timedelta(n) for n in range((last - first).days + 1)}
        said_of = [text for text in view.short if text.startswith("Your plan")]
        assert [numbers(text) for text in said_of] == ([[len(held & days), len(held)]] if held else [])
    if period.sessions:
        facts = dict(period_report(period, ROUTINE, (), WORDS, EVENING).facts)
        minutes = 6 * len(active)
        weeks = len({monday_of(day) for day in days})
        gentle = sum(lived.gentle for lived in active)
        begun = max(FIRST, min(lived.day for lived in life.sessions))  # nobody has missed a day before that
        of, of_weeks = (TODAY - begun).days + 1, (monday_of(TODAY) - monday_of(begun)).days // 7 + 1
        assert numbers(facts["Done"])[:6] == [len(active), minutes, len(days), of, weeks, of_weeks]
        assert f"gentle days: {gentle};" in facts["Done"]
        hurts = sum(did.hurt is not None for lived in life.sessions for did in lived.dids)
        assert facts['"This hurts"'].count(" of 10)") == min(hurts, 10)


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


@LIVES
@given(lives())
def test_each_movements_card_counts_what_was_tried(life: Life) -> None:
    with life.journal() as journal:
        view, _ = looked_at(journal)
    cards = {card.id: card for card in view.cards}
    for exercise in IDS:
        dids = [did for lived in life.sessions for did in lived.dids if did.exercise == exercise]
        if not dids:
            assert exercise not in cards
            continue
        tried = [counted for did in dids for _, counted in did.tries]
        texts = " ".join(cards[exercise].texts)
        if tried:
            assert f"Full: {sum(tried)} of {len(tried)} repetition{'' if len(tried) == 1 else 's'}." in texts
        else:
            led = any(did.led for did in dids)
            assert texts.startswith("Done by voice" if led else "Begun, and not done yet.")
        assert ("nothing was measured" in texts) == (not tried and any(did.led for did in dids))


# -- the same figures in chart, table and sentence -----------------------------------------------------------


@pytest.mark.parametrize("exercise", [it.id for it in ROUTINE.exercises])
def test_chart_table_and_sentence_show_the_same_first_and_last(exercise: str) -> None:
    with imported_made_up(30) as journal:
        view, period = looked_at(journal)
    card = next(card for card in view.cards if card.id == exercise)
    told = BOTH.search(card.texts[0])
    assert told is not None
    said = {told[1], told[2]}
    row = next(row for row in period_report(period, ROUTINE, (), WORDS, EVENING).table if card.title in row[0])
    shown = re.search(rf"{FIGURE}°? → {FIGURE}", row[3])
    assert shown is not None
    assert {shown[1], shown[2]} == said
    svg = exercise_svg(period, ROUTINE.exercise(exercise), WORDS, LIGHT).decode()
    labels = set(re.findall(r">([0-9.]+)°?</text>", svg))
    assert said <= labels
