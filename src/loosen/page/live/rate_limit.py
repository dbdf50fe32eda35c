"""How fast messages and pictures may arrive."""

from __future__ import annotations


class Budget:
    """A token bucket: `at_once` tokens at most, refilled with `per_s` a second."""

    def __init__(self, *, at_once: float, per_s: float) -> None:
        self.at_once = at_once
        self.per_s = per_s
        self._left = at_once
        self._at_s: float | None = None

    def spend(self, t_s: float) -> bool:
        """Take one token and return True, or return False if there is none at `t_s` (seconds, monotonic)."""
        if self._at_s is not None:
            self._left = min(self.at_once, self._left + (t_s - self._at_s) * self.per_s)
        self._at_s = t_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
