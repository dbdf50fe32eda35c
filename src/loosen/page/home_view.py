"""What the page shows before and beside a session, as JSON: the home facts, the words, the figures."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loosen.journal.outcomes.history_view import OfferText, PlanText
from loosen.page.journal_thread import Past
from loosen.page.parts import Parts
from loosen.routine.duration import seconds
from loosen.routine.model import Dose, Routine
from loosen.routine.reader import builtin

PAGE_SECTION = "page"


class HomeExercise(msgspec.Struct, frozen=True):
    """One line of the home page's list."""

    id: str
    title: str
    purpose: str
    dose: Dose


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the home page shows. `week`: Monday to Sunday; `kept`: the journal can be written.

    `lead` heads the page in place of its own words, "" where those are right.
    """

    lead: str
    author: str
    source: str
    always: str
    minutes: int
    exercises: tuple[HomeExercise, ...]
    week: tuple[bool, ...]
    kept: bool
    notices: tuple[str, ...]
    offer: OfferText | None
    plan: PlanText | None
    made_up: bool


def home(routine: Routine, past: Past, *, made_up: bool = False) -> Home:
    """Return the home page's facts; `made_up`: the journal is one for demonstration."""
    own = builtin()
    return Home(
        # The page's own words speak of the routine that comes with loosen.
        lead="" if (routine.id, routine.title) == (own.id, own.title) else routine.title,
        author=routine.source.author,
        source=routine.source.title,
        always=routine.care.always,
        minutes=minutes(routine),
        exercises=tuple(
            HomeExercise(id=exercise.id, title=exercise.title, purpose=exercise.purpose, dose=exercise.dose)
            for exercise in routine.exercises
        ),
        week=past.week,
        kept=past.kept,
        notices=past.notices,
        offer=past.offer,
        plan=past.plan,
        made_up=made_up,
    )


def in_demo(routine: Routine) -> Routine:
    """Return the routine with the doses of a demo."""
    # Brings numerics along, which nobody needs before the page has opened.
    from loosen.coach.guidance.demo_body import demo_dose

    return msgspec.structs.replace(
        routine,
        exercises=tuple(msgspec.structs.replace(e, dose=demo_dose(e)) for e in routine.exercises),
    )


def with_doses(routine: Routine, doses: Mapping[str, Dose]) -> Routine:
    """Return the routine with the person's own doses."""
    return msgspec.structs.replace(
        routine,
        exercises=tuple(
            msgspec.structs.replace(it, dose=doses[it.id]) if it.id in doses else it
            for it in routine.exercises
        ),
    )


def minutes(routine: Routine) -> int:
    """Return about how long the whole routine takes, in minutes."""
    return max(1, round(sum(seconds(exercise) for exercise in routine.exercises) / 60))


class Facts:
    """The end points. Figures are worked out once each, on a thread."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._figures: dict[str, bytes] = {}

    def routes(self) -> list[Route]:
        """Return the end points as routes."""
        return [
            Route("/home.json", self.home),
            Route("/words.json", self.words),
            Route("/sitting.json", self.sitting),
            Route("/figure/{exercise}.json", self.figure),
        ]

    async def home(self, _: Request) -> Response:
        """Answer with the home facts."""
        parts = self.parts
        past = await parts.keeper.past(parts.routine, parts.words)
        routine = in_demo(parts.routine) if parts.demo else with_doses(parts.routine, past.doses)
        return _json(home(routine, past, made_up=parts.made_up))

    async def sitting(self, _: Request) -> Response:
        """Answer with how things stand with sitting; null where nothing is known of it."""
        sitting = self.parts.sitting
        return _json(None if sitting is None else await sitting.facts())

    async def words(self, _: Request) -> Response:
        """Answer with the page's own words."""
        words = self.parts.words
        calendar = words.sections["calendar"]
        return _json(
            {"language": words.language, "calendar": calendar, **words.sections.get(PAGE_SECTION, {})}
        )

    async def figure(self, request: Request) -> Response:
        """Answer with an exercise's figure, or 404."""
        wanted = request.path_params["exercise"]
        if wanted not in self._figures:
            try:
                exercise = self.parts.routine.exercise(wanted)
            except KeyError:
                return _json({"error": self.parts.words["server.no-exercise"]}, 404)
            figure = await asyncio.to_thread(self.parts.figure, exercise)
            self._figures[wanted] = msgspec.json.encode(figure)
        return Response(self._figures[wanted], media_type="application/json")


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
