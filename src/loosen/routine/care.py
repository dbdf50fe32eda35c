"""The safety note in groups, each with its heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from loosen.routine.model import Care
from loosen.routine.words import Words

CareGroup = Literal["first", "emergency", "soon", "stop"]
CareGroups = tuple[tuple[str, tuple[str, ...]], ...]
"""Headings, each with its lines."""
ALL_GROUPS: tuple[CareGroup, ...] = ("first", "emergency", "soon", "stop")


def care_groups(care: Care, words: Words, names: Sequence[CareGroup] = ALL_GROUPS) -> CareGroups:
    """Return these groups of the note, without those that the routine leaves empty."""
    return tuple((words[f"care.{name}"], lines) for name in names if (lines := getattr(care, name)))
