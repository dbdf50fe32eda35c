"""The journal as a FHIR R4 bundle: Observations and QuestionnaireResponses. How each maps: docs/journal.md.

Plain JSON, so nothing more needs to be installed. Codes are LOINC's where there is one (72514-3 pain severity
0-10; 73985-4 exercise activity and 55411-3 exercise duration, as in HL7's Physical Activity guide; 41295-7 and
41307-0 active shoulder range, left and right), else loosen's own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from loosen.coach.counting.result import ExerciseResult
from loosen.journal.outcomes.period import Period, SessionResult

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
OWN = "urn:loosen:codes"
QUESTIONS = "urn:loosen:before-and-after"
METHOD = "markerless estimate from one camera"
_NAMESPACE = uuid.UUID("6f1f7c5e-5f0a-4d0e-8b7e-6c6f6f73656e")

_PAIN = {"system": LOINC, "code": "72514-3", "display": "Pain severity - 0-10 verbal numeric rating [Score] - Reported"}
_ACTIVITY = {"system": LOINC, "code": "73985-4", "display": "Exercise activity"}
_MINUTES = {"system": LOINC, "code": "55411-3", "display": "Exercise duration"}
_SHOULDER = {"left": {"system": LOINC, "code": "41295-7"}, "right": {"system": LOINC, "code": "41307-0"}}
_UNITS = {
    "deg": ("deg", "deg"),
    "leg lengths": ("{leg length}", "leg lengths"),
    "torso lengths": ("{torso length}", "torso lengths"),
}
_ASKED = {
    "soreness-before": "How sore is your lower back, before the session?",
    "stiffness-before": "How stiff is it, before the session?",
    "soreness-after": "How sore is your lower back, after the session?",
    "stiffness-after": "How stiff is it, after the session?",
}


def bundle(period: Period, now: datetime, arms: frozenset[str]) -> dict[str, Any]:
    """Return a period as a bundle of type "collection".

    `arms`: the ids of the exercises whose left and right range are those of the shoulders. The person is named by a
    number without meaning: who it is, nobody but he himself needs to know.
    """
    subject = _key("person")
    entries = [_entry({"resourceType": "Patient", "id": subject, "active": True})]
    for session in period.sessions:
        entries += [_entry(resource) for resource in _session(session, f"urn:uuid:{subject}", arms)]
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        "type": "collection",
        "timestamp": _instant(now),
        "entry": entries,
    }


def _session(session: SessionResult, subject: str, arms: frozenset[str]) -> Iterator[dict[str, Any]]:
    base = {"subject": {"reference": subject}, "effectiveDateTime": session.started.isoformat(timespec="seconds")}
    name = f"{session.started.astimezone(UTC).isoformat()}/{session.id}"
    parts: list[dict[str, Any]] = []

    def observe(key: str, code: dict[str, Any], value: float, unit: tuple[str, str], **more: Any) -> None:
        parts.append(
            {
                "resourceType": "Observation",
                "id": _key(f"{name}/{key}"),
                "status": "final",
                "category": [_category("activity")],
                "code": code,
                **base,
                "valueQuantity": {"value": value, "system": UCUM, "code": unit[0], "unit": unit[1]},
                **more,
            }
        )

    observe("minutes", {"coding": [_MINUTES]}, session.minutes, ("min", "min"))
    for when in ("before", "after"):
        if (score := session.answers.get(f"soreness-{when}")) is not None:
            more = {"category": [_category("survey")], "note": [{"text": f"{when} the session"}]}
            observe(f"pain-{when}", {"coding": [_PAIN]}, score, ("{score}", "score"), **more)
    for it in session.exercises:
        _observe_exercise(it, observe, arms)
    yield from parts
    yield {
        "resourceType": "Observation",
        "id": _key(f"{name}/activity"),
        "status": "final",
        "category": [_category("activity")],
        "code": {"coding": [_ACTIVITY]},
        **base,
        "valueCodeableConcept": {"text": f"Home mobility routine: {session.routine}"},
        "hasMember": [{"reference": f"urn:uuid:{part['id']}"} for part in parts],
    }
    items = [
        {"linkId": question, "text": text, "answer": [{"valueInteger": session.answers[question]}]}
        for question, text in _ASKED.items()
        if question in session.answers
    ]
    if items:
        yield {
            "resourceType": "QuestionnaireResponse",
            "id": _key(f"{name}/answers"),
            "questionnaire": QUESTIONS,
            "status": "completed",
            "subject": base["subject"],
            "authored": base["effectiveDateTime"],
            "item": items,
        }


def _observe_exercise(it: ExerciseResult, observe: Any, arms: frozenset[str]) -> None:
    measured = it.range
    if measured is None:
        return
    unit = _UNITS.get(measured.unit, ("1", measured.unit))
    error = f"+-{measured.plus_minus:g} {measured.unit}"
    more = {
        "method": {"text": METHOD},
        "note": [{"text": f"Median of {it.counted} repetitions, {error} (95%), {it.exercise}."}],
    }
    sides = {side: value for side in ("left", "right") if (value := getattr(it, side)) is not None}
    for side, value in sides.items():
        shoulder = it.exercise in arms and measured.unit == "deg"
        code = _SHOULDER[side] if shoulder else _own(f"{it.exercise}-range-{side}")
        text = f"Active range, {side}: {it.exercise}"
        observe(f"{it.exercise}/{side}", {"coding": [code], "text": text}, round(value, 2), unit, **more)
    if not sides:
        observe(
            f"{it.exercise}/range", {"coding": [_own(f"{it.exercise}-range")]}, round(measured.value, 2), unit, **more
        )
    for name, seconds in (("stop", it.stop_s), ("out", it.out_s), ("back", it.back_s)):
        if seconds is not None:
            code = _own(f"{it.exercise}-{name}-time")
            observe(f"{it.exercise}/{name}", {"coding": [code]}, round(seconds, 2), ("s", "s"), **more)


def _own(code: str) -> dict[str, str]:
    return {"system": OWN, "code": code, "display": code.replace("-", " ")}


def _category(code: str) -> dict[str, Any]:
    return {"coding": [{"system": CATEGORY, "code": code}]}


def _entry(resource: dict[str, Any]) -> dict[str, Any]:
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def _key(name: str) -> str:
    """Return the same uuid for the same thing: exported twice, it stays one."""
    return str(uuid.uuid5(_NAMESPACE, name))


def _instant(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
