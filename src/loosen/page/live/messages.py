"""The messages of the live socket: what the page sends, checked when it is read, and what the server sends."""

from __future__ import annotations

import math
import struct
from typing import Annotated, Literal

import msgspec

from loosen.coach.guidance.stage import Ended, Say, Stage
from loosen.errors import MessageError

MAX_TEXT_BYTES = 4096
MAX_PICTURE_BYTES = 2 * 1024 * 1024
MAX_SOCKET_BYTES = 4 * 1024 * 1024
"""The socket itself refuses longer frames, before they are in memory."""

_TIME = struct.Struct("<d")
_JPEG_STARTS = b"\xff\xd8\xff"
_DAYS_30_MS = 30 * 86_400_000.0

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.-]{0,39}$")]


class _FromPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Unknown keys are refused."""


class Start(_FromPage, frozen=True, tag="start"):
    """Begin a session, with or without the camera, of one movement or the whole routine; one under way is stopped.

    While another page leads a session nothing begins, unless `take_over` says that it is to end there.
    """

    camera: bool
    movement: Name | None = None
    take_over: bool = False


class Command(_FromPage, frozen=True, tag="command"):
    """A key or button."""

    name: Literal["continue", "pause", "resume", "skip", "back", "hurts", "finish", "yes", "no", "read"]


class QuestionAnswer(_FromPage, frozen=True, tag="answer"):
    """The answer to a question: 0..10, or the id of one of its options; None is "rather not say"."""

    question: Name
    value: Annotated[int, msgspec.Meta(ge=0, le=10)] | Name | None


class Trouble(_FromPage, frozen=True, tag="trouble"):
    """Something the page noticed."""

    what: Literal["camera-refused", "camera-missing", "camera-lost", "camera-back", "tab-hidden", "tab-shown"]


class SetDose(_FromPage, frozen=True, tag="dose"):
    """The person's own dose of an exercise."""

    exercise: Name
    sets: Annotated[int, msgspec.Meta(ge=1, le=10)]
    reps: Annotated[int, msgspec.Meta(ge=1, le=50)]


class AnswerStep(_FromPage, frozen=True, tag="step"):
    """The answer to the next step that is offered for an exercise."""

    exercise: Name
    answer: Literal["yes", "no", "later"]


class SayPlan(_FromPage, frozen=True, tag="plan"):
    """The if-then plan: made (`cue` is what it comes after), declined, or dropped again."""

    what: Literal["made", "declined", "dropped"]
    cue: Annotated[str, msgspec.Meta(max_length=80)] = ""
    part: Literal["morning", "midday", "afternoon", "evening"] = "evening"


class SetWay(_FromPage, frozen=True, tag="way"):
    """How an exercise is done from now on: as it is (`variant` ""), in a variant, or left out."""

    exercise: Name
    variant: Annotated[str, msgspec.Meta(pattern=r"^([a-z][a-z0-9_.-]{0,39})?$")] = ""
    left_out: Literal["", "today", "always"] = ""


class SayMorning(_FromPage, frozen=True, tag="morning"):
    """How the back was on the morning after a session."""

    session: Annotated[str, msgspec.Meta(max_length=36)]
    answer: Literal["better", "same", "worse"]


class SayHindrance(_FromPage, frozen=True, tag="hindered"):
    """What the back keeps the person from, in his own words; "" for nothing any more."""

    text: Annotated[str, msgspec.Meta(max_length=80)]


class GetUpRequest(_FromPage, frozen=True, tag="sitting"):
    """A request to the get-up service; `minutes` is the length of a pause."""

    do: Literal["up", "snooze", "pause", "resume"]
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 60


Choice = SetDose | AnswerStep | SayPlan | SetWay | SayMorning | SayHindrance
"""What a person chooses or says outside a session; it is kept in the journal."""
FromPage = Start | Command | QuestionAnswer | Trouble | Choice | GetUpRequest
_from_page = msgspec.json.Decoder(FromPage)


class CameraPicture(msgspec.Struct, frozen=True):
    """A picture from the page's camera: the time on the page's clock in milliseconds, and a JPEG."""

    t_ms: float
    jpeg: bytes


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first message of each connection."""

    version: str
    demo: bool


DrawnLandmark = tuple[float | None, float | None, float]
"""(x, y, visibility); x and y in shares of the picture."""


class DrawnLandmarks(msgspec.Struct, frozen=True, tag="points"):
    """The answer to a picture: the 33 landmarks, filtered for drawing only.

    `points` is None where nobody was found or the picture could not be used. `t_ms` is the time of the picture; None
    in a demo, where there is no picture.
    """

    t_ms: float | None
    points: list[DrawnLandmark] | None


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Something that the page sent could not be used, or something failed here; one plain sentence."""

    text: str


class Chosen(msgspec.Struct, frozen=True, tag="chosen"):
    """A choice has been kept; the page may fetch anew what it shows of it."""


class SittingChanged(msgspec.Struct, frozen=True, tag="sitting"):
    """The get-up service has answered a request; the page may fetch its card anew."""


class LedElsewhere(msgspec.Struct, frozen=True, tag="led-elsewhere"):
    """No session has begun, because another page leads one. That one ends if this page takes over."""


class TakenOver(msgspec.Struct, frozen=True, tag="taken-over"):
    """The session here has ended and is kept: another page leads from now on."""


Announcement = Hello | Say | Ended | Refused | Chosen | SittingChanged | LedElsewhere | TakenOver
"""What is sent once; a later message does not replace it."""
ToPage = Announcement | Stage | DrawnLandmarks
_encoder = msgspec.json.Encoder()


def read_text(text: str) -> FromPage:
    """Return the message in `text`; MessageError says what was expected and where."""
    data = text.encode(errors="surrogatepass")
    if len(data) > MAX_TEXT_BYTES:
        raise MessageError(f"expected at most {MAX_TEXT_BYTES} bytes, got {len(data)}")
    try:
        message: FromPage = _from_page.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MessageError(str(error)) from error
    return message


def read_picture(data: bytes) -> CameraPicture:
    """Return the picture in a binary message: 8 bytes of time (float64, little-endian, ms), then a JPEG.

    MessageError if it is too short, too long, no JPEG by its first bytes, or has no usable time.
    """
    if len(data) < _TIME.size + len(_JPEG_STARTS):
        raise MessageError(f"expected a time and a JPEG, got {len(data)} bytes")
    if len(data) > MAX_PICTURE_BYTES:
        raise MessageError(f"expected a picture of at most {MAX_PICTURE_BYTES} bytes, got {len(data)}")
    (t_ms,) = _TIME.unpack_from(data)
    if not math.isfinite(t_ms) or not 0 <= t_ms <= _DAYS_30_MS:
        raise MessageError(f"expected a picture time in milliseconds from 0, got {t_ms}")
    jpeg = data[_TIME.size :]
    if not jpeg.startswith(_JPEG_STARTS):
        raise MessageError("expected a JPEG after the time")
    return CameraPicture(t_ms, jpeg)


def to_page(message: ToPage) -> str:
    """Return the message as JSON; numbers that are not finite become null."""
    return _encoder.encode(message).decode()
