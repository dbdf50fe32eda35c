"""What can go wrong, as one tree.

::

    LoosenError
    ├── InputError            what the person gave cannot be used             (exit code 2)
    │   ├── RoutineError      a routine file that is not one
    │   ├── RecordingError    a clip or track that cannot be watched
    │   ├── JournalError      a journal that cannot be used as it is
    │   ├── ArchiveError      a place of recordings, or of results, that cannot be used
    │   ├── VersionMismatch   a worker with another loosen than ours
    │   └── MessageError      a message from the page that cannot be used   (the connection goes on)
    ├── MissingPart           something that should be installed is not       (exit code 2)
    ├── UnavailableError      what was asked cannot be done just now          (exit code 1)
    │   ├── GetUpError        the get-up service is not running, runs already, or refuses
    │   ├── LockedError       another process is using what is to be written
    │   │   └── JournalBusy   a journal that another process is using         (a JournalError too)
    │   └── ClusterLost       the machines that work are out of reach
    ├── ImpossibleRecord      an imported record that cannot be right         (the import is refused)
    ├── BrokenRecording       a recording that ended the process watching it  (set aside)
    └── SensorError           a sensor or a way to speak is missing or died   (another takes its place)

Every message is one plain sentence on what is wrong and, where there is something to do, what to do next.

Exit codes of the commands: 0 done; 1 done and something was found wrong, or it could not be done now; 2 the same
command would fail again, because of what was given or what is installed. A script may try again after 1, not after 2.
"""

from __future__ import annotations


class LoosenError(Exception):
    """Anything loosen raises on purpose."""

    exit_code = 1


class InputError(LoosenError):
    """What the person gave cannot be used; nothing has been changed."""

    exit_code = 2


class RoutineError(InputError):
    """A routine file is refused: `path` (``$.exercises[0].dose``) and `line` say where, if known."""

    def __init__(self, message: str, *, file: str = "", path: str = "", line: int | None = None) -> None:
        self.message, self.file, self.path, self.line = message, file, path, line
        where = file + (f":{line}" if line else "")
        super().__init__(": ".join(part for part in (where, path, message) if part))


class RecordingError(InputError):
    """A clip or landmark track cannot be read or holds nothing to watch."""


class JournalError(InputError):
    """The journal cannot be used as it is, and was left untouched."""


class ArchiveError(InputError):
    """Recordings that cannot be listed, or results that cannot be added to; what is there was left untouched."""


class VersionMismatch(InputError):
    """A worker has another version of loosen; results of two cannot be compared."""


class MessageError(InputError):
    """A message from the page cannot be used; the connection goes on."""


class MissingPart(LoosenError):
    """A part that belongs to the installation is missing or damaged."""

    exit_code = 2


class UnavailableError(LoosenError):
    """What was asked cannot be done just now; the same command may succeed later."""

    exit_code = 1


class GetUpError(UnavailableError):
    """The get-up service is not running, runs already, or cannot do what was asked now."""


class LockedError(UnavailableError):
    """Another process is using what is to be written; nothing has been changed."""


class JournalBusy(LockedError, JournalError):
    """Another process is using the journal; nothing has been changed."""


class ClusterLost(UnavailableError):
    """The cluster's scheduler is out of reach; what was done is kept."""


class ImpossibleRecord(LoosenError):
    """A record of an import that cannot be right; the text is part of a sentence."""


class BrokenRecording(LoosenError):
    """A recording crashed or hung the process that watched it. `unit`: the recording's name by its contents."""

    unit = ""


class SensorError(LoosenError):
    """A sensor, or a way to speak to the person, is missing or has died; the service goes on without it."""
