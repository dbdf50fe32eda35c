"""The end points of the history screen: a period and a session as JSON, charts as SVG, the report as PDF.

The journal's thread only reads. What takes longer runs on a thread of its own: the event loop may be leading a session.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loosen.errors import InputError, JournalError
from loosen.page.setup import PageSetup

if TYPE_CHECKING:
    from loosen.journal.outcomes.period import Period
    from loosen.journal.store.journal import Journal
    from loosen.page.views.charts import Theme

_T = TypeVar("_T")

USUAL_WEEKS = 12
EARLIEST = date(1970, 1, 5)
CHARTS_KEPT = 64


class HistoryApi:
    """The end points. The last charts drawn are kept."""

    def __init__(self, setup: PageSetup) -> None:
        self.setup = setup
        self._charts: dict[tuple[Any, ...], bytes] = {}
        self._drawing = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Return the end points as routes."""
        return [
            Route("/history.json", self._answering(self.period)),
            Route("/history/exercise/{exercise}.svg", self._answering(self.exercise_chart)),
            Route("/history/scores.svg", self._answering(self.scores_chart)),
            Route("/history/sitting.svg", self._answering(self.sitting_chart)),
            Route("/history/report.pdf", self._answering(self.report)),
            Route("/history/session/{session:int}.json", self._answering(self.session)),
        ]

    async def period(self, request: Request) -> Response:
        """Answer with everything that the screen shows of a period."""
        from loosen.journal.outcomes.choices import dose_changes, read_choices
        from loosen.journal.outcomes.period import first_day, read_period
        from loosen.page.views.history_view import history_view

        first, last = self._asked(request)
        setup, now = self.setup, self.setup.journal.now()

        def read(journal: Journal) -> tuple[Any, ...]:
            with journal.using() as db:
                period = read_period(db, first, last)
                choices = read_choices(db, setup.routine, now, period)
                return period, dose_changes(db, setup.routine.id), choices, first_day(db)

        def tell(period: Period, changes: Any, choices: Any, begins: date | None) -> Response:
            words = setup.words
            return _json(history_view(period, setup.routine, changes, choices, words, now, begins=begins))

        return await asyncio.to_thread(tell, *await self._with_journal(read))

    async def session(self, request: Request) -> Response:
        """Answer with one session whole, for looking at its repetitions."""
        from loosen.page.views.session_view import session_view

        setup, number = self.setup, request.path_params["session"]
        detail = await self._with_journal(lambda journal: journal.session(number))
        return await asyncio.to_thread(lambda: _json(session_view(detail, setup.routine, setup.words)))

    async def exercise_chart(self, request: Request) -> Response:
        """Answer with the chart of one exercise."""
        from loosen.page.views import charts

        try:
            exercise = self.setup.routine.exercise(request.path_params["exercise"])
        except KeyError:
            raise InputError(self.setup.words["server.no-exercise"]) from None
        words = self.setup.words
        return await self._chart(
            request, exercise.id, lambda period, theme: charts.exercise_svg(period, exercise, words, theme)
        )

    async def scores_chart(self, request: Request) -> Response:
        """Answer with the chart of soreness and stiffness."""
        from loosen.page.views import charts

        words = self.setup.words
        return await self._chart(request, "scores", lambda it, theme: charts.scores_svg(it, words, theme))

    async def sitting_chart(self, request: Request) -> Response:
        """Answer with the chart of sitting."""
        from loosen.page.views import charts

        words = self.setup.words
        return await self._chart(request, "sitting", lambda it, theme: charts.sitting_svg(it, words, theme))

    async def report(self, request: Request) -> Response:
        """Answer with the report of a period, as PDF."""
        from loosen.journal.outcomes.choices import dose_changes
        from loosen.journal.outcomes.period import read_period
        from loosen.journal.report.report import period_report
        from loosen.journal.report.writer import report_bytes

        first, last = self._asked(request)
        setup = self.setup

        def read(journal: Journal) -> tuple[Any, Any]:
            with journal.using() as db:
                return read_period(db, first, last), dose_changes(db, setup.routine.id)

        def draw(period: Period, changes: Any) -> bytes:
            report = period_report(period, setup.routine, changes, setup.words, setup.journal.now())
            return report_bytes(report, ".pdf", setup.words)

        period, changes = await self._with_journal(read)
        drawn = await asyncio.to_thread(draw, period, changes)
        named = f'inline; filename="loosen-{period.first}-{period.last}.pdf"'
        return Response(drawn, media_type="application/pdf", headers={"content-disposition": named})

    async def _chart(self, request: Request, name: str, draw: Callable[[Period, Theme], bytes]) -> Response:
        from loosen.journal.outcomes.period import read_period

        first, last = self._asked(request)

        def read(journal: Journal) -> Period:
            with journal.using() as db:
                return read_period(db, first, last)

        period, theme = await self._with_journal(read), _theme(request)
        key = (name, theme, await asyncio.to_thread(_digest, period))
        # Only one chart can be drawn at a time: the others wait here, and hold no thread that a session may need.
        async with self._drawing:
            if key not in self._charts:
                while len(self._charts) >= CHARTS_KEPT:
                    self._charts.pop(next(iter(self._charts)))
                self._charts[key] = await asyncio.to_thread(draw, period, theme)
        return _picture(self._charts[key])

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
            raise InputError(self.setup.words["server.nothing-here"]) from None
        if weeks not in WEEKS or not EARLIEST + timedelta(weeks=weeks) <= last <= today:
            raise InputError(self.setup.words["server.nothing-here"])
        return monday_of(last) - timedelta(weeks=weeks - 1), last

    async def _with_journal(self, read: Callable[[Journal], _T]) -> _T:
        return await asyncio.wrap_future(self.setup.journal.submit(read))

    def _answering(self, serve: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """Answer with one sentence where the request cannot be used or the journal cannot be read."""

        async def answer(request: Request) -> Response:
            try:
                response: Response = await serve(request)
                return response
            except (JournalError, InputError) as error:
                return _json({"error": str(error)}, 404)

        return answer


def _digest(period: Period) -> bytes:
    """Return a hash of everything in a period, so that two that differ never share a chart."""
    return hashlib.sha256(msgspec.msgpack.encode(period)).digest()


def _theme(request: Request) -> Theme:
    return "dark" if request.query_params.get("theme") == "dark" else "light"


def _picture(drawn: bytes) -> Response:
    return Response(drawn, media_type="image/svg+xml")


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
