"""The get-up service put together: the sitting clock, the sensors, the prompters, the journal.

`start` works out, with everything at hand, what the service must know, and replaces this process by one that has only
what it needs in memory: neither numpy nor the web server, nor even the routine's reader.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.files import journal_path, runtime_folder
from loosen.getup.rule import Rule, ServiceSettings

if TYPE_CHECKING:
    import subprocess

    from loosen.getup.service import Service
    from loosen.routine.model import Routine
    from loosen.routine.words import Words

MOVEMENTS = (sys.executable, "-P", "-m", "loosen.cli.getup_movements")
MOVEMENTS_WITHIN_S = 10
SETTINGS_VARIABLE = "LOOSEN_GETUP_SETTINGS"
PAGE = (sys.executable, "-P", "-m", "loosen")
_TEXTS = ("ask-title", "ask-text", "second-title", "second-text", "up", "snooze", "show", "begun", "ended")


def settings_of(
    routine: Routine, words: Words, *, journal: Path | None, camera: bool, page_options: tuple[str, ...] = ()
) -> ServiceSettings:
    """Return what the service must know.

    InputError if the routine does not ask to get up, JournalError if `journal` is a file that was never one.
    """
    from loosen.cli.getup_movements import titles_of
    from loosen.cli.options import own_journal
    from loosen.coach.guidance.past import Past
    from loosen.errors import InputError

    rule = routine.get_up
    if rule is None:
        raise InputError(f"“{routine.title}” has no rule for getting up: add [get_up] to its file")
    titles = titles_of(routine, Past())
    return ServiceSettings(
        Rule(rule.after_min * 60, rule.latest_min * 60, movements=tuple(titles), camera=camera),
        titles=titles | {"": words["sitting.any"]},
        texts={name: words[f"sitting.{name}"] for name in _TEXTS},
        folder=str(runtime_folder()),
        journal=str(journal_path(own_journal(journal))),
        page_options=page_options,
    )


def start(settings: ServiceSettings) -> int:
    """Become the service. GetUpError at once, in this process, if it runs already."""
    from loosen.getup.control_socket import only_service

    with only_service(Path(settings.folder)):
        pass
    os.environ[SETTINGS_VARIABLE] = settings.to_json()
    if sys.platform != "win32":  # a process cannot be replaced there
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-P", "-m", "loosen.cli.getup_service"])
    return main()


def titles_now(options: Sequence[str]) -> dict[str, str] | None:
    """Return what a prompt may show by now, from a process of its own; None where it does not tell."""
    from subprocess import DEVNULL, PIPE, SubprocessError, run

    try:
        done = run([*MOVEMENTS, *options], stdin=DEVNULL, stdout=PIPE, timeout=MOVEMENTS_WITHIN_S, check=True)
        return dict(json.loads(done.stdout))
    except (OSError, ValueError, SubprocessError):
        return None


class PageOpener:
    """Opens the page at a movement, in a process that does not belong to the service."""

    def __init__(self, command: Sequence[str] = PAGE) -> None:
        self._command = tuple(command)
        self._started: list[subprocess.Popen[bytes]] = []

    def open(self, exercise: str = "") -> None:
        """Open the page at a movement, or at its home."""
        from subprocess import DEVNULL, Popen

        self.reap()
        movement = ("--movement", exercise) if exercise else ()
        with suppress(OSError):
            command = [*self._command, *movement]
            page = Popen(command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True)
            self._started.append(page)

    def reap(self) -> None:
        """Let go of the processes that have ended."""
        self._started = [process for process in self._started if process.poll() is None]


def main() -> int:
    """Run the service until it is told to end."""
    from loosen.errors import LoosenError
    from loosen.getup.camera_look import CameraLook
    from loosen.getup.control_socket import ControlServer, only_service
    from loosen.getup.prompts.prompter import FallbackPrompter
    from loosen.getup.prompts.tone import TonePrompter
    from loosen.getup.sensor_registry import SensorRegistry
    from loosen.getup.service import Service
    from loosen.getup.systems.base import this_system
    from loosen.journal.store.sits import Sits

    settings = ServiceSettings.from_json(os.environ.pop(SETTINGS_VARIABLE))
    with ExitStack() as stack:
        try:
            stack.enter_context(only_service(Path(settings.folder)))
            log = Sits.open(Path(settings.journal) if settings.journal else None, or_unsaved=True)
            stack.callback(log.close)
            for notice in (*log.notices, *filter(None, [log.trouble])):
                print(f"loosen: {notice}", file=sys.stderr)
            system, page = this_system(), PageOpener((*PAGE, *settings.page_options))
            service = Service(
                settings,
                system=system,
                sensors=SensorRegistry(system.sensor_kinds()),
                prompter=FallbackPrompter([system.notifications, lambda: TonePrompter(page.open)]),
                log=log,
                camera=CameraLook(),
                open_page=page.open,
                titles_now=lambda: titles_now(settings.page_options),
            )
            stack.callback(service.close)
            server = ControlServer(Path(settings.folder), service.handle)
            stack.callback(server.close)
        except LoosenError as error:
            print(f"loosen: {error}", file=sys.stderr)
            return error.exit_code
        ended, _wakes = _end_on_signals(service)
        print(settings.texts["begun"], file=sys.stderr, flush=True)
        service.run(lambda: [*server.filenos(), ended.fileno()], server.serve)
    with suppress(OSError):  # the terminal may be gone
        print(settings.texts["ended"], file=sys.stderr, flush=True)
    return 0


def _end_on_signals(service: Service) -> tuple[socket.socket, socket.socket]:
    """Have signals end the service in order; the first socket becomes readable with the first signal, to wake it.

    The second one must be kept while the service runs.
    """
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)

    def end(_: int, __: object) -> None:
        service.over = True

    numbers = [signal.SIGINT, signal.SIGTERM]
    # A terminal that is closed ends it in order too, unless `nohup` had SIGHUP ignored.
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, end)
    return woken, wakes


if __name__ == "__main__":
    sys.exit(main())
