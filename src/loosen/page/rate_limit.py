"""How fast things may come, and when a picture was taken."""

from __future__ import annotations

from loosen.errors import MessageError


class Budget:
    """So many at once, so many per second: `spend` is False when there is nothing left."""

    def __init__(self, *, at_once: float, per_s: float) -> None:
        self.at_once = at_once
        self.per_s = per_s
        self._left = at_once
        self._at_s: float | None = None

    def spend(self, t_s: float) -> bool:
        """Take one if there is one at `t_s` (seconds, monotonic)."""
        if self._at_s is not None:
            self._left = min(self.at_once, self._left + (t_s - self._at_s) * self.per_s)
        self._at_s = t_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


class PictureClock:
    """Turns the page's time of a picture into the server's: t_s on the clock that the arrival is given in.

    The distance between the two clocks is fixed at the first picture, because the coach measures durations
    and arrival times jitter. It is fixed anew only when it has been proved wrong: a picture cannot be taken
    after it arrives (the first one was late), and on one machine it is not under way for more than `stale_s`
    (one of the two clocks slept).
    """

    ahead_s = 0.05
    stale_s = 1.0

    def __init__(self) -> None:
        self._last_s = float("-inf")
        self.begin_anew()

    def begin_anew(self) -> None:
        """Take the next picture as the first; the server's times still only go up."""
        self._offset_s: float | None = None
        self._last_ms = float("-inf")

    def time_of(self, t_ms: float, arrived_s: float) -> float:
        """Return when the picture was taken; MessageError if it is not newer than the one before."""
        if t_ms <= self._last_ms:
            raise MessageError("pictures must come in the order of their times")
        if self._offset_s is None:
            self._offset_s = arrived_s - t_ms / 1000
        taken_s = t_ms / 1000 + self._offset_s
        if not arrived_s - self.stale_s <= taken_s <= arrived_s + self.ahead_s:
            taken_s = arrived_s
            self._offset_s = arrived_s - t_ms / 1000
        if taken_s <= self._last_s:
            # Only just after a correction: the order is kept, the step is the least there is to tell.
            taken_s = self._last_s + 0.001
        if taken_s > arrived_s + self.ahead_s:
            raise MessageError("pictures come faster than a camera takes them")
        self._last_ms, self._last_s = t_ms, taken_s
        return taken_s
