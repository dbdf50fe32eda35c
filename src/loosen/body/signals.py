"""From a pose to named signals.

A `SignalReader` remembers what one frame cannot tell: which way the person faces, from which side he is seen, how
long his legs and trunk are in the picture, which foot is which, and where the feet stand. Points are in pixels, x to
the right, y down; a point that is not seen is None, a signal that is not known NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan

from loosen.body.feet import Feet, Point
from loosen.body.pose import Landmark, Pose
from loosen.body.signal_catalogue import SIGNALS, Facing, View

NAN = math.nan
VISIBLE = 0.4
# From the side one foot hides behind the other and the model gives it a low visibility, though its place is right.
HIDDEN_FOOT = 0.15
HANGING_DEG = 150.0  # an elbow straighter than this belongs to a hanging arm
LEAST_TORSO_PX = 4.0  # a shorter torso has no direction
MARGIN = 0.03  # of the picture: a point further outside is a guess
SIDE_BELOW = 0.36  # shoulder width in torso lengths; between the two, the view is oblique
FRONT_ABOVE = 0.42
SIDE_ON = 0.26  # below this the leg bends in the picture's plane
# Upper arm over trunk (shoulder to hip), Winter 2009: 0.186 / 0.288, and with the forearm 0.332 / 0.288.
ARM_OVER_TRUNK = 0.646
WHOLE_ARM_OVER_TRUNK = 1.153
IN_PLANE = 0.6  # an upper arm that looks shorter points at the camera or away: its direction means nothing

SIDE_ONLY = tuple(signal.name for signal in SIGNALS.values() if signal.plane == "side")


def _limbs(*parts: str) -> tuple[tuple[int, ...], ...]:
    """Return the landmarks of these parts, for the left and for the right side."""
    return tuple(tuple(int(Landmark[f"{side}_{part}"]) for part in parts) for side in ("LEFT", "RIGHT"))


_ARMS = _limbs("SHOULDER", "ELBOW", "WRIST")
_LEGS = _limbs("HIP", "KNEE", "ANKLE")
_FEET = _limbs("ANKLE", "FOOT_INDEX", "HEEL")
_NEEDED = sorted({0, 7, 8, *(landmark for limb in (*_ARMS, *_LEGS, *_FEET) for landmark in limb)})


@dataclass(slots=True)
class SignalFrame:
    """One frame's signals by name, its view and facing, and which parts of the body are in view.

    A signal that is not known is NaN; one that is not listed is not known.
    """

    t_s: float
    values: dict[str, float]
    view: View
    facing: Facing
    parts: dict[str, bool] = field(default_factory=dict)
    found: bool = True

    def __getitem__(self, name: str) -> float:
        return self.values.get(name, NAN)


def _angle_deg(ax: float, ay: float, bx: float, by: float) -> float:
    """Return the unsigned angle between two plane vectors, in degrees."""
    return abs(math.degrees(math.atan2(ax * by - ay * bx, ax * bx + ay * by)))


def _forward_deg(ax: float, ay: float, down_x: float, down_y: float) -> float:
    """Return how far an arm is turned forward from the trunk's downward line, from -120 (behind) to 240 degrees."""
    turned = math.degrees(math.atan2(ax * down_y - ay * down_x, ax * down_x + ay * down_y))
    return turned + 360 if turned < -120 else turned


def _smooth(old: float, new: float, dt_s: float, tau_s: float) -> float:
    """Return `old` moved towards `new` with the time constant `tau_s`."""
    if isnan(old):
        return new
    if isnan(new):
        return old
    return old + (new - old) * (1 - math.exp(-dt_s / tau_s))


