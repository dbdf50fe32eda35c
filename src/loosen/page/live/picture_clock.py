"""When a picture was taken, on the server's clock."""

from __future__ import annotations

from loosen.errors import MessageError


class PictureClock:
    """Converts a picture's time on the page's clock into seconds on the server's clock.

    The offset between the two clocks is fixed at the first picture, because the coach measures durations and arrival
    times jitter. It is corrected only when it has been proved wrong: a picture cannot be taken after it arrives (the
    first one was late), and on one machine it does not travel for more than `stale_s` (one of the clocks slept).
    """

    ahead_s = 0.05
    stale_s = 1.0

    def __init__(self) -> None:
        self._last_s = float("-inf")
        self.begin_anew()

    def begin_anew(self) -> None:
        """Take the next picture as the first one; the times that are returned still only rise."""
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
            # This happens just after a correction only: keep the order, with the smallest step.
            taken_s = self._last_s + 0.001
        if taken_s > arrived_s + self.ahead_s:
            raise MessageError("pictures come faster than a camera takes them")
        self._last_ms, self._last_s = t_ms, taken_s
        return taken_s
