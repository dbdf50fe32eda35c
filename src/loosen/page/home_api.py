"""The end points of the home page as JSON: its facts, the get-up card, the words and the figures."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loosen.page.setup import PageSetup
from loosen.page.views.home_view import home, in_demo, with_doses


class HomeApi:
    """The end points. Each figure is computed once, on a thread."""

    def __init__(self, setup: PageSetup) -> None:
        self.setup = setup
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
        setup = self.setup
        past = await setup.journal.past(setup.routine)
        routine = in_demo(setup.routine) if setup.demo else with_doses(setup.routine, past.doses)
        view = home(routine, past, setup.journal.now(), setup.words, made_up=setup.made_up)
        return _json(view)

    async def sitting(self, _: Request) -> Response:
        """Answer with the get-up card; null in a demo, which has none."""
        getup = self.setup.getup
        return _json(None if getup is None else await getup.view(self.setup.words))

    async def words(self, _: Request) -> Response:
        """Answer with the page's own words."""
        words = self.setup.words
        calendar = words.sections["calendar"]
        return _json({"language": words.language, "calendar": calendar, **words.sections["page"]})

    async def figure(self, request: Request) -> Response:
        """Answer with an exercise's figure, or 404."""
        from loosen.body.figure import figure_frames

        wanted = request.path_params["exercise"]
        if wanted not in self._figures:
            try:
                exercise = self.setup.routine.exercise(wanted)
            except KeyError:
                return _json({"error": self.setup.words["server.no-exercise"]}, 404)
            figure = await asyncio.to_thread(figure_frames, exercise)
            self._figures[wanted] = msgspec.json.encode(figure)
        return Response(self._figures[wanted], media_type="application/json")


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