class SignalReader:
    """Reads signals from poses, one after another. Times must rise."""

    def __init__(self) -> None:
        self._t_s = NAN
        self._width = NAN  # shoulder width in torso lengths, smoothed
        self._ahead = NAN  # facing right: 1, left: -1, smoothed
        self._toward = NAN  # left shoulder on the picture's right: 1
        self.torso = NAN
        self.leg = NAN
        self._feet = Feet()

    @property
    def view(self) -> View:
        """The view of the last second or so."""
        if isnan(self._width):
            return "unknown"
        return "side" if self._width < SIDE_BELOW else "front" if self._width > FRONT_ABOVE else "oblique"

    @property
    def facing(self) -> Facing:
        """Which way the person faces, in the picture."""
        if self.view == "unknown":
            return "unknown"
        if self.view == "front":
            return "camera" if self._toward > 0 else "away"
        if isnan(self._ahead):
            return "unknown"
        return "right" if self._ahead > 0 else "left"

    def read(self, pose: Pose) -> SignalFrame:
        """Return the signals of a pose; unknown ones are NaN."""
        if not pose.found:
            return SignalFrame(pose.t_s, {}, self.view, self.facing, {}, found=False)
        points = self._points(pose)
        dt_s = 0.0 if isnan(self._t_s) else max(pose.t_s - self._t_s, 0.0)
        self._t_s = pose.t_s
        self._orient(points, dt_s)
        values = self._values(points, dt_s)
        values["knee_bend_deg"] = self._knee_bend_deg(pose, points, values)
        if "elbow_angle_raised_deg" in values:
            values["elbow_angle_raised_deg"] = _raised_elbow_deg(pose, points, values)
        if self.view == "front":
            for name in SIDE_ONLY:
                values.pop(name, None)
        return SignalFrame(pose.t_s, values, self.view, self.facing, _parts(points))

    def _knee_bend_deg(self, pose: Pose, points: list[Point | None], values: dict[str, float]) -> float:
        """Return the more bent knee: in space from the front, in the picture's plane from the side."""
        bend = _largest([_bend_deg(pose, points, leg) for leg in _LEGS])
        flat = values.get("knee_flexion_deeper_deg", NAN)
        if isnan(bend):
            return flat
        if isnan(flat) or isnan(self._width):
            return bend
        side = min(max((SIDE_BELOW - self._width) / (SIDE_BELOW - SIDE_ON), 0.0), 1.0)
        return side * flat + (1 - side) * bend

    def _points(self, pose: Pose) -> list[Point | None]:
        """Return the landmarks that are seen, in pixels."""
        width, height = pose.size
        rows = pose.landmarks.tolist()
        points: list[Point | None] = [None] * len(rows)
        for landmark in _NEEDED:
            x, y, _, visibility = rows[landmark]
            inside = -MARGIN <= x <= 1 + MARGIN and -MARGIN <= y <= 1 + MARGIN
            if inside and visibility >= (HIDDEN_FOOT if landmark >= 27 else VISIBLE):
                points[landmark] = (x * width, y * height)
        return points

    def _orient(self, p: list[Point | None], dt_s: float) -> None:
        """Update the view, the facing, and the lengths of trunk and leg."""
        shoulders, hips = _middle(p[11], p[12]), _middle(p[23], p[24])
        if shoulders is None or hips is None:
            return
        torso = math.dist(shoulders, hips)
        if torso < LEAST_TORSO_PX:
            return
        self.torso = _smooth(self.torso, torso, dt_s, 2.0)
        left, right = p[11], p[12]
        if left is not None and right is not None:
            across = (left[0] - right[0]) / self.torso
            self._width = _smooth(self._width, abs(across), dt_s, 0.8)
            self._toward = _smooth(self._toward, 1.0 if across > 0 else -1.0, dt_s, 0.8)
        elif left is not None or right is not None:
            self._width = _smooth(self._width, 0.0, dt_s, 0.8)
        votes = []
        nose, ear = p[0], _middle(p[7], p[8])
        if nose is not None:
            votes.append(nose[0] - (ear or shoulders)[0])
        for ankle, toe, heel in _FEET:
            tip, back = p[toe], p[heel] or p[ankle]
            if tip is not None and back is not None:
                votes.append(tip[0] - back[0])
        if votes:
            vote = max(-1.0, min(1.0, sum(votes) / len(votes) / (0.12 * self.torso)))
            self._ahead = _smooth(self._ahead, vote, dt_s, 0.8)
        legs = [
            math.dist(a, b) + math.dist(b, c)
            for a, b, c in ((p[h], p[k], p[f]) for h, k, f in _LEGS)
            if a is not None and b is not None and c is not None
        ]
        leg = _largest(legs)
        if not isnan(leg):
            # A leg pointing at the camera looks short; no body has legs so short for its trunk.
            leg = min(max(leg, 1.2 * self.torso), 2.3 * self.torso)
        # A thigh pointing at the camera (squatting, sitting) must not shrink the unit: it grows soon, shrinks slowly.
        longer = isnan(self.leg) or leg > self.leg
        self.leg = _smooth(self.leg, leg, dt_s, 1.0 if longer else 30.0)

    def _values(self, p: list[Point | None], dt_s: float) -> dict[str, float]:
        values: dict[str, float] = {}
        shoulders, hips = _middle(p[11], p[12]), _middle(p[23], p[24])
        ahead = 1.0 if not self._ahead < 0 else -1.0
        near = int(ahead > 0)  # of left and right: a person who faces right shows the right side
        if shoulders is not None and hips is not None and math.dist(shoulders, hips) >= LEAST_TORSO_PX:
            up_x, up_y = shoulders[0] - hips[0], hips[1] - shoulders[1]
            lean_deg = math.degrees(math.atan2(-up_x * ahead, up_y))
            values["backward_lean_deg"] = lean_deg
            values["side_lean_deg"] = math.degrees(math.atan2(up_x, up_y))
            nose, ear = p[0], p[8 if near else 7] or _middle(p[7], p[8])
            if nose is not None and ear is not None:
                pitch_deg = math.degrees(math.atan2(ear[1] - nose[1], (nose[0] - ear[0]) * ahead))
                values["head_back_deg"] = pitch_deg - lean_deg
            self._arms(values, p, near, (-up_x, up_y), ahead)
            wrist, bent_deg = p[16 if near else 15], values["elbow_angle_near_deg"]
            if wrist is not None and not isnan(bent_deg):
                low, high = (hips[1] + 0.3 * self.torso), (hips[1] - 0.62 * self.torso)
                behind = (wrist[0] - (hips[0] + shoulders[0]) / 2) * ahead / self.torso
                there = high < wrist[1] < low and -0.55 < behind < 0.16 and bent_deg < HANGING_DEG
                values["hand_on_back"] = 1.0 if there else 0.0
        self._legs(values, p, near, ahead, hips, dt_s)
        return values

    def _arms(self, values: dict[str, float], p: list[Point | None], near: int, down: Point, ahead: float) -> None:
        raised, bent, heights = [NAN, NAN], [NAN, NAN], [NAN, NAN]
        for side, (s, e, w) in enumerate(_ARMS):
            shoulder, elbow, wrist = p[s], p[e], p[w]
            if shoulder is None or elbow is None:
                continue
            x, y = elbow[0] - shoulder[0], elbow[1] - shoulder[1]
            raised[side] = self._elevation(x, y, down, ARM_OVER_TRUNK)
            in_plane = math.hypot(x, y) > IN_PLANE * ARM_OVER_TRUNK * self.torso
            if side == near and self.view == "side" and in_plane:
                values["arm_forward_near_deg"] = _forward_deg(x * ahead, y, down[0] * ahead, down[1])
            if wrist is not None:
                bent[side] = 180 - _angle_deg(x, y, wrist[0] - elbow[0], wrist[1] - elbow[1])
                # From the front a straight arm tells its direction better than the upper arm alone, whose
                # shoulder point is off by a few pixels overhead. From the side a little bend would tilt it.
                straight = 0.0 if self.view == "side" else min(max((bent[side] - 150) / 15, 0.0), 1.0)
                if straight:
                    far = wrist[0] - shoulder[0], wrist[1] - shoulder[1]
                    whole = self._elevation(*far, down, WHOLE_ARM_OVER_TRUNK)
                    raised[side] += straight * (whole - raised[side])
                heights[side] = (shoulder[1] - wrist[1]) / self.torso
        values["arm_elevation_left_deg"], values["arm_elevation_right_deg"] = raised
        values["arm_elevation_near_deg"] = raised[near]
        values["arm_elevation_mean_deg"] = (raised[0] + raised[1]) / 2
        values["arm_elevation_lower_deg"] = _of_both(min, raised)
        values["arm_elevation_higher_deg"] = _of_both(max, raised)
        values["arm_elevation_difference_deg"] = abs(raised[0] - raised[1])
        values["left_arm_higher_deg"] = raised[0] - raised[1]
        known = [side for side in (0, 1) if not isnan(raised[side])]
        if known:
            higher = max(known, key=lambda side: raised[side])
            values["arm_elevation_highest_deg"] = raised[higher]
            values["elbow_angle_raised_deg"] = bent[higher]
            own, other, wrist = (p[12], p[11], p[16]) if higher else (p[11], p[12], p[15])
            if self.view == "front" and own and other and wrist:
                outward = 1.0 if own[0] > other[0] else -1.0
                values["hand_outward_raised"] = (wrist[0] - own[0]) * outward / self.torso
        values["elbow_angle_near_deg"] = bent[near]
        values["elbow_angle_lower_deg"] = _of_both(min, bent)
        values["wrist_height_near"] = heights[near]
        values["wrist_height_lower"] = _of_both(min, heights)

    def _elevation(self, x: float, y: float, down: Point, over_trunk: float) -> float:
        """Return an arm's angle from the trunk's downward line; `over_trunk` is its length in trunk lengths.

        An arm pointing at the camera is short in the picture and its in-plane angle means nothing; there the
        height alone is used, which does not depend on where the arm points.
        """
        in_plane = _angle_deg(x, y, down[0], down[1])
        length, full = math.hypot(x, y), over_trunk * self.torso
        trust = min(max((length / full - 0.4) / 0.3, 0.0), 1.0)
        if trust >= 1:
            return in_plane
        along = (x * down[0] + y * down[1]) / math.hypot(*down) / full
        by_height = math.degrees(math.acos(min(max(along, -1.0), 1.0)))
        return trust * in_plane + (1 - trust) * by_height

    def _legs(
        self, values: dict[str, float], p: list[Point | None], near: int, ahead: float, hips: Point | None, dt_s: float
    ) -> None:
        bends = [NAN, NAN]
        for side, (h, k, a) in enumerate(_LEGS):
            hip, knee, ankle = p[h], p[k], p[a]
            if hip is not None and knee is not None and ankle is not None:
                bends[side] = _angle_deg(knee[0] - hip[0], knee[1] - hip[1], ankle[0] - knee[0], ankle[1] - knee[1])
        values["knee_flexion_near_deg"] = bends[near]
        values["knee_flexion_deeper_deg"] = _largest(bends)
        left_knee, right_knee = p[25], p[26]
        if left_knee is not None and right_knee is not None and not isnan(self.leg):
            values["left_knee_higher"] = higher = (right_knee[1] - left_knee[1]) / self.leg
            values["knee_lift_higher"] = abs(higher)
        ankles = _middle(p[27], p[28])
        if hips is not None and ankles is not None and not isnan(self.leg):
            values["hip_height"] = height = (ankles[1] - hips[1]) / self.leg
            values["hip_drop"] = 1 - height
            values["hips_forward"] = (hips[0] - ankles[0]) * ahead / self.leg
        if not isnan(self.leg):
            values.update(self._feet.read(p, ahead, self.leg, dt_s))


