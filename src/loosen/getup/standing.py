"""Whether somebody stands, from where his head and shoulders are in a few pictures. Pure; no picture comes here."""

from __future__ import annotations

from typing import NamedTuple

from loosen.getup.decisions import Sight

ROSE = 0.6
"""Shoulder widths that head and shoulders must rise by. Standing up lifts them by about the height of a seat, 40 to
50 cm, and shoulder joints lie 30 to 40 cm apart (both: ordinary adult body measures), so a real rise is over 1."""
STAYED = 0.3
"""Less than this is shifting about in the chair."""
FEW = 3
MOSTLY, HARDLY = 0.5, 0.2


class Glimpse(NamedTuple):
    """A few pictures summed up. `pictures` that showed anything, `found` those with a person in them.

    `head_y` and `shoulders_y` (middles, y down) and `shoulders_w` are shares of the picture's height; middle values
    over the pictures. `bright` False: too dark or covered to tell.
    """

    pictures: int
    found: int
    head_y: float = 0.0
    shoulders_y: float = 0.0
    shoulders_w: float = 0.0
    bright: bool = True


def judge(seat: Glimpse | None, now: Glimpse) -> Sight:
    """Tell what is seen `now`, `seat` being how he sat before. What is not plain is "unknown"."""
    if not now.bright or now.pictures < FEW:
        return "unknown"
    share = now.found / now.pictures
    if share <= HARDLY:
        return "empty"
    if share < MOSTLY or seat is None or not is_seat(seat) or now.shoulders_w <= 0:
        return "unknown"
    rise = rise_of(seat, now)
    if rise >= ROSE:
        return "standing"
    return "sitting" if abs(rise) <= STAYED else "unknown"


def is_seat(glimpse: Glimpse) -> bool:
    """Whether a glimpse shows somebody plainly enough to compare with."""
    enough = glimpse.bright and glimpse.pictures >= FEW and glimpse.found / glimpse.pictures >= MOSTLY
    return enough and glimpse.shoulders_w > 0


def rise_of(seat: Glimpse, now: Glimpse) -> float:
    """Return by how many shoulder widths he rose; by the shoulders where the head has left the picture."""
    width = (seat.shoulders_w + now.shoulders_w) / 2
    head = seat.head_y - now.head_y
    shoulders = seat.shoulders_y - now.shoulders_y
    return (max(head, shoulders) if now.head_y <= 0 else min(head, shoulders)) / width
