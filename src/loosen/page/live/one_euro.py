"""The One-Euro filter for the outline that is drawn over the mirror. Never used for measuring.

Smoothing would change ranges and speeds, so the coach sees the raw landmarks; only the drawing is filtered.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from loosen.body.pose import N_LANDMARKS, Floats, Pose
from loosen.page.live.messages import DrawnLandmark

_GAP_S = 0.5
"""After a longer gap the old position says nothing about the new one."""


class OneEuro:
    """The One-Euro filter on 33 landmarks: steady when they are still, quick when they move.

    Casiez, Roussel and Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive
    Systems", CHI 2012, doi:10.1145/2207676.2208639. `min_cutoff_hz` is the cut-off of a landmark at rest, `beta`
    what a speed of one picture width (or height) per second adds to it in Hz, `speed_cutoff_hz` smooths the
    speed.
    """

    min_cutoff_hz, beta, speed_cutoff_hz = 1.5, 25.0, 1.0

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew with the next landmarks."""
        self._t_s: float | None = None
        self._place: NDArray[np.float64] = np.full((N_LANDMARKS, 2), np.nan)
        self._speed: NDArray[np.float64] = np.zeros((N_LANDMARKS, 2))

    def __call__(self, t_s: float, places: Floats | NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `places` (33, 2) filtered; `t_s` in seconds; a NaN stays NaN and its landmark begins anew."""
        raw = np.asarray(places, dtype=np.float64)
        if self._t_s is not None and not 0 < t_s - self._t_s <= _GAP_S:
            self.forget()
        if self._t_s is None:
            self._t_s, self._place = t_s, raw.copy()
            return raw.copy()
        step_s = t_s - self._t_s
        known = np.isfinite(self._place)
        speed = np.where(known, (raw - self._place) / step_s, 0.0)
        weight = _weight(np.float64(self.speed_cutoff_hz), step_s)
        speed = self._speed + weight * (speed - self._speed)
        cutoff_hz = self.min_cutoff_hz + self.beta * np.abs(speed)
        place = np.where(known, self._place + _weight(cutoff_hz, step_s) * (raw - self._place), raw)
        self._t_s, self._place = t_s, place
        self._speed = np.where(np.isfinite(place), speed, 0.0)
        return place


def _weight(cutoff_hz: NDArray[np.float64] | np.float64, step_s: float) -> NDArray[np.float64] | np.float64:
    rate = 2 * np.pi * cutoff_hz * step_s
    return rate / (rate + 1)


def drawn(pose: Pose, smoothing: OneEuro) -> list[DrawnLandmark] | None:
    """Return the pose's 33 landmarks for drawing: (x, y, visibility), rounded; None if nobody was found."""
    if not pose.found:
        smoothing.forget()
        return None
    places = np.round(smoothing(pose.t_s, pose.landmarks[:, :2]), 4).tolist()
    visible = np.round(np.nan_to_num(pose.landmarks[:, 3].astype(np.float64)), 2).tolist()
    return [(x, y, v) for (x, y), v in zip(places, visible, strict=True)]
