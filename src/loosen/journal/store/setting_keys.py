"""The keys under which the journal keeps what loosen remembers: settings, templates, the sitting clock's state."""

from __future__ import annotations

CARE_READ = "care_read"
"""When the safety note was last read, in UTC; True, where an earlier loosen kept no more than that it was."""
HINDERED = "hindered"
"""What the back keeps the person from, in his own words, each with its date; the last one counts."""
GETUP_STATE = "getup-state"
"""The sitting clock, to go on from after a restart."""
OF_THIS_COMPUTER = frozenset({GETUP_STATE})
"""Settings that mean nothing anywhere else."""

_TEMPLATE, _WAYS = "template.", "ways."


def template_key(routine: str, exercise: str) -> str:
    """Return the key of what good repetitions of an exercise look like; both are ids."""
    return f"{_TEMPLATE}{routine}.{exercise}"


def ways_key(routine: str) -> str:
    """Return the key of how the person does the exercises of the routine with this id, or leaves them out."""
    return f"{_WAYS}{routine}"


def is_known(key: str) -> bool:
    """Return whether this loosen has a use for a setting; another version may have others."""
    if key in (CARE_READ, HINDERED) or key in OF_THIS_COMPUTER:
        return True
    return (key.startswith(_TEMPLATE) and key.count(".") > 1) or (key.startswith(_WAYS) and key != _WAYS)
