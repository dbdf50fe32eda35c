"""What the history screen shows, as JSON and pictures: a period, a session, a repetition. All of it only read.

The journal's thread only reads, and the loop, which may be leading a session, only passes on: what takes longer is
done on threads of its own.
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
    from loosen.journal.report.charts import Theme
    from loosen.journal.store.journal import Journal

_T = TypeVar("_T")

WEEKS = (4, 12, 26, 52)
"""The lengths of a period that the page offers."""
USUAL_WEEKS = 12
EARLIEST = date(1970, 1, 5)
CHARTS_KEPT = 64


class History:
    """The end points. Charts are drawn on a thread, and the last ones kept."""

    def __init__(self, setup: PageSetup) -> None:
        self.setup = setup
        self._charts: dict[tuple[Any, ...], bytes] = {}

    def routes(self) -> list[Route]:
        """Return the end points as routes."""
        return [
            Route("/history.json", self._answering(self.period)),
            Route("/history/exercise/{exercise}.svg", self._answering(self.exercise_chart)),
            Route("/history/scores.svg", self._answering(self.scores_chart)),
            Route("/history/sitting.svg", self._answering(self.sitting_chart)),
            Route("/history/report.pdf", self._answering(self.report)),
            Route("/history/session/{session:int}.json", self._answering(self.session)),
            Route("/history/session/{session:int}/{rep:int}.svg", self._answering(self.rep_chart)),
        ]

    async def period(self, request: Request) -> Response:
        """Answer with everything that the screen shows of a period."""
        from loosen.journal.outcomes.choices import chosen, dose_changes
        from loosen.journal.outcomes.history_view import history_of
        from loosen.journal.outcomes.period import first_day

        weeks, last = self._asked(request)
        setup, now = self.setup, self.setup.journal.now()

        def read(journal: Journal) -> tuple[Any, ...]:
            with journal.using() as db:
                choices = chosen(db, setup.routine, setup.words, now)
                changes = dose_changes(db, setup.routine.id)
                return self._read(db, weeks, last), changes, choices, first_day(db)

        def tell(period: Period, changes: Any, choices: Any, begins: date | None) -> Response:
            plan, words = choices.plan, setup.words
            told = history_of(period, setup.routine, changes, choices.offer, plan, words, now, begins=begins)
            return _json(told)

        return await asyncio.to_thread(tell, *await self._with_journal(read))

    async def session(self, request: Request) -> Response:
        """Answer with one session whole, for looking at its repetitions."""
        from loosen.journal.outcomes.session_view import session_of

        number = request.path_params["session"]
        detail = await self._with_journal(lambda journal: journal.session(number))
        told = await asyncio.to_thread(session_of, detail, self.setup.routine, self.setup.words)
        return _json(told)

    async def exercise_chart(self, request: Request) -> Response:
        """Answer with the chart of one exercise."""
        from loosen.journal.report import charts

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
        from loosen.journal.report import charts

        words = self.setup.words
        return await self._chart(request, "scores", lambda it, theme: charts.scores_svg(it, words, theme))

    async def sitting_chart(self, request: Request) -> Response:
        """Answer with the chart of sitting."""
        from loosen.journal.report import charts

        words = self.setup.words
        return await self._chart(request, "sitting", lambda it, theme: charts.sitting_svg(it, words, theme))

    async def rep_chart(self, request: Request) -> Response:
        """Answer with the signal of one repetition."""
        from loosen.journal.report import charts

        number, index = request.path_params["session"], request.path_params["rep"]
        detail = await self._with_journal(lambda journal: journal.session(number))
        rep = detail.reps[index] if index < len(detail.reps) else None
        if rep is None or rep.signal is None:
            return _json({"error": self.setup.words["server.nothing-here"]}, 404)
        known = {it.id: it.seen.full.never_urge_past for it in self.setup.routine.exercises}
        seconds, full_to = rep.end_s - rep.start_s, known.get(rep.exercise)
        theme = _theme(request)
        drawn = await asyncio.to_thread(charts.rep_svg, rep.signal, seconds, full_to, self.setup.words, theme)
        return _picture(drawn)

    async def report(self, request: Request) -> Response:
        """Answer with the report of a period, as PDF."""
        from loosen.journal.outcomes.choices import dose_changes
        from loosen.journal.report.report import as_bytes, report_of

        weeks, last = self._asked(request)
        setup = self.setup

        def read(journal: Journal) -> tuple[Any, Any]:
            with journal.using() as db:
                return self._read(db, weeks, last), dose_changes(db, setup.routine.id)

        def draw(period: Period, changes: Any) -> bytes:
            report = report_of(period, setup.routine, changes, setup.words, setup.journal.now())
            return as_bytes(report, ".pdf", setup.words)

        period, changes = await self._with_journal(read)
        drawn = await asyncio.to_thread(draw, period, changes)
        named = f'inline; filename="loosen-{period.first}-{period.last}.pdf"'
        return Response(drawn, media_type="application/pdf", headers={"content-disposition": named})

    async def _chart(self, request: Request, name: str, draw: Callable[[Period, Theme], bytes]) -> Response:
        weeks, last = self._asked(request)

        def read(journal: Journal) -> Period:
            with journal.using() as db:
                return self._read(db, weeks, last)

        period, theme = await self._with_journal(read), _theme(request)
        key = (name, theme, await asyncio.to_thread(_digest, period))
        if key not in self._charts:
            while len(self._charts) >= CHARTS_KEPT:
                self._charts.pop(next(iter(self._charts)))
            self._charts[key] = await asyncio.to_thread(draw, period, theme)
        return _picture(self._charts[key])

    def _read(self, db: Any, weeks: int, last: date) -> Period:
        from loosen.journal.outcomes.period import monday_of, read_period

        return read_period(db, monday_of(last) - timedelta(weeks=weeks - 1), last)

    def _asked(self, request: Request) -> tuple[int, date]:
        """Return the weeks and the last day that were asked for; InputError if they are none."""
        today = self.setup.journal.now().date()
        given = request.query_params
        try:
            weeks = int(given.get("weeks", USUAL_WEEKS))
            last = date.fromisoformat(given["until"]) if "until" in given else today
        except ValueError:
            raise InputError(self.setup.words["server.nothing-here"]) from None
        if weeks not in WEEKS or not EARLIEST + timedelta(weeks=weeks) <= last <= today:
            raise InputError(self.setup.words["server.nothing-here"])
        return weeks, last

    async def _with_journal(self, read: Callable[[Journal], _T]) -> _T:
        return await asyncio.wrap_future(self.setup.journal.submit(read))

    def _answering(self, serve: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """Turn what cannot be used, or read, into one sentence."""

        async def answer(request: Request) -> Response:
            try:
                response: Response = await serve(request)
                return response
            except JournalError as error:
                return _json({"error": str(error)}, 404)
            except InputError as error:
                return _json({"error": str(error)}, 404)

        return answer


def _digest(period: Period) -> bytes:
    """Name a period by everything that is in it: two that differ never share a chart."""
    return hashlib.sha256(msgspec.msgpack.encode(period)).digest()


def _theme(request: Request) -> Theme:
    return "dark" if request.query_params.get("theme") == "dark" else "light"


def _picture(drawn: bytes) -> Response:
    return Response(drawn, media_type="image/svg+xml")


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
