"""The system's clocks, in one place: everything else is given the time."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import getnode


class Times(Protocol):
    """The clocks that the service needs."""

    def boot_s(self) -> float:
        """Return seconds on a clock that goes on while the computer sleeps and that nobody sets."""

    def awake_s(self) -> float:
        """Return seconds on a clock that stands still while the computer sleeps."""

    def now(self) -> datetime:
        """Return the local time with its offset: for stamps in the log, never for intervals."""

    def boot_id(self) -> str:
        """Return what tells one running of the computer from the next."""


class SystemTimes:
    """Linux: the boot-time and the monotonic clock. macOS: its monotonic clock goes on in sleep, `UPTIME_RAW` stops.

    Windows: the tick count goes on in sleep, `QueryUnbiasedInterruptTime` stops. (The last two as their makers'
    manuals say; not yet run there.)
    """

    def boot_s(self) -> float:
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()

    def awake_s(self) -> float:
        if sys.platform == "darwin":
            return time.clock_gettime(time.CLOCK_UPTIME_RAW)
        if sys.platform == "win32":
            import ctypes

            ticks = ctypes.c_ulonglong()
            ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(ticks))
            return ticks.value / 1e7
        return time.monotonic()

    def now(self) -> datetime:
        if sys.platform != "win32":
            time.tzset()  # who travels changes the zone, and it is read once only
        return datetime.now().astimezone()

    def boot_id(self) -> str:
        if sys.platform == "linux":
            try:
                return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
            except OSError:
                return ""
        # Elsewhere: when it was booted, to the ten minutes, and on which machine.
        return f"{getnode():x}-{round((time.time() - self.boot_s()) / 600)}"
