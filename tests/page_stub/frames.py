"""Made-up figure frames for working on the page alone: a body of 33 points, seen from the side or the front.

Lengths are shares of body height after Winter's table (shoulder 0.818, hip 0.530, knee 0.285, ankle 0.039).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

Point = tuple[float, float]
THIGH, SHANK, TRUNK, UPPER_ARM, FOREARM, HAND = 0.245, 0.246, 0.288, 0.172, 0.150, 0.05


def _turn(point: Point, deg: float) -> Point:
    c, s = math.cos(math.radians(deg)), math.sin(math.radians(deg))
    return (point[0] * c - point[1] * s, point[0] * s + point[1] * c)


def _add(a: Point, b: Point, k: float = 1.0) -> Point:
    return (a[0] + b[0] * k, a[1] + b[1] * k)


def _knee(hip: Point, ankle: Point) -> Point:
    """Return the knee that joins hip and ankle, bending forward (to the right)."""
    dx, dy = ankle[0] - hip[0], ankle[1] - hip[1]
    d = min(math.hypot(dx, dy), THIGH + SHANK - 1e-6)
    a = (THIGH**2 - SHANK**2 + d * d) / (2 * d)
    h = math.sqrt(max(0.0, THIGH**2 - a * a))
    ux, uy = dx / d, dy / d
    return (hip[0] + a * ux - h * uy, hip[1] + a * uy + h * ux)


def side(pose: dict[str, Any]) -> list[Point]:
    """Return 33 points of a body facing right; `pose` is as in POSES."""
    hip = (pose["x"], 0.530 - pose["down"])
    lean = pose["lean"]
    shoulder = _add(hip, _turn((0, TRUNK), lean))
    head_deg = lean + pose["head"]
    ear = _add(shoulder, _turn((0.012, 0.115), lean + pose["head"] * 0.6))

    def face(x: float, y: float) -> Point:
        return _add(ear, _turn((x, y), head_deg))

    points: list[Point] = [(0.0, 0.0)] * 33
    points[0] = face(0.060, -0.014)
    for k in (1, 2, 3, 4, 5, 6):
        points[k] = face(0.045, 0.010)
    points[7] = points[8] = ear
    points[9] = points[10] = face(0.050, -0.032)
    for s in (0, 1):
        forward, elbow = pose["arms"][s]
        at = _add(shoulder, (0.004 if s else -0.004, 0))
        upper = _turn((0, -UPPER_ARM), lean * pose["arms_follow"] + forward)
        fore = _turn((0, -FOREARM), lean * pose["arms_follow"] + forward + elbow)
        elbow_at = _add(at, upper)
        wrist = _add(elbow_at, fore)
        reach = (fore[0] / FOREARM, fore[1] / FOREARM)
        knuckle = _add(wrist, _turn(reach, pose["hand"]), HAND)
        points[11 + s], points[13 + s], points[15 + s] = at, elbow_at, wrist
        points[17 + s] = _add(knuckle, (-0.004, 0))
        points[19 + s] = _add(knuckle, (0.004, 0))
        points[21 + s] = _add(wrist, reach, 0.03)
        foot_x, foot_up, heel_up = pose["feet"][s]
        toe = (foot_x + 0.105, foot_up + 0.014)
        heel_deg = -math.degrees(math.asin(min(0.95, heel_up / 0.15)))
        ankle = _add(toe, _turn((-0.105, 0.026), heel_deg))
        heel = _add(toe, _turn((-0.150, 0.0), heel_deg))
        points[23 + s], points[25 + s], points[27 + s] = hip, _knee(hip, ankle), ankle
        points[29 + s], points[31 + s] = heel, _add(toe, (0.018, 0))
    return points


def front(up: float, stretch: float = 0.0) -> list[Point]:
    """Return 33 points of a body facing the viewer, both arms raised sideways `up` degrees."""
    points: list[Point] = [(0.0, 0.0)] * 33
    lift = 0.008 * stretch
    points[0] = (0, 0.918 + lift)
    for k, x in ((1, 0.008), (2, 0.016), (3, 0.024), (4, -0.008), (5, -0.016), (6, -0.024)):
        points[k] = (x, 0.938 + lift)
    points[7], points[8] = (0.043, 0.930 + lift), (-0.043, 0.930 + lift)
    points[9], points[10] = (0.015, 0.896 + lift), (-0.015, 0.896 + lift)
    for s in (0, 1):
        sign = 1 if s == 0 else -1
        rise = max(0.0, up - 60) / 120
        shoulder = (sign * (0.103 - 0.014 * rise), 0.812 + 0.02 * rise + lift)
        upper = _turn((0, -UPPER_ARM), sign * up)
        fore = _turn((0, -FOREARM), sign * (up + 6 * rise - 4))
        elbow = _add(shoulder, upper)
        wrist = _add(elbow, fore)
        reach = (fore[0] / FOREARM, fore[1] / FOREARM)
        points[11 + s], points[13 + s], points[15 + s] = shoulder, elbow, wrist
        knuckle = _add(wrist, reach, HAND)
        across = _turn(reach, -90 * sign)
        points[17 + s], points[19 + s] = _add(knuckle, across, 0.004), _add(knuckle, across, -0.004)
        points[21 + s] = _add(wrist, reach, 0.03)
        points[23 + s] = (sign * 0.052, 0.530)
        points[25 + s] = (sign * 0.058, 0.285)
        points[27 + s] = (sign * 0.062, 0.045)
        points[29 + s] = (sign * 0.062, 0.016)
        points[31 + s] = (sign * 0.066, 0.012)
    return points


def _pose(**changes: Any) -> dict[str, Any]:
    pose: dict[str, Any] = {
        "x": 0.0,
        "down": 0.0,
        "lean": 0.0,
        "head": 0.0,
        "arms": ((4.0, 8.0), (4.0, 8.0)),
        "arms_follow": 1.0,
        "hand": 0.0,
        "feet": ((-0.045, 0.0, 0.0), (-0.045, 0.0, 0.0)),
    }
    pose.update(changes)
    return pose


BACK = {"arms": ((-52.0, 92.0), (-52.0, 92.0)), "hand": -30.0}
POSES = {
    "stand": _pose(),
    "hands": _pose(**BACK),
    "arch": _pose(**BACK, x=0.055, down=0.012, lean=20.0, head=18.0),
    "roof": _pose(arms=((172.0, 6.0), (168.0, 8.0)), hand=40.0, lean=12.0, head=10.0, x=0.03, down=0.006),
    "split": _pose(x=0.19, down=0.055, feet=((0.33, 0.0, 0.0), (-0.045, 0.0, 0.055))),
    "drag": _pose(x=0.30, down=0.012, feet=((0.33, 0.0, 0.0), (0.15, 0.0, 0.045))),
    "closed": _pose(x=0.375, feet=((0.33, 0.0, 0.0), (0.33, 0.0, 0.0))),
    "step-home": _pose(x=0.2, down=0.04, feet=((0.33, 0.0, 0.03), (0.0, 0.0, 0.0))),
}


def _blend(a: Any, b: Any, k: float) -> Any:
    if isinstance(a, dict):
        return {key: _blend(a[key], b[key], k) for key in a}
    if isinstance(a, tuple):
        return tuple(_blend(x, y, k) for x, y in zip(a, b, strict=True))
    return a + (b - a) * k


def _ease(t: float) -> float:
    return t**3 * (10 - 15 * t + 6 * t * t)


def _between(a: str, b: str, n: int) -> list[list[Point]]:
    return [side(_blend(POSES[a], POSES[b], _ease(i / n))) for i in range(n)]


@cache
def figure(exercise: str) -> dict[str, Any]:
    """Return the figure JSON of a made-up exercise."""
    fps = 20
    stop_s = 2.0
    if exercise == "reach-for-the-sky":
        ups = [6 + 166 * _ease(i / 50) for i in range(51)]
        frames = [front(u, max(0.0, (u - 150) / 20)) for u in ups + ups[-2::-1]]
        cuts, view, moving, near = [0, 50, 100, 100], "front", ["arms"], None
    elif exercise == "lazy-leg-walk":
        frames = [
            *_between("stand", "split", 34),
            *_between("split", "drag", 36),
            *_between("drag", "closed", 24),
        ]
        frames += [
            *_between("closed", "step-home", 16),
            *_between("step-home", "stand", 16),
            side(POSES["stand"]),
        ]
        cuts, view, moving, near, stop_s = [0, 34, 94, 126], "side", ["legs"], "right", 1.0
    else:
        start, end = ("stand", "roof") if exercise == "raise-the-roof" else ("hands", "arch")
        moving = ["arms", "trunk"] if exercise == "raise-the-roof" else ["trunk", "head"]
        frames = [*_between(start, end, 50), *_between(end, start, 50), side(POSES[start])]
        cuts, view, near = [0, 50, 100, 100], "side", "right"
    rounded = [[[round(x, 4), round(y, 4)] for x, y in frame] for frame in frames]
    a, b, c, d = cuts
    return {
        "exercise": exercise,
        "view": view,
        "fps": fps,
        "height": 1.0,
        "floor_y": 0.0,
        "frames": rounded,
        "phases": {"out": [a, b], "stop": [b, b], "back": [b, c], "home": [c, d]},
        "stop_s": stop_s,
        "moving": moving,
        "near": near,
    }
