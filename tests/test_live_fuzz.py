"""Whatever is sent over the live socket, the server neither ends nor does anything that was not asked for."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_support import PageServer, a_jpeg, serve_page
from websockets.exceptions import ConnectionClosed

from loosen.errors import MessageError
from loosen.page.live.messages import (
    MAX_PICTURE_BYTES,
    Command,
    DrawnLandmarks,
    QuestionAnswer,
    Start,
    Trouble,
    read_picture,
    read_text,
    to_page,
)
from loosen.page.live.picture_clock import PictureClock

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NEARLY = st.fixed_dictionaries(
    {"type": st.sampled_from(["start", "command", "answer", "trouble", "stage", "", "START"])},
    optional={
        "camera": JSON,
        "name": st.sampled_from(["pause", "hurts", "format"]) | JSON,
        "question": st.sampled_from(["sore", "../x", ""]) | JSON,
        "value": JSON,
        "what": st.sampled_from(["camera-lost", "slow", "fire"]) | JSON,
        "more": JSON,
    },
)
ANSWERS = st.fixed_dictionaries(
    {"type": st.just("answer"), "question": st.just("soreness-before"), "value": st.none() | st.integers(-2, 101)}
)
TEXTS = ANSWERS.map(json.dumps) | st.text(max_size=200) | JSON.map(json.dumps) | NEARLY.map(json.dumps)
JPEG = a_jpeg()


@st.composite
def damaged_jpegs(draw: st.DrawFn) -> bytes:
    """A JPEG cut off somewhere, with some bytes changed."""
    data = bytearray(JPEG[: draw(st.integers(0, len(JPEG)))])
    for _ in range(draw(st.integers(0, 6))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


TIMES = st.floats(width=64) | st.floats(0, 1e6)
PICTURES = st.binary(max_size=300) | st.builds(
    lambda t_ms, jpeg: struct.pack("<d", t_ms) + jpeg, TIMES, damaged_jpegs()
)


@given(TEXTS)
def test_a_text_is_a_message_or_refused_and_nothing_between(text: str) -> None:
    try:
        message = read_text(text)
    except MessageError:
        return
    assert isinstance(message, Start | Command | QuestionAnswer | Trouble)
    assert msgspec.convert(msgspec.to_builtins(message), type(message)) == message
    if isinstance(message, QuestionAnswer):
        assert message.value is None or isinstance(message.value, str) or 0 <= message.value <= 10


@given(PICTURES)
def test_a_picture_has_a_usable_time_and_begins_as_a_jpeg_or_is_refused(data: bytes) -> None:
    try:
        picture = read_picture(data)
    except MessageError:
        return
    assert math.isfinite(picture.t_ms)
    assert picture.t_ms >= 0
    assert struct.pack("<d", picture.t_ms) + picture.jpeg == data


def test_the_longest_picture_is_read_and_one_byte_more_is_not() -> None:
    data = struct.pack("<d", 1.0) + b"\xff\xd8\xff"
    longest = data + bytes(MAX_PICTURE_BYTES - len(data))
    assert len(read_picture(longest).jpeg) == MAX_PICTURE_BYTES - 8
    with pytest.raises(MessageError):
        read_picture(longest + b"\x00")


@given(st.lists(st.tuples(st.floats(0, 1e7), st.floats(0, 0.5)), max_size=60))
def test_times_of_pictures_only_go_up_and_never_ahead_of_their_arrival(pictures: list[tuple[float, float]]) -> None:
    clock, arrived_s, last_s = PictureClock(), 10.0, -math.inf
    for t_ms, wait_s in pictures:
        arrived_s += wait_s
        try:
            taken_s = clock.time_of(t_ms, arrived_s)
        except MessageError:
            continue
        assert last_s < taken_s <= arrived_s + PictureClock.ahead_s
        assert taken_s >= arrived_s - PictureClock.stale_s or taken_s == pytest.approx(last_s + 0.001)
        last_s = taken_s


@given(st.lists(st.tuples(st.floats(), st.floats(), st.floats()), max_size=33), st.floats())
def test_every_answer_is_strict_json(points: list[tuple[float, float, float]], t_ms: float) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    json.loads(to_page(DrawnLandmarks(t_ms, list(points))), parse_constant=refuse)


@pytest.fixture(scope="module")
def served() -> Iterator[PageServer]:
    with serve_page() as served:
        yield served


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS | PICTURES, max_size=30))
def test_a_connection_outlives_whatever_is_sent_or_is_closed_in_order(
    served: PageServer, messages: list[str | bytes]
) -> None:
    with served.page() as page:
        page.wait("hello")
        try:
            for message in messages:
                page.socket.send(message)
            # Fewer than 40 faults do not end a connection: it still begins a session and looks at a picture.
            begun = len(served.sessions)
            page.send(type="start", camera=True)
            page.wait("stage")
            page.picture(2e9)
            assert page.wait("points", t_ms=2e9)["points"] is not None
            assert len(served.sessions) > begun
        except ConnectionClosed as closed:
            raise AssertionError(f"closed with {closed.rcvd}") from closed
    assert served.get("/home.json").status_code == 200
