"""Nothing leaves this computer: seen in the browser, in the server's sockets, and without a network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import av
import cv2
import pytest
from browsing import ALLOWED, CAMERA, QUIET
from page_support import Page, PageServer, wait_until
from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright
from websockets.sync.client import connect

FIXTURES = Path(__file__).parent / "fixtures"
BROWSER = [*QUIET, *CAMERA, ALLOWED]
LOOPBACK = "127.0.0.1"


@pytest.fixture
def tab(chromium: str) -> Iterator[Tab]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=BROWSER)
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
def test_the_page_asks_nobody_but_the_server_and_obeys_its_policy(served: PageServer, tab: Tab) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("websocket", lambda socket: asked.append(socket.url))
    tab.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(f"{served.origin}/?key={served.keys.lasting}")
    assert tab.url == f"{served.origin}/"
    tab.locator("button.start").click()
    wait_until(lambda: bool(served.sessions) and _passing(tab, len(served.session.looks) >= 5), "a look")
    served.session.stage_now = served.session.stage_now.__class__("summary")
    tab.wait_for_timeout(300)
    assert {urlsplit(url).hostname for url in asked} == {LOOPBACK}
    assert {urlsplit(url).port for url in asked} == {served.port}
    assert any(url.startswith("ws://") for url in asked)
    assert not complaints


def _passing(tab: Tab, held: bool) -> bool:
    """Let the browser's events through while something is awaited."""
    tab.wait_for_timeout(20)
    return held


class Elsewhere(BaseHTTPRequestHandler):
    """A page of somebody else's, without any policy of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another server on this machine: as near as an attacker can come; he even gets our cookie sent."""
    with ThreadingHTTPServer((LOOPBACK, 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{LOOPBACK}:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.browser
def test_a_page_from_elsewhere_gets_nothing_in_a_real_browser(served: PageServer, tab: Tab, elsewhere: str) -> None:
    tab.goto(f"{served.origin}/?key={served.keys.lasting}")
    assert tab.evaluate("fetch('/home.json').then((r) => r.status)") == 200
    tab.goto(elsewhere)
    opened = tab.evaluate(OPEN_SOCKET, f"ws://{LOOPBACK}:{served.port}/live")
    read = tab.evaluate(READ, f"{served.origin}/home.json")
    script = tab.evaluate(LOAD_SCRIPT, f"{served.origin}/static/js/main.js")
    tab.evaluate(FRAME, f"{served.origin}/")
    assert (opened, read, script) == ("refused", "refused", "refused")
    # Chromium shows a page of its own in place of one that may not be framed.
    assert [urlsplit(frame.url).scheme for frame in tab.frames] == ["http", "chrome-error"]
    assert not served.sessions


OPEN_SOCKET = """(url) => new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => done('open');
    socket.onerror = () => done('refused');
})"""
READ = "(url) => fetch(url, {credentials: 'include'}).then((r) => r.text()).catch(() => 'refused')"
LOAD_SCRIPT = """(url) => new Promise((done) => {
    const script = document.createElement('script');
    script.onload = () => done('loaded');
    script.onerror = () => done('refused');
    script.src = url;
    document.head.append(script);
})"""
FRAME = """(url) => new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.onload = () => done();
    frame.src = url;
    document.body.append(frame);
})"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="needs Linux's /proc to see the sockets")
def test_the_real_tracker_leaves_no_file_and_opens_no_socket_but_the_servers_on_loopback(tmp_path: Path) -> None:
    """Ten pictures of a person go through the whole of loosen; only the journal is left of them."""
    places = {name: tmp_path / name for name in ("HOME", "TMPDIR", "TEMP", "TMP", "LOOSEN_HOME", "work")}
    for place in places.values():
        place.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    env |= {name: str(place) for name, place in places.items() if name != "work"}
    command = [sys.executable, "-m", "loosen", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=places["work"], env=env) as served:
        assert served.stderr is not None
        try:
            found = re.search(r":(\d+)/\?key=(\S+)", served.stderr.readline())
            assert found
            port, key = int(found[1]), found[2]
            before = _sockets(served.pid)
            origin = f"http://{LOOPBACK}:{port}"
            headers = {"Origin": origin, "Cookie": f"loosen-{port}={key}"}
            with connect(f"ws://{LOOPBACK}:{port}/live", additional_headers=headers, proxy=None) as socket:
                page = Page(socket)
                page.send(type="start", camera=True)
                seen = 0
                for n, jpeg in enumerate(_pictures(FIXTURES / "reach.mp4", 10)):
                    page.picture(100.0 * (n + 1), jpeg)
                    seen += page.wait("points", t_ms=100.0 * (n + 1))["points"] is not None
                during = _sockets(served.pid)
        finally:
            served.terminate()
            served.communicate()
    assert seen >= 8
    assert before == {("tcp", "0100007F", port)}
    assert during == before
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"LOOSEN_HOME/journal.db"}
    assert b"\xff\xd8\xff" not in (places["LOOSEN_HOME"] / "journal.db").read_bytes()


def _pictures(film: Path, n: int) -> Iterator[bytes]:
    """Yield the first pictures of a film as JPEGs."""
    with av.open(str(film)) as source:
        for frame in islice(source.decode(video=0), n):
            yield cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"))[1].tobytes()


def _sockets(pid: int) -> set[tuple[str, str, int]]:
    """Return (kind, address as the kernel writes it, port) of each internet socket of a process."""
    own = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    places = set()
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in own:
                address, _, port = fields[1].partition(":")
                places.add((kind, address, int(port, 16)))
    return places


def _apart() -> list[str]:
    """Return what runs a command in an empty network namespace. Impossible, it is a failure in CI."""
    if unshare := shutil.which("unshare"):
        ways = [[unshare, "--map-root-user", "--net"]]
        if sudo := shutil.which("sudo"):
            # Some systems forbid such namespaces to all but root; the command still runs as ourselves.
            ourselves = [f"--setgid={os.getgid()}", f"--setuid={os.getuid()}"]
            ways.append([sudo, "--non-interactive", unshare, "--net", *ourselves])
        for way in ways:
            if subprocess.run([*way, "true"], check=False, capture_output=True).returncode == 0:
                return way
    reason = "this system lets us make no network namespace (unshare, as ourselves or by sudo)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.mark.slow
def test_a_recording_is_watched_without_any_network(tmp_path: Path) -> None:
    """Not even loopback is there."""
    command = [sys.executable, "-m", "loosen", "watch", str(FIXTURES / "arch.mp4"), "--json"]
    here = [*_apart(), "env", f"LOOSEN_HOME={tmp_path}"]
    done = subprocess.run([*here, *command], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counted"] >= 1