def _raised_elbow_deg(pose: Pose, points: list[Point | None], values: dict[str, float]) -> float:
    """Return the elbow of the higher arm in space; in the picture's plane where space is unknown."""
    left, right = values["arm_elevation_left_deg"], values["arm_elevation_right_deg"]
    arm = _ARMS[0 if isnan(right) or left > right else 1]
    bend = _bend_deg(pose, points, arm)
    return values["elbow_angle_raised_deg"] if isnan(bend) else 180 - bend


def _bend_deg(pose: Pose, points: list[Point | None], limb: tuple[int, ...]) -> float:
    """Return how far a limb's middle joint is bent in space; NaN unless all three joints are seen and known."""
    if any(points[landmark] is None for landmark in limb):
        return NAN
    first, middle, last = pose.world[list(limb)].tolist()
    upper = [a - b for a, b in zip(first, middle, strict=True)]
    lower = [a - b for a, b in zip(last, middle, strict=True)]
    lengths = math.hypot(*upper) * math.hypot(*lower)
    if not lengths > 0.01:  # false where anything is unknown
        return NAN
    along = sum(a * b for a, b in zip(upper, lower, strict=True)) / lengths
    return 180 - math.degrees(math.acos(min(max(along, -1.0), 1.0)))


def _largest(values: list[float]) -> float:
    """Return the largest of the known values; NaN if none is."""
    return max((value for value in values if not isnan(value)), default=NAN)


def _of_both(pick: Callable[[list[float]], float], pair: list[float]) -> float:
    """Return the lower or the higher of two sides; unknown if either is."""
    return NAN if isnan(pair[0]) or isnan(pair[1]) else pick(pair)


def _middle(a: Point | None, b: Point | None) -> Point | None:
    """Return the middle of two points, or the one that is known."""
    if a is None or b is None:
        return a or b
    return ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)


def _parts(p: list[Point | None]) -> dict[str, bool]:
    """Tell which parts of the body are in view; one arm and one leg will do, as in a side view."""
    return {
        "head": p[0] is not None or p[7] is not None or p[8] is not None,
        "arms": any(p[e] is not None and p[w] is not None for _, e, w in _ARMS),
        "trunk": _middle(p[11], p[12]) is not None and _middle(p[23], p[24]) is not None,
        "legs": p[25] is not None or p[26] is not None,
        "feet": any(p[a] is not None and (p[t] or p[h]) is not None for a, t, h in _FEET),
    }
