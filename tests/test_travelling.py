"""Who travels with loosen running is where the clock on the wall says."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from page_support import PageServer

from loosen.getup.systems.base import this_system

if sys.platform == "win32":
    pytest.skip("Windows tells a running program of another zone by itself", allow_module_level=True)


@pytest.fixture
def fly(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Change the zone as the system does it: the program is not told."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield lambda zone: patched.setenv("TZ", zone)
    time.tzset()


@pytest.mark.parametrize("now", [this_system().now, PageServer().setup.journal.now], ids=["the service", "the page"])
def test_a_flight_to_tokyo_is_noticed_without_a_new_start(
    fly: Callable[[str], None], now: Callable[[], datetime]
) -> None:
    assert now().utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    fly("Asia/Tokyo")
    assert now().utcoffset() == timedelta(hours=9)
