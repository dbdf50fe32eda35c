"""Real parts for get-up tests: an X server, a D-Bus bus, mocked desktop services, a compositor, a control server."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from loosen.getup.control_socket import ControlServer, Handle

PATIENCE_S = 10.0
DEBIAN_PYTHON = "/usr/bin/python3"
"""Debian's own Python has Debian's python3-dbusmock; it runs as a process beside the tests."""

MOCK = "org.freedesktop.DBus.Mock"


def wait_until(holds: Callable[[], Any], what: str = "what was awaited") -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end_s, f"{what} did not happen"
        time.sleep(0.02)


def missing(reason: str) -> None:
    """In CI everything must be there; elsewhere the test is skipped, saying why."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def needs(*programs: str) -> None:
    if sys.platform != "linux":
        pytest.skip("a Linux desktop's parts")
    for program in programs:
        if shutil.which(program) is None:
            missing(f"{program} is not installed (Debian: apt-get install {program})")


def needs_dbusmock() -> None:
    needs("dbus-daemon", DEBIAN_PYTHON)
    found = subprocess.run([DEBIAN_PYTHON, "-c", "import dbusmock"], capture_output=True, check=False)
    if found.returncode:
        missing("python-dbusmock is not installed (Debian: apt-get install python3-dbusmock)")


@contextmanager
def running(*command: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, text=True, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


BUS_RULES = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def private_bus() -> Iterator[str]:
    """A bus of its own, for both the session's and the system's part; gives its address.

    It starts no services by itself: what is installed on this computer must not answer.
    """
    needs("dbus-daemon")
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as rules:
        rules.write(BUS_RULES)
        rules.flush()
        command = ("dbus-daemon", f"--config-file={rules.name}", "--nofork", "--nopidfile", "--print-address=1")
        with running(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as bus:
            assert bus.stdout is not None
            address = bus.stdout.readline().strip()
            assert address
            yield address


class Mocked:
    """One mocked service on a bus."""

    def __init__(self, name: str, path: str, interface: str) -> None:
        from loosen.getup.dbus import Bus

        self.name, self.path, self.interface = name, path, interface
        self.bus = Bus("SESSION")
        wait_until(lambda: self.bus.has(name), f"{name} on the bus")

    def method(self, name: str, gives: str, code: str, takes: str = "") -> None:
        body = (self.interface, name, takes, gives, code)
        self.bus.call(self.name, self.path, MOCK, "AddMethod", "sssss", body)

    def prop(self, name: str, value: tuple[str, Any]) -> None:
        self.bus.call(self.name, self.path, MOCK, "AddProperty", "ssv", (self.interface, name, value))

    def signal(self, name: str, signature: str, *values: tuple[str, Any]) -> None:
        body = (self.interface, name, signature, list(values))
        self.bus.call(self.name, self.path, MOCK, "EmitSignal", "sssav", body)

    def calls(self, method: str) -> list[Any]:
        (made,) = self.bus.call(self.name, self.path, MOCK, "GetCalls")
        return [arguments for _, name, arguments in made if name == method]


@contextmanager
def mocked(name: str, path: str, interface: str, *, template: str = "") -> Iterator[Mocked]:
    """Mock a service on the bus that the environment names."""
    needs_dbusmock()
    command = [DEBIAN_PYTHON, "-m", "dbusmock", "--session"]
    command += ["--template", template] if template else [name, path, interface]
    with running(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        service = Mocked(name, path, interface)
        try:
            yield service
        finally:
            service.bus.close()


@contextmanager
def x_server() -> Iterator[str]:
    """An X server that shows nothing, with the usual extensions; gives its name."""
    needs("Xvfb")
    reading, writing = os.pipe()
    command = ("Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-nolisten", "tcp")
    with running(*command, pass_fds=(writing,), stderr=subprocess.DEVNULL):
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"


def press_a_key(screen: str) -> None:
    from Xlib import X, display
    from Xlib.ext import xtest

    person = display.Display(screen)
    xtest.fake_input(person, X.KeyPress, 38)
    xtest.fake_input(person, X.KeyRelease, 38)
    person.sync()
    person.close()


@contextmanager
def serving(folder: Path, handle: Handle, *, unix: bool = True) -> Iterator[ControlServer]:
    """A control server in `folder` on a thread of its own."""
    server, over = ControlServer(folder, handle, unix=unix), threading.Event()

    def serve() -> None:
        while not over.is_set():
            select.select(server.filenos(), [], [], 0.05)
            server.serve()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        thread.join()
        server.close()


COMPOSITOR = Path(__file__).with_name("getup_compositor.py")


@contextmanager
def compositor(version: int, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A Wayland compositor with nothing but a seat and ext-idle-notify; `folder` is its runtime folder."""
    needs()
    environment = os.environ | {"XDG_RUNTIME_DIR": str(folder)}
    with running(
        sys.executable, str(COMPOSITOR), str(version), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as made:
        assert made.stdout is not None
        yield made, made.stdout.readline().strip()


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
