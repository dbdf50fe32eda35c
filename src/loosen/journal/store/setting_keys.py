"""The keys under which the journal keeps what loosen remembers: settings, templates, the sitting clock's state."""

from __future__ import annotations

CARE_READ = "care_read"
"""That the safety note has been read."""
GETUP_STATE = "getup-state"
"""The sitting clock, to go on from after a restart."""
OF_THIS_COMPUTER = frozenset({GETUP_STATE})
"""Settings that mean nothing anywhere else."""

_TEMPLATE = "template."


def template_key(routine: str, exercise: str) -> str:
    """Return the key of what good repetitions of an exercise look like; both are ids."""
    return f"{_TEMPLATE}{routine}.{exercise}"


def is_known(key: str) -> bool:
    """Return whether this loosen has a use for a setting; another version may have others."""
    return key == CARE_READ or key in OF_THIS_COMPUTER or (key.startswith(_TEMPLATE) and key.count(".") > 1)
