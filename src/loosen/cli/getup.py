"""`loosen getup`: starts the get-up service, asks it, shows its log, and installs it with the desktop."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from loosen.cli.options import (
    add_journal,
    add_json,
    add_routine,
    command,
    journal_of,
    now,
    number,
    print_data,
    print_json,
    routine_of,
    words_of,
)
from loosen.cli.terminal import show
from loosen.files import runtime_folder

if TYPE_CHECKING:
    from loosen.cli.options import Commands
    from loosen.cli.terminal import Shown
    from loosen.getup.systems.base import Autostart
    from loosen.routine.words import Words

_EXAMPLES = """\
examples:
  loosen getup run                   watch over your sitting, here, until Ctrl-C
  loosen getup install               the same, from now on, with your desktop
  loosen getup pause --for 1h30m
  loosen getup log --days 7
  loosen getup log --csv > sits.csv

You are asked at the first pause after 30 minutes of sitting, at 45 at the latest. The window is the routine's."""

_DAY_S, _PAUSE_S = 24 * 3600.0, 3600.0


def add(commands: Commands) -> None:
    """Add the group to the command line."""
    getup = command(commands, "getup", None, "be asked to get up every 30 to 45 minutes", _EXAMPLES)
    of_getup = getup.add_subparsers(title="commands", metavar="COMMAND", required=True)
    running = command(of_getup, "run", _run, "watch over your sitting until it is ended")
    texts = {
        "status": "how long you have been sitting, and what the sensors tell",
        "snooze": "be asked again in 5 minutes; twice at most",
        "pause": "ask nothing for a while; a pause always ends by itself",
        "resume": "end the pause",
    }
    requests = [command(of_getup, what, partial(_ask, what=what), text) for what, text in texts.items()]
    log = command(of_getup, "log", _log, "your sits and what became of each prompt")
    install = command(of_getup, "install", _install, "start it with your desktop from now on")
    uninstall = command(of_getup, "uninstall", _uninstall, "no longer start it with your desktop")

    for one in (running, install):
        add_routine(one)
        add_journal(one)
        text = "let the camera look for a few seconds inside a prompt, to see whether you stand"
        one.add_argument("--camera", action="store_true", help=text)
    for name in ("after", "latest", "away"):  # for trying it out
        running.add_argument(f"--{name}-s", type=_seconds, help=argparse.SUPPRESS)
    how_long = requests[2].add_mutually_exclusive_group()
    text = "such as 45m, 2h, 1h30m (default: 1h)"
    how_long.add_argument("--for", dest="length", type=_length, metavar="TIME", help=text)
    how_long.add_argument("--until", type=_until, metavar="HH:MM", help="a time of day")
    days = number("a number of days from 1 to 3660", 1, 3660)
    log.add_argument("--days", type=days, default=14, metavar="N", help="how many days back (default: 14)")
    log.add_argument("--csv", action="store_true", help="print CSV, one row for each sit or prompt")
    add_journal(log)
    for one in (*requests, log, install, uninstall):
        add_json(one)


# -- the commands ------------------------------------------------------------------------------------------


def _run(given: argparse.Namespace) -> int:
    from loosen.cli import getup_service

    routine, pages = routine_of(given.routine), _page_options(given)
    settings = getup_service.settings_of(
        routine, words_of(), journal=given.journal, camera=given.camera, page_options=pages
    )
    times = {f"{name}_s": value for name in ("after", "latest", "away") if (value := getattr(given, f"{name}_s"))}
    return getup_service.start(settings._replace(rule=settings.rule._replace(**times)))


def _ask(given: argparse.Namespace, what: str) -> int:
    """Ask the service that runs, and print the status that it answers with."""
    from loosen.cli.getup_text import short_lines, status_lines
    from loosen.getup.control_socket import ask

    length = {"seconds": given.length or given.until or _PAUSE_S} if what == "pause" else {}
    status = ask(runtime_folder(), {"do": what} | length)
    text = status_lines if what == "status" else short_lines
    _print(given, status, text(status, words_of()))
    return 0


def _log(given: argparse.Namespace) -> int:
    from loosen.cli.getup_text import as_csv, log_lines
    from loosen.journal.outcomes.sit_log import as_values

    today = now().date()
    with journal_of(given.journal) as journal:
        sits = journal.sits(today - timedelta(days=given.days - 1), today)
    if given.json:
        print_json(as_values(sits))
    elif given.csv:
        print_data(as_csv(sits).encode())
    elif sits:
        show(*log_lines(sits, words_of()))
    else:
        print(words_of()["sitting.none-yet"], file=sys.stderr)
    return 0


