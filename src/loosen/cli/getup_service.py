"""The get-up service put together: the sitting clock, the sensors, the ways to ask, the journal.

`start` works out, with everything at hand, what the service must know, and replaces this process by one that has only
what it needs in memory: neither numerics nor the web, nor even the routine's reader.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from loosen.files import journal_path, runtime_folder
from loosen.getup.startup import VARIABLE, Plan

if TYPE_CHECKING:
    from loosen.getup.prompts.base import Prompter
    from loosen.journal.store.sits import Sits
    from loosen.routine.model import Routine
    from loosen.routine.words import Words

_TEXTS = ("ask-title", "ask-text", "second-title", "second-text", "up", "snooze", "show", "begun", "ended")


def folder() -> Path:
    """Return where the service's socket and lock lie."""
    return runtime_folder()


def plan_of(
    routine: Routine, words: Words, *, journal: Path | None, camera: bool, page: tuple[str, ...] = ()
) -> Plan:
    """Return what the service must know.

    GetUpError if the routine does not ask to get up, JournalError if `journal` is a file that was never one.
    """
    from loosen.cli.journal import own_journal
    from loosen.errors import GetUpError

    rule = routine.get_up
    if rule is None:
        raise GetUpError(f"“{routine.title}” has no rule for getting up: add [get_up] to its file")
    known = {exercise.id: exercise.title for exercise in routine.exercises}
    titles = {one: known[one] for one in rule.movements if one in known}
    return Plan(
        after_s=rule.after_min * 60,
        latest_s=rule.latest_min * 60,
        titles=titles,
        texts={name: words[f"sitting.{name}"] for name in _TEXTS},
        folder=str(folder()),
        journal=str(journal_path(own_journal(journal))),
        camera=camera,
        page=page,
    )


def start(plan: Plan) -> int:
    """Become the service. GetUpError at once, in this process, if it runs already."""
    from loosen.getup.control_socket import Lock

    Lock(Path(plan.folder)).close()
    os.environ[VARIABLE] = plan.to_text()
    if sys.platform != "win32":  # a process there cannot be replaced
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-P", "-m", "loosen.cli.getup_service"])
    return main()


def open_log(path: Path | None) -> Sits:
    """Open the log to read it; where there is no journal yet, none is begun."""
    from loosen.cli.journal import own_journal
    from loosen.journal.store.sits import Sits

    own_journal(path)
    return Sits.open(path) if journal_path(path).exists() else Sits.in_memory()


def main() -> int:
    """Run the service until it is told to end."""
    from loosen.errors import LoosenError
    from loosen.getup.child_processes import PAGE, Looker, Opener
    from loosen.getup.control_socket import Lock, Server
    from loosen.getup.prompts.ways import Ways
    from loosen.getup.sensor_registry import Watch, kinds_here
    from loosen.getup.service import Service
    from loosen.getup.system_clock import SystemTimes
    from loosen.journal.store.sits import Sits

    plan = Plan.from_text(os.environ.pop(VARIABLE))
    try:
        lock = Lock(Path(plan.folder))
        log = Sits.open(Path(plan.journal) if plan.journal else None, or_unsaved=True)
        for notice in log.notices:
            print(f"loosen: {notice}", file=sys.stderr)
        opener = Opener((*PAGE, *plan.page))
        service = Service(
            plan,
            times=SystemTimes(),
            watch=Watch(kinds_here()),
            ways=Ways(_ways(lambda: opener.open(""))),
            log=log,
            looker=Looker(),
            show_page=opener.open,
        )
        server = Server(Path(plan.folder), service.handle)
    except LoosenError as error:
        print(f"loosen: {error}", file=sys.stderr)
        return error.exit_code
    print(plan.texts["begun"], file=sys.stderr, flush=True)
    ended = _on_signals(service)
    try:
        service.run(lambda: [*server.filenos(), ended.fileno()], server.serve)
    finally:
        server.close()
        service.close()
        log.close()
        lock.close()
    with suppress(OSError):  # the terminal may be gone
        print(plan.texts["ended"], file=sys.stderr, flush=True)
    return 0


def _ways(open_page: Callable[[], None]) -> list[Callable[[], Prompter]]:
    from loosen.getup.prompts.plain import Plain

    def notification() -> Prompter:
        if sys.platform == "linux":
            from loosen.getup.prompts.notification import Notification

            return Notification()
        from loosen.getup.prompts.foreign import DesktopNotifier

        return DesktopNotifier()

    return [notification, lambda: Plain(open_page)]


def _on_signals(service: object) -> socket.socket:
    """Have the service end in order; return what becomes readable then, to wake it."""
    hears, tells = socket.socketpair()
    tells.setblocking(False)
    signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)

    def end(_: int, __: object) -> None:
        service.over = True  # type: ignore[attr-defined]

    ends = [signal.SIGINT, signal.SIGTERM]
    # A terminal that is closed ends it in order too, but not where `nohup` has said that it should go on.
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ends.append(signal.SIGHUP)
    for number in ends:
        signal.signal(number, end)
    _kept.append(tells)
    return hears


_kept: list[socket.socket] = []


if __name__ == "__main__":
    sys.exit(main())
