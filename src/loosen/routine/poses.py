"""The figure of a movement: its key poses and the way through them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from loosen.routine.fields import Degrees, LegLengths, Seconds, Table


class KeyPose(Table, frozen=True, kw_only=True):
    """A body at rest in one position: joint angles in degrees, feet and pelvis in leg lengths.

    Where a foot stands and where the pelvis is are given as places, because a planted foot must not slide; the
    knees follow. Every arm or foot key comes for both sides, and with ``_left`` or ``_right`` for one. `lean_deg` is
    backward, `head_deg` is backward against the trunk; `arm_forward_deg` and `arm_side_deg` raise the arm from
    hanging, to the front and to the side; `arm_turn_deg` turns the upper arm inward; `wrist_deg` bends the hand the
    way the elbow bends; `hands` is a shorthand for an arm position.
    """

    lean_deg: Degrees = 0.0
    head_deg: Degrees = 0.0
    hips_forward: LegLengths = 0.0
    hips_down: LegLengths = 0.0
    hands: Literal["sides", "low-back", "hips", "overhead", "counter"] = "sides"
    arm_forward_deg: Degrees | None = None
    arm_side_deg: Degrees | None = None
    arm_turn_deg: Degrees | None = None
    elbow_deg: Degrees | None = None
    wrist_deg: Degrees | None = None
    foot_forward: LegLengths = 0.0
    foot_up: LegLengths = 0.0
    heel_deg: Degrees = 0.0
    arm_forward_left_deg: Degrees | None = None
    arm_forward_right_deg: Degrees | None = None
    arm_side_left_deg: Degrees | None = None
    arm_side_right_deg: Degrees | None = None
    arm_turn_left_deg: Degrees | None = None
    arm_turn_right_deg: Degrees | None = None
    elbow_left_deg: Degrees | None = None
    elbow_right_deg: Degrees | None = None
    wrist_left_deg: Degrees | None = None
    wrist_right_deg: Degrees | None = None
    foot_forward_left: LegLengths | None = None
    foot_forward_right: LegLengths | None = None
    foot_up_left: LegLengths | None = None
    foot_up_right: LegLengths | None = None
    heel_left_deg: Degrees | None = None
    heel_right_deg: Degrees | None = None


class Step(Table, frozen=True, kw_only=True):
    """One move of the figure: to `pose`, as part of a phase; the steps of one phase share its time evenly.

    A foot that moves forward or back swings `lift` leg lengths above the floor; without it, it slides. "home"
    steps bring the figure back to the start after the repetition has ended.
    """

    pose: str
    phase: Literal["out", "back", "home"]
    lift: Annotated[float, msgspec.Meta(ge=0, le=0.5)] = 0.0


class Figure(Table, frozen=True, kw_only=True):
    """The movement as key poses and the way through them.

    `moving` names the parts in the accent colour. `support` is drawn with the body: what it sits on or holds on to.
    """

    start: str
    poses: dict[str, KeyPose]
    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1)]
    moving: tuple[Literal["head", "trunk", "arms", "legs"], ...] = ()
    home_s: Seconds = 0.0
    support: Literal["", "chair", "counter"] = ""
