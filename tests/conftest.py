"""What all tests share: a home of their own, a server, and a real browser if there is one."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing import CAMERA, QUIET
from hypothesis import HealthCheck, settings
from journal_makers import EVENING
from journals import six_sessions
from page_screens import LAPTOP, Opener, Screen
from page_support import PATIENCE_S, Page, PageServer, serve_page

from loosen.cli import options

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No time limits in tests: a machine that is busy with something else breaks nothing.
settings.register_profile("loosen", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("loosen")

# A shell starts what runs in the background with SIGINT ignored, and programs inherit that: ours must hear Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test may touch the journal of the person who runs it."""
    home = tmp_path / "home"
    monkeypatch.setenv("LOOSEN_HOME", str(home))
    return home


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test may begin a journal."""
    return tmp_path / "journal.db"


@pytest.fixture
def six(own_home: Path) -> Path:
    """The usual journal of this test's own home, with six made-up sessions in it."""
    return six_sessions(own_home / "journal.db")


@pytest.fixture
def that_evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the journal's commands run on the evening that the tests' journals end with, whenever the tests do."""
    monkeypatch.setattr(options, "now", lambda: EVENING)


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
def served() -> Iterator[PageServer]:
    with serve_page() as served:
        yield served


@pytest.fixture
def page(served: PageServer) -> Iterator[Page]:
    with served.page() as connected:
        yield connected


# -- the page in a browser


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *CAMERA])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, served: PageServer) -> Iterator[Opener]:
    """Open the page of the server; at the end, nothing may have been complained of or asked of another host."""
    contexts, complaints, hosts, own = [], [], set(), served

    def open_page(
        size: tuple[int, int] = LAPTOP, *, camera: bool = True, served: PageServer = own, **wishes: Any
    ) -> Screen:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            permissions=["camera"] if camera else [],
            **wishes,
        )
        contexts.append(context)
        page = context.new_page()
        screen = Screen(page, served)
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        page.goto(f"{served.origin}/?key={served.keys.lasting}")
        page.wait_for_selector(".start")
        return screen

    yield open_page
    for context in contexts:
        context.close()
    # A server that a test has stopped refuses its page.
    stopped = ("WebSocket", "ERR_CONNECTION_REFUSED")
    assert not [text for text in complaints if not any(it in text for it in stopped)]
    assert {host.split(":")[0] for host in hosts} <= {"127.0.0.1"}


@pytest.fixture
def screen(opened: Opener) -> Screen:
    """The page as a laptop with a camera shows it."""
    return opened()
