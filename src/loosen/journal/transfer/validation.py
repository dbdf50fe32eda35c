"""What an imported file must be beyond its types: each check raises ImpossibleRecord, with part of a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from loosen.body.signal_catalogue import UNITS
from loosen.coach.counting.rep import Measure, Rep
from loosen.errors import ImpossibleRecord
from loosen.journal.store.records import DoseChange, Plan, SessionRecord, Sit
from loosen.journal.transfer.exporter import JournalFile

SETTING_AT_MOST, SETTINGS_AT_MOST, SETTING_DEPTH = 200_000, 2_000_000, 10
"""Bytes of one setting and of all, and levels of nesting; what is learnt of a movement takes some 10 kB."""
SETTINGS_MOST = 1000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No computer that runs loosen is older; one whose clock has stopped says 1970."""
AHEAD = timedelta(days=1)
"""How far the clock of another computer may be ahead of this one's."""
SLACK_S = 86_400.0
"""By how much the parts of a session, or a sit, may be longer than its times say: a clock may be set right."""
LONGEST_S = 86_400.0
"""The longest time that is measured within a repetition."""
RATING_MOST, SET_MOST, COUNT_MOST, CLOCK_S = 10, 1000, 20_000, (-60.0, 1e8)
"""The upper ends of a rating, a set number and an event's count; and the session's clock: it starts with the page."""

_BODY = {text: 720.0 if unit == "deg" else 100.0 for unit, text in UNITS.items()}
_ANY_UNIT = 1e6
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

Record = SessionRecord | Sit | DoseChange | Plan


def check_file(file: JournalFile, now: datetime) -> None:
    """Check an export whose types are right; `now` knows its offset from UTC."""
    seen: set[str] = set()
    for kind in ("sessions", "sits", "doses", "plans"):
        for index, row in enumerate(getattr(file, kind)):
            check_record(row, f"$.{kind}[{index}]", now)
            for part in (row, *(row.prompts if isinstance(row, Sit) else ())):
                if part.uuid in seen:
                    raise ImpossibleRecord(f"the uuid {part.uuid} is used twice, the second time in $.{kind}[{index}]")
                seen.add(part.uuid)
    check_settings({key: bytes(raw) for key, raw in file.settings.items()})
    _check_characters(file.made_by)


def check_record(row: Record, at: str, now: datetime) -> None:
    """Check a row; what is wrong is told in a sentence that names it by its time and by `at`, its place."""
    try:
        _check_times(row, now)
        _check_characters(row)
        if isinstance(row, SessionRecord):
            _check_session(row)
        elif isinstance(row, Sit):
            _check_sit(row)
    except ImpossibleRecord as why:
        raise ImpossibleRecord(f"the {_KINDS[type(row)]} of {_time_of(row)} ({at}) {why}") from None


def check_settings(settings: dict[str, bytes]) -> dict[str, Any]:
    """Return settings that are still written as JSON, decoded."""
    if len(settings) > SETTINGS_MOST or sum(map(len, settings.values())) > SETTINGS_AT_MOST:
        raise ImpossibleRecord("its settings are too large")
    decoded = {}
    for key, raw in settings.items():
        # Undecoded until it is known to be small: a list of empty lists takes thirty times its own size.
        if len(raw) > SETTING_AT_MOST:
            raise ImpossibleRecord(f"the setting {key[:40]!r} is too large")
        decoded[key] = value = msgspec.json.decode(raw)
        if _deeper_than(SETTING_DEPTH, value) or any(_CONTROL.search(text) for text in (key, *_texts(value))):
            raise ImpossibleRecord(f"the setting {key[:40]!r} is nested too deeply, or holds a control character")
    return decoded


_KINDS: dict[type[Record], str] = {SessionRecord: "session", Sit: "sit", DoseChange: "dose", Plan: "plan"}


def _time_of(row: Record) -> str:
    return row.at_utc if isinstance(row, DoseChange | Plan) else row.started_utc


def _check_times(row: Record, now: datetime) -> None:
    times: list[str | None] = [_time_of(row)]
    if isinstance(row, SessionRecord):
        times.append(row.ended_utc)
    elif isinstance(row, Sit):
        times += [row.last_utc, *(it for prompt in row.prompts for it in (prompt.at_utc, prompt.outcome_utc))]
    try:
        day = date.fromisoformat(row.local_date)
        moments = [datetime.fromisoformat(time) for time in times if time is not None]
    except ValueError as error:
        raise ImpossibleRecord(f"has a time that is none ({error})") from None
    if max(moments) > now + AHEAD:
        raise ImpossibleRecord(f"lies in the future (it is {now:%Y-%m-%d} here: is the clock right?)")
    if min(moments) < EARLIEST:
        raise ImpossibleRecord(f"lies before the year {EARLIEST.year}")
    if (moments[0] + timedelta(minutes=row.utc_offset_min)).date() != day:
        raise ImpossibleRecord(f"has the local_date {day}, which its start and offset contradict")


