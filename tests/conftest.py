"""What all tests share: a home of their own, and whether a real browser is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from page_support import House, Page, open_house

# No time limits in tests: a machine that is busy with something else breaks nothing.
settings.register_profile("loosen", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loosen")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test may touch the journal of the person who runs it."""
    home = tmp_path / "home"
    monkeypatch.setenv("LOOSEN_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a real Chromium. Missing, it is a failure in CI and a skip elsewhere."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    reason = "no Chromium on this machine (Debian: apt-get install chromium)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def house() -> Iterator[House]:
    with open_house() as served:
        yield served


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    with house.page() as connected:
        yield connected