def _install(given: argparse.Namespace) -> int:
    import shlex

    from loosen.cli.getup_service import settings_of
    from loosen.getup.autostart import autostarts, install
    from loosen.getup.control_socket import check_folder, is_running, stop

    words, folder, ended = words_of(), runtime_folder(), False
    # What could not run is not installed.
    settings_of(routine_of(given.routine), words, journal=given.journal, camera=given.camera)
    check_folder(folder)
    options = [*_page_options(given), *(["--camera"] if given.camera else [])]
    chosen, *others = autostarts(options)
    others = [other for other in others if other.file.exists()]

    def end_service() -> None:
        nonlocal ended
        ended = stop(folder)

    changed = install(chosen, instead_of=others, end_service=end_service)
    waits = not (chosen.starts_now or is_running(folder))
    values = {
        "way": chosen.name,
        "file": str(chosen.file),
        "changed": changed,
        "removed": _files(others),
        "ended": ended,
        "starts": "next login" if waits else "now",
    }

    command_now = shlex.join(["loosen", "getup", "run", *options])
    lines = [
        words("sitting.installed" if changed else "sitting.was-installed", **values),
        *_removed_lines(others, ended, words),
        *([words("sitting.next-login", command=command_now)] if waits else []),
    ]
    _print(given, values, lines)
    return 0


def _uninstall(given: argparse.Namespace) -> int:
    from loosen.getup.autostart import autostarts, uninstall
    from loosen.getup.control_socket import stop

    removed = [autostart for autostart in autostarts() if uninstall(autostart)]
    # A service that only a login would start again is ended too: what was consented to ends now.
    ended, words = stop(runtime_folder()), words_of()
    lines = _removed_lines(removed, ended, words)
    values = {"removed": _files(removed), "changed": bool(removed), "ended": ended}
    _print(given, values, lines if removed else [words["sitting.was-uninstalled"], *lines])
    return 0


def _files(autostarts: list[Autostart]) -> list[dict[str, str]]:
    return [{"way": autostart.name, "file": str(autostart.file)} for autostart in autostarts]


def _removed_lines(autostarts: list[Autostart], ended: bool, words: Words) -> list[str]:
    removals = [words("sitting.uninstalled", **values) for values in _files(autostarts)]
    return [*removals, *([words["sitting.service-ended"]] if ended else [])]


def _print(given: argparse.Namespace, values: dict[str, Any], lines: Sequence[Shown]) -> None:
    if given.json:
        print_json(values)
    else:
        show(*lines)


def _page_options(given: argparse.Namespace) -> tuple[str, ...]:
    """Return the options with which the page shows the same routine and keeps the same journal."""
    both = (("--routine", given.routine), ("--journal", given.journal))
    return tuple(part for name, path in both if path is not None for part in (name, str(path.absolute())))


# -- arguments ----------------------------------------------------------------------------------------------


def _length(text: str) -> float:
    """Return a duration in seconds; for argparse."""
    found = re.fullmatch(r"(?:(\d{1,2})h)?(?:(\d{1,4})m(?:in)?)?", text.strip().lower(), re.ASCII)
    seconds = int(found[1] or 0) * 3600.0 + int(found[2] or 0) * 60.0 if found else 0.0
    if not 0 < seconds <= _DAY_S:
        raise argparse.ArgumentTypeError(f"expected a time such as 45m or 1h30m, up to 24h, got {text!r}")
    return seconds


def _until(text: str) -> float:
    """Return the seconds until a time of day, today or tomorrow; for argparse."""
    try:
        clock = datetime.strptime(text.strip(), "%H:%M").time()
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time of day such as 14:30, got {text!r}") from None
    return seconds_until(clock, now())


def seconds_until(clock: time, since: datetime) -> float:
    """Return the seconds from `since` until this system's clocks next show a time of day; a day at most."""
    for day in (since.date(), since.date() + timedelta(days=1)):
        # In the hour that autumn repeats each time comes twice, and the first may be over.
        for fold in (0, 1):
            ahead_s = datetime.combine(day, clock.replace(fold=fold)).timestamp() - since.timestamp()
            if ahead_s > 0:
                return min(ahead_s, _DAY_S)
    return _DAY_S


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _DAY_S:
        raise argparse.ArgumentTypeError(f"expected seconds up to a day, got {text!r}")
    return seconds
