"""Installing and uninstalling what starts the service with the desktop.

Which file that is and what stands in it differs between systems: see `systems`. Both are idempotent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from loosen.errors import GetUpError
from loosen.files import HOME_VARIABLE, atomic_write
from loosen.getup.systems.base import Autostart, System, this_system


def autostarts(options: Sequence[str] = (), system: System | None = None) -> list[Autostart]:
    """Return the system's ways to start `loosen getup run` with `options`, the one to be used here first."""
    system = system or this_system()
    command = [sys.executable, "-P", "-m", "loosen", "getup", "run", *options]
    # The service must find the same journal and socket as the commands that are typed.
    given = system.environment.get(HOME_VARIABLE)
    own_home = str(Path(given).expanduser().absolute()) if given else ""
    return system.autostarts(command, own_home)


def install(
    autostart: Autostart, *, instead_of: Sequence[Autostart] = (), end_service: Callable[[], object] = bool
) -> bool:
    """Write the file and start the service where the system does that; return whether the file changed.

    `end_service` is called first if anything changes, whoever started the service that runs: it would go on with the
    options of before, and a new one could not run beside it. The autostarts in `instead_of` are removed: two would
    race at login, and the one with the old options might win.

    Raises GetUpError if the file cannot be written, or if the system refuses to start the service; the file then stays
    and counts from the next login on.
    """
    before = _read(autostart.file)
    changed = before != autostart.text
    if changed or instead_of:
        end_service()
    if changed:
        try:
            autostart.file.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(autostart.file, autostart.text.encode())
        except OSError as error:
            raise GetUpError(f"{autostart.file} cannot be written ({error.strerror})") from error
    for other in instead_of:
        uninstall(other)
    replaced = changed and before is not None
    _run_all(autostart, autostart.restart or autostart.enable if replaced else autostart.enable)
    return changed


def uninstall(autostart: Autostart) -> bool:
    """Stop the service and remove the file; return whether there was one."""
    if not autostart.file.exists():
        return False
    with suppress(GetUpError):  # what does not run cannot be stopped; the file is removed all the same
        _run_all(autostart, autostart.disable)
    try:
        autostart.file.unlink(missing_ok=True)
    except OSError as error:
        raise GetUpError(f"{autostart.file} cannot be removed ({error.strerror})") from error
    with suppress(GetUpError):
        _run_all(autostart, autostart.reload)
    return True


def _run_all(autostart: Autostart, commands: Sequence[Sequence[str]]) -> None:
    failed = [command for command in commands if run_command(command)]
    if failed:
        raise GetUpError(
            f"{autostart.file} is written and counts from your next login on, but {' '.join(failed[0])!r} failed:"
            " until then, start it with: loosen getup run"
        )


def run_command(command: Sequence[str]) -> int:
    """Run a command of the system's for at most 20 s; return its exit code, 1 if it could not be run."""
    import subprocess

    try:
        return subprocess.run(command, check=False, capture_output=True, timeout=20).returncode
    except (OSError, subprocess.SubprocessError):
        return 1


def _read(file: Path) -> str | None:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
