"""What the page fetches before and beside a session: the home facts, and how things stand with sitting."""

from __future__ import annotations

from typing import Any

from .stages import EXERCISES, Message


def home() -> Message:
    return {
        "exercises": [
            {
                "id": i,
                "title": t,
                "dose": {"reps": 5, "sets": 1, "sides": sides},
                "dose_text": "5 + 5",
                "purpose": p,
            }
            for i, t, sides, p in EXERCISES
        ],
        "minutes": 8,
        "week": [True, False, True, False, False, False, False],
        "kept": True,
        "notices": [],
    }


def sitting(*, asks: bool = False, **service: Any) -> dict[str, Any]:
    """The card about sitting: a sit under way at 15:42, two before; `asks`: a prompt is open."""
    day = "2026-11-23T"
    prompt = {
        "why": "pause",
        "shown": f"{day}15:40:00+01:00",
        "exercise": "back-arches",
        "title": "Back Arches",
        "snoozed_until": None,
        "answer": "",
        "can_snooze": True,
    }

    def sit(began: str, ended: str, ending: str | None, outcome: str | None) -> dict[str, Any]:
        asked = {
            "at": f"{day}{ended}+01:00",
            "sat_minutes": 31.0,
            "why": "pause",
            "snoozes": 0,
            "outcome": outcome,
        }
        return {
            "started": f"{day}{began}+01:00",
            "ended": f"{day}{ended}+01:00",
            "minutes": 33.0,
            "ending": ending,
            "prompts": [asked] if outcome else [],
        }

    status = {
        "running": True,
        "sitting": True,
        "since": f"{day}15:10:00+01:00",
        "sat_s": 1920.0,
        "window": None if asks else [f"{day}15:40:00+01:00", f"{day}15:55:00+01:00"],
        "minutes": [30, 45],
        "waits_for": [],
        "prompt": prompt if asks else None,
        "paused_until": None,
    }
    sits = [
        sit("09:05:00", "09:46:00", "up", "away"),
        sit("10:20:00", "11:02:00", "up", "said"),
        sit("13:00:00", "13:52:00", "away", "missed"),
        sit("15:10:00", "15:41:00", None, None),
    ]
    days = [{"day": "2026-11-23", "sits": 4, "longest_minutes": 52}]
    return {
        "now": f"{day}15:42:00+01:00",
        "service": status | service,
        "sits": sits,
        "days": days,
        "weeks": [],
    }