def _check_session(session: SessionRecord) -> None:
    seconds = math.inf if session.ended_utc is None else _seconds(session.started_utc, session.ended_utc)
    if seconds < 0:
        raise ImpossibleRecord(f"ended before it began (at {session.ended_utc})")
    for rep in session.reps:
        if (why := _wrong_rep(rep)) is not None:
            raise ImpossibleRecord(f"has {why} in a repetition of {rep.exercise[:40]!r}")
    for answer in session.answers:
        if answer.value is not None and not 0 <= answer.value <= RATING_MOST:
            raise ImpossibleRecord(
                f"has the answer {answer.value} to {answer.question[:40]!r}: expected 0 to {RATING_MOST}"
            )
    for event in session.events:
        most = RATING_MOST if event.what == "hurt-score" else COUNT_MOST
        if event.value is not None and not 0 <= event.value <= most:
            raise ImpossibleRecord(f"has the value {event.value} in the event {event.what[:40]!r}")
    times = [answer.t_s for answer in session.answers] + [event.t_s for event in session.events]
    times += [t_s for rep in session.reps for t_s in (rep.start_s, rep.end_s)]
    first, last = min(times, default=0.0), max(times, default=0.0)
    if not CLOCK_S[0] <= first <= last <= CLOCK_S[1]:
        raise ImpossibleRecord(f"has a time that its clock cannot have shown ({first:g} s to {last:g} s)")
    if last - first > seconds + SLACK_S:
        raise ImpossibleRecord(
            f"has repetitions or events outside its time: they take {last - first:.0f} s, it took {seconds:.0f} s"
        )


def _wrong_rep(rep: Rep) -> str | None:
    """Return what is wrong with a repetition, as a noun."""
    if not rep.start_s <= rep.peak_s <= rep.end_s:
        return f"times out of order ({rep.start_s:g} s, {rep.peak_s:g} s, {rep.end_s:g} s)"
    if rep.set_number > SET_MOST:
        return f"the set number {rep.set_number}"
    for name, measure in rep.measures.items():
        if not _is_possible(measure):
            return f"a {name[:40]} of {measure.value:g} +- {measure.plus_minus:g} {measure.unit[:40]}"
    if (signal := rep.signal) is not None:
        if len(signal.t_ms) != len(signal.thousandths):
            return "a signal with more times than values, or fewer"
        most = 1000 * _BODY.get(signal.unit, _ANY_UNIT)
        if any(value is not None and abs(value) > most for value in (*signal.thousandths, 1000 * signal.target)):
            return "a signal beyond what a body can do"
    return None


def _is_possible(measure: Measure) -> bool:
    high = LONGEST_S if measure.unit == "s" else _BODY.get(measure.unit, _ANY_UNIT)
    low = 0.0 if measure.unit == "s" else -high
    return low <= measure.value <= high and 0 <= measure.plus_minus <= high


def _check_sit(sit: Sit) -> None:
    seconds = _seconds(sit.started_utc, sit.last_utc)
    if seconds < -SLACK_S:
        raise ImpossibleRecord(f"ended before it began (at {sit.last_utc})")
    if not 0 <= sit.seconds <= seconds + SLACK_S:
        raise ImpossibleRecord(f"lasted {sit.seconds:.0f} s, which its times contradict")
    for prompt in sit.prompts:
        after_s = _seconds(sit.started_utc, prompt.at_utc)
        if not (0 <= prompt.sat_s <= sit.seconds + SLACK_S and -SLACK_S <= after_s <= seconds + SLACK_S):
            raise ImpossibleRecord(f"has a prompt outside its time (at {prompt.at_utc})")


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def _check_characters(value: Any) -> None:
    # JSON holds control characters only as escapes, so the decoded texts are searched.
    for text in _texts(value):
        if _CONTROL.search(text):
            raise ImpossibleRecord(f"holds a control character: {text[:40]!r}")


def _deeper_than(depth: int, value: Any) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_deeper_than(depth - 1, it) for it in inner)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        return
    inner: Iterable[Any] = ()
    if isinstance(value, msgspec.Struct):
        inner = (getattr(value, name) for name in value.__struct_fields__ if name not in ("t_ms", "thousandths"))
    elif isinstance(value, dict):
        inner = (*value, *value.values())
    elif isinstance(value, list | tuple):
        inner = value
    for it in inner:
        yield from _texts(it)
