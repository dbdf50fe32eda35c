"""What the home page shows: the routine with its doses, the week, the next step and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import msgspec
from msgspec.structs import replace

from loosen.page.journal_thread import JournalState
from loosen.page.views.choices_view import OfferText, PlanText, offer_text, plan_text
from loosen.routine.doses import demo_dose, seconds
from loosen.routine.model import Dose, Exercise, Routine
from loosen.routine.reader import builtin
from loosen.routine.words import Words
from loosen.text import dose_figures, weekday_name


class HomeExercise(msgspec.Struct, frozen=True):
    """One line of the home page's list. `dose_text`: the dose at a glance, "5 + 5" or "2 × 5"."""

    id: str
    title: str
    purpose: str
    dose: Dose
    dose_text: str


class WeekDay(msgspec.Struct, frozen=True):
    """One day of the week: in words, its letter, whether something was done, whether it is today."""

    text: str
    letter: str
    done: bool
    today: bool


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the home page shows. `week`: Monday to Sunday; `kept`: the journal can be written.

    `lead` stands below the greeting in place of the page's own words; "" where those are right.
    """

    greeting: str
    lead: str
    author: str
    source: str
    always: str
    minutes: int
    exercises: tuple[HomeExercise, ...]
    week: tuple[WeekDay, ...]
    week_text: str
    kept: bool
    notices: tuple[str, ...]
    offer: OfferText | None
    plan: PlanText | None
    made_up: bool


def home(routine: Routine, state: JournalState, now: datetime, words: Words, *, made_up: bool = False) -> Home:
    """Return the home page's facts; `made_up`: the journal is one for demonstration."""
    own, days = builtin(), sum(state.week)
    week_text = words("home.week-days-one" if days == 1 else "home.week-days-many", n=days)
    return Home(
        greeting=words[f"home.greeting-{_part_of_day(now.hour)}"],
        # The page's own words speak of the routine that comes with loosen.
        lead="" if (routine.id, routine.title) == (own.id, own.title) else routine.title,
        author=routine.source.author,
        source=routine.source.title,
        always=routine.care.always,
        minutes=minutes(routine),
        exercises=tuple(HomeExercise(it.id, it.title, it.purpose, it.dose, _glance(it)) for it in routine.exercises),
        week=_week(state.week, now.date(), words),
        week_text=week_text if days else words["home.week-none"],
        kept=state.kept,
        notices=state.notices,
        offer=offer_text(state.offer, routine, words),
        plan=None if state.plan is None else plan_text(state.plan, words),
        made_up=made_up,
    )


def _part_of_day(hour: int) -> str:
    return "night" if hour < 5 else "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"


def _week(done: tuple[bool, ...], today: date, words: Words) -> tuple[WeekDay, ...]:
    letters = words["calendar.weekday-letters"].split(", ")
    days = []
    for n in range(7):
        day = today + timedelta(days=n - today.weekday())
        what = "done" if done[n] else "today" if day == today else "off" if day < today else "ahead"
        text = words(f"home.day-{what}", day=weekday_name(day, words))
        days.append(WeekDay(text, letters[n], done[n], day == today))
    return tuple(days)


def in_demo(routine: Routine) -> Routine:
    """Return the routine with the doses of a demo."""
    return with_doses(routine, {it.id: demo_dose(it) for it in routine.exercises})


def with_doses(routine: Routine, doses: Mapping[str, Dose]) -> Routine:
    """Return the routine with these doses, by exercise, in place of its own."""
    exercises = (replace(it, dose=doses.get(it.id, it.dose)) for it in routine.exercises)
    return replace(routine, exercises=tuple(exercises))


def minutes(routine: Routine) -> int:
    """Return about how long the whole routine takes, in minutes."""
    return max(1, round(sum(seconds(exercise) for exercise in routine.exercises) / 60))


def _glance(exercise: Exercise) -> str:
    dose = exercise.dose
    return dose_figures(dose.sets, dose.reps, each=dose.sides == "each").removeprefix("1 × ")
