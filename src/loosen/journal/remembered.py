"""The settings: what loosen remembers, by key."""

from __future__ import annotations

CARE_READ = "care_read"
"""That the safety note has been read."""
GETUP_STATE = "getup-state"
"""The sitting clock, to go on from after a restart."""
OF_THIS_COMPUTER = frozenset({GETUP_STATE})
"""Settings that mean nothing anywhere else."""

_TEMPLATE = "template."
"""Before a routine's id and an exercise's: what good repetitions of it look like."""


def is_known(key: str) -> bool:
    """Return whether this loosen has a use for a setting; another version may have others."""
    return key == CARE_READ or key in OF_THIS_COMPUTER or (key.startswith(_TEMPLATE) and key.count(".") > 1)
