"""The end points of the page: the home page and the history as JSON, charts as SVG, the report as PDF.

The journal's thread only reads. What takes longer runs on a thread of its own: the event loop may be leading a session.
InputErrors are answered by the server with their sentence.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loosen.errors import InputError
from loosen.page.setup import PageSetup
from loosen.page.views.behind_view import behind_pages
from loosen.page.views.home_view import home, in_demo, with_doses

if TYPE_CHECKING:
    from loosen.journal.outcomes.period import Period
    from loosen.journal.store.journal import Journal

_T = TypeVar("_T")

USUAL_WEEKS = 12
EARLIEST = date(1970, 1, 5)
CHARTS_KEPT = 64


class Api:
    """The end points. Each figure is computed once, and the last charts drawn are kept."""

    def __init__(self, setup: PageSetup) -> None:
        self.setup = setup
        self._figures: dict[str, bytes] = {}
        self._charts: dict[tuple[str, bool, bytes], bytes] = {}
        self._drawing = asyncio.Lock()

    def routes(self) -> list[Route]:
        return [
            Route("/home.json", self.home),
            Route("/words.json", self.words),
            Route("/behind.json", self.behind),
            Route("/sitting.json", self.sitting),
            Route("/figure/{exercise}.json", self.figure),
            Route("/history.json", self.history),
            Route("/history/exercise/{exercise}.svg", self.chart),
            Route("/history/scores.svg", self.chart),
            Route("/history/sitting.svg", self.chart),
            Route("/history/report.pdf", self.report),
            Route("/history/session/{session:int}.json", self.session),
        ]

    async def home(self, _: Request) -> Response:
        setup = self.setup
        state = await setup.journal.state(setup.routine)
        routine = in_demo(setup.routine) if setup.demo else with_doses(setup.routine, state.past.doses)
        return json_response(home(routine, state, setup.journal.now(), setup.words, made_up=setup.made_up))

    async def sitting(self, _: Request) -> Response:
        """Answer with the get-up card; null in a demo, which has none."""
        getup = self.setup.getup
        return json_response(None if getup is None else await getup.view(self.setup.words))

    async def words(self, _: Request) -> Response:
        """Answer with the page's own words."""
        words = self.setup.words
        calendar = words.sections["calendar"]
        return json_response({"language": words.language, "calendar": calendar, **words.sections["page"]})

    async def behind(self, _: Request) -> Response:
        """Answer with the pages on what lies behind the routine."""
        return json_response(behind_pages(self.setup.words))

    async def figure(self, request: Request) -> Response:
        from loosen.body.figure import figure_frames

        exercise = self.setup.exercise(request.path_params["exercise"])
        if exercise.id not in self._figures:
            self._figures[exercise.id] = msgspec.json.encode(await asyncio.to_thread(figure_frames, exercise))
        return Response(self._figures[exercise.id], media_type="application/json")

    async def history(self, request: Request) -> Response:
        """Answer with everything that the screen shows of a period."""
        from loosen.journal.outcomes.choices import dose_changes, read_choices
        from loosen.journal.outcomes.period import first_day
        from loosen.page.views.history_view import history_view

        routine, words, now = self.setup.routine, self.setup.words, self.setup.journal.now()
        period, (changes, choices, begins) = await self._read(
            request, lambda db, it: (dose_changes(db, routine.id), read_choices(db, routine, now, it), first_day(db))
        )
        tell = partial(history_view, period, routine, changes, choices, words, now, begins=begins)
        return json_response(await asyncio.to_thread(tell))

    async def session(self, request: Request) -> Response:
        """Answer with one session whole, for looking at its repetitions."""
        from loosen.page.views.session_view import session_view

        number = request.path_params["session"]
        found = await self.setup.journal.use(lambda journal: journal.session(number))
        return json_response(await asyncio.to_thread(session_view, found, self.setup.routine, self.setup.words))

    async def report(self, request: Request) -> Response:
        """Answer with the report of a period, as PDF."""
        from loosen.journal.outcomes.choices import dose_changes
        from loosen.journal.report.pdf import as_pdf
        from loosen.journal.report.report import period_report

        routine, words, now = self.setup.routine, self.setup.words, self.setup.journal.now()
        period, changes = await self._read(request, lambda db, _: dose_changes(db, routine.id))

        def draw() -> bytes:
            return as_pdf(period_report(period, routine, changes, words, now), words)

        named = f'inline; filename="loosen-{period.first}-{period.last}.pdf"'
        headers = {"content-disposition": named}
        return Response(await asyncio.to_thread(draw), media_type="application/pdf", headers=headers)

    async def chart(self, request: Request) -> Response:
        """Answer with the chart of an exercise, of soreness and stiffness, or of sitting."""
        from loosen.journal.report.panels import DARK, LIGHT
        from loosen.page.views import charts

        others = {"/history/scores.svg": charts.scores_svg, "/history/sitting.svg": charts.sitting_svg}
        draw: Callable[..., bytes] | None = others.get(request.url.path)
        if draw is None:
            draw = partial(charts.exercise_svg, exercise=self.setup.exercise(request.path_params["exercise"]))
        period, _ = await self._read(request, lambda *_: None)
        colours = DARK if request.query_params.get("theme") == "dark" else LIGHT
        # Everything in the period is in the key, so that two that differ never share a chart.
        digest = await asyncio.to_thread(lambda: hashlib.sha256(msgspec.msgpack.encode(period)).digest())
        key = (request.url.path, colours is DARK, digest)
        # Only one chart can be drawn at a time: the others wait here, and hold no thread that a session may need.
        async with self._drawing:
            if key not in self._charts:
                while len(self._charts) >= CHARTS_KEPT:
                    self._charts.pop(next(iter(self._charts)))
                self._charts[key] = await asyncio.to_thread(draw, period, words=self.setup.words, colours=colours)
        return Response(self._charts[key], media_type="image/svg+xml")

    async def _read(self, request: Request, ask: Callable[[Connection, Period], _T]) -> tuple[Period, _T]:
        """Return the period that was asked for, and what `ask` reads for it. Raises InputError."""
        from loosen.journal.outcomes.period import read_period

        first, last = self._asked(request)

        def read(journal: Journal) -> tuple[Period, _T]:
            with journal.using() as db:
                period = read_period(db, first, last)
                return period, ask(db, period)

        return await self.setup.journal.use(read)

    def _asked(self, request: Request) -> tuple[date, date]:
        """Return the first and the last day of the whole weeks that were asked for. Raises InputError."""
        from loosen.journal.outcomes.period import monday_of
        from loosen.page.views.history_view import WEEKS

        today = self.setup.journal.now().date()
        given = request.query_params
        try:
            weeks = int(given.get("weeks", USUAL_WEEKS))
            last = date.fromisoformat(given["until"]) if "until" in given else today
        except ValueError:
            weeks, last = 0, today
        if weeks not in WEEKS or not EARLIEST + timedelta(weeks=weeks) <= last <= today:
            raise InputError(self.setup.words["server.nothing-here"])
        return monday_of(last) - timedelta(weeks=weeks - 1), last


def json_response(value: Any, status: int = 200) -> Response:
    """Return a record as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")
