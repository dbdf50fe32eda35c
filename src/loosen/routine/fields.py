"""What the tables of a routine file are made of: the kinds of value with their bounds, and the base of every table."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

RequiredText = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=60)]
Span = tuple[Seconds, Seconds]
Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)]
LegLengths = Annotated[float, msgspec.Meta(ge=-2, le=2)]
LeftRight = Literal["left", "right"]
Plane = Literal["front", "side"]
"""The view in whose picture plane a movement is shown and measured."""
PlaneOrAny = Literal[Plane, "any"]
Phase = Literal["rest", "out", "stop", "back"]
"""Where in a repetition a person is."""
During = Literal["out", "stop", "back", "rep", "ready"]
"""What a condition is asked of: one phase of a repetition, all of it, or the person standing ready before the first."""
FigurePhase = Literal["start", "out", "stop", "back", "home"]
"""Where in its loop the figure is; "home" brings it back to its place."""
Sets = Annotated[int, msgspec.Meta(ge=1, le=10)]
Reps = Annotated[int, msgspec.Meta(ge=1, le=50)]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a routine file: unknown keys are refused, values are checked on reading."""
