"""What the home page shows: the routine with its doses, the week, the next step and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import msgspec
from msgspec.structs import replace

from loosen.coach.guidance.session_plan import chosen_exercises
from loosen.journal.outcomes.ways import LeftOut
from loosen.page.journal_thread import JournalState
from loosen.page.views.choices_view import MorningText, OfferText, PlanText, morning_text, offer_text, plan_text
from loosen.routine.care import CareGroups, care_groups
from loosen.routine.doses import demo_dose, seconds
from loosen.routine.model import Dose, Exercise, Routine
from loosen.routine.reader import builtin
from loosen.routine.words import Words
from loosen.text import dose_figures, weekday_name


class WayText(msgspec.Struct, frozen=True):
    """A way to do an exercise: its `variant`, "" as it is; its title and whom it suits."""

    variant: str
    title: str
    offer: str


class HomeExercise(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the home page's list, as the person does it now.

    `figure`: the id that its figure has. `dose_text`: the dose at a glance, "5 + 5" or "2 × 5". `ways`: how it can be
    done, of which `variant` is chosen. `left_out`: "today" or "always", and `left_out_text` says so.
    """

    id: str
    figure: str
    title: str
    purpose: str
    dose: Dose
    dose_text: str
    variant: str
    ways: tuple[WayText, ...]
    left_out: LeftOut
    left_out_text: str


class WeekDay(msgspec.Struct, frozen=True):
    """One day of the week: in words, its letter, whether something was done, whether it is today."""

    text: str
    letter: str
    done: bool
    today: bool


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the home page shows. `week`: Monday to Sunday; `kept`: the journal can be written.

    `lead` stands below the greeting in place of the page's own words; "" where those are right. `hindered`: what the
    back keeps the person from; `asks_hindered`: he has named nothing yet. `care`: the safety note.
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
    morning: MorningText | None
    hindered: str
    asks_hindered: bool
    care: CareGroups
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
        minutes=minutes(replace(routine, exercises=chosen_exercises(routine, state.past))),
        exercises=tuple(_exercise(it, state, words) for it in routine.exercises),
        week=_week(state, now.date(), words),
        week_text=week_text if days else words["home.week-none"],
        kept=state.kept,
        notices=state.notices,
        offer=offer_text(state.offer, routine, words),
        plan=None if state.plan is None else plan_text(state.plan, words),
        morning=morning_text(state.morning, now.date(), words),
        hindered=state.past.hindered,
        asks_hindered=not state.past.hindered and bool(state.past.heard),
        care=care_groups(routine.care, words),
        made_up=made_up,
    )


def _exercise(exercise: Exercise, state: JournalState, words: Words) -> HomeExercise:
    """Return an exercise as the person does it."""
    way = state.ways.get(exercise.id)
    variant = way.variant if way else ""
    done = exercise.varied(variant) if variant else exercise
    left_out: LeftOut = (
        "" if exercise.id not in state.past.left_out else "always" if way and way.left_out == "always" else "today"
    )
    return HomeExercise(
        id=exercise.id,
        figure=done.id,
        title=done.title,
        purpose=exercise.purpose,
        dose=done.dose,
        dose_text=_glance(done),
        variant=variant,
        ways=(
            WayText("", exercise.title, words["home.way-usual"]),
            *(WayText(it.id, it.title, it.offer) for it in exercise.variants),
        ),
        left_out=left_out,
        left_out_text=words[f"home.left-out-{left_out}"] if left_out else "",
    )


def _part_of_day(hour: int) -> str:
    return "night" if hour < 5 else "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"


def _week(state: JournalState, today: date, words: Words) -> tuple[WeekDay, ...]:
    letters = words["calendar.weekday-letters"].split(", ")
    days = []
    for n in range(7):
        day = today + timedelta(days=n - today.weekday())
        done, begun = state.week[n], state.begun is not None and state.begun <= day
        past = "off" if begun else "unbegun"
        what = "done" if done else "today" if day == today else past if day < today else "ahead"
        text = words(f"home.day-{what}", day=weekday_name(day, words))
        days.append(WeekDay(text, letters[n], done, day == today))
    return tuple(days)


def in_demo(routine: Routine) -> Routine:
    """Return the routine with the doses of a demo."""
    return with_doses(routine, {it.id: demo_dose(it) for it in routine.all_exercises()})


def with_doses(routine: Routine, doses: Mapping[str, Dose]) -> Routine:
    """Return the routine with these doses, by exercise or variant, in place of its own."""

    def given(exercise: Exercise) -> Exercise:
        variants = (replace(it, dose=doses.get(f"{exercise.id}.{it.id}", it.dose)) for it in exercise.variants)
        return replace(exercise, dose=doses.get(exercise.id, exercise.dose), variants=tuple(variants))

    return replace(routine, exercises=tuple(map(given, routine.exercises)))


def minutes(routine: Routine) -> int:
    """Return about how long the whole routine takes, in minutes; 0 if there is nothing to do."""
    total_s = sum(seconds(exercise) for exercise in routine.exercises)
    return max(1, round(total_s / 60)) if total_s else 0


def _glance(exercise: Exercise) -> str:
    dose = exercise.dose
    return dose_figures(dose.sets, dose.reps, each=dose.sides == "each").removeprefix("1 × ")
