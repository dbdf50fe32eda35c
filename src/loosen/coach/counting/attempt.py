"""An attempt: a movement away from rest and back, cut out of one signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from loosen.body.signals import SignalFrame

JOINED_S = 0.3  # a shorter valley may be a point that was lost

Cut = Literal["", "start", "end", "lost"]


@dataclass(slots=True)
class Sample:
    """One frame of the signal: its value above rest, smoothed, and all signals of the frame."""

    t_s: float
    above: float
    smooth: float
    frame: SignalFrame


@dataclass(slots=True)
class Attempt:
    """A movement away from rest and back, or a part of one.

    `samples` reach from `BEFORE_S` before it to its end; `begin` is the index of its own first sample. `rest` is the
    level that it is measured from. `cut` says what is missing: the start, the end, or the end because the person
    was "lost". `gap`: the person was out of sight within it for more than `LOST_S`.
    """

    samples: list[Sample]
    begin: int
    rest: float
    baseline: dict[str, float]
    cut: Cut = ""
    gap: bool = False


def joined(first: Attempt | None, second: Attempt) -> Attempt | None:
    """Return two attempts as one, if the second began within `JOINED_S` of the end of the first; else None."""
    if first is None or first.cut == "lost":
        return None
    ended_s = first.samples[-1].t_s
    if second.samples[second.begin].t_s - ended_s > JOINED_S:
        return None
    samples = first.samples + [sample for sample in second.samples if sample.t_s > ended_s]
    return Attempt(samples, first.begin, first.rest, first.baseline, second.cut or first.cut, first.gap or second.gap)
