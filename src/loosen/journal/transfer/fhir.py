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

from loosen.coach.counting.rep import Measure
from loosen.coach.counting.result import ExerciseResult
from loosen.journal.outcomes.hindrance import QUESTION
from loosen.journal.outcomes.period import Period
from loosen.journal.store.records import NEXT_MORNING, Hurt, SessionResult

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
_HURT = {"coding": [{"system": OWN, "code": "hurt", "display": "hurt"}], "text": "This hurts"}
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
    QUESTION: "How well does it go, what your back keeps you from? (0: not at all, 10: as well as ever)",
}
_MORNING = {"better": "Better", "same": "About the same", "worse": "Worse"}
_PLACES = {"back": "Back", "leg": "Leg or buttock", "elsewhere": "Elsewhere"}


def bundle(period: Period, now: datetime, arms: frozenset[str]) -> dict[str, Any]:
    """Return a period as a bundle of type "collection".

    `arms`: the ids of the exercises whose left and right range are those of the shoulders. The person is named by a
    number without meaning: who it is, nobody but he himself needs to know.
    """
    subject = _key("person")
    entries = [_entry({"resourceType": "Patient", "id": subject, "active": True})]
    for session in period.sessions:
        before = (it for it in reversed(period.hindrances) if it.is_before(session.started))
        named = next((it.text for it in before), "")
        entries += [_entry(resource) for resource in _session(session, f"urn:uuid:{subject}", arms, named)]
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        "type": "collection",
        "timestamp": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "entry": entries,
    }


def _session(session: SessionResult, subject: str, arms: frozenset[str], named: str) -> Iterator[dict[str, Any]]:
    when, name = (
        session.started.isoformat(timespec="seconds"),
        f"{session.started.astimezone(UTC).isoformat()}/{session.id}",
    )
    person = {"reference": subject}

    def observation(key: str, code: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "resourceType": "Observation",
            "id": _key(f"{name}/{key}"),
            "status": "final",
            "category": [_category("activity")],
            "code": code,
            "subject": person,
            "effectiveDateTime": when,
            **more,
        }

    parts = [observation("minutes", {"coding": [_MINUTES]}, **_quantity(session.minutes, "min"))]
    for side in ("before", "after"):
        if (score := session.ratings.get(f"soreness-{side}")) is not None:
            more = {"category": [_category("survey")], "note": [{"text": f"{side} the session"}]}
            code = {"coding": [_PAIN]}
            parts.append(observation(f"pain-{side}", code, **_quantity(score, "{score}", "score"), **more))
    survey = {"category": [_category("survey")]}
    if (score := session.ratings.get(QUESTION)) is not None:
        note = {"note": [{"text": named}]} if named else {}
        code_of = {"coding": [_own(QUESTION)], "text": _ASKED[QUESTION]}
        parts.append(observation(QUESTION, code_of, **_quantity(score, "{score}", "score"), **note, **survey))
    if session.morning:
        value = {"text": _MORNING[session.morning], "coding": [_own(f"{NEXT_MORNING}-{session.morning}")]}
        code_of = {"coding": [_own(NEXT_MORNING)], "text": "How was your back the next morning?"}
        parts.append(observation(NEXT_MORNING, code_of, valueCodeableConcept=value, **survey))
    for number, hurt in enumerate(session.hurts):
        parts.append(observation(f"hurt/{number}", _HURT, **_hurt(hurt), **survey))
    parts += [observation(key, code, **more) for it in session.exercises for key, code, more in _measured(it, arms)]
    yield from parts
    yield observation(
        "activity",
        {"coding": [_ACTIVITY]},
        valueCodeableConcept={"text": f"Home mobility routine: {session.routine}"},
        hasMember=[{"reference": f"urn:uuid:{part['id']}"} for part in parts],
    )
    items = [
        {"linkId": question, "text": text, "answer": [{"valueInteger": session.ratings[question]}]}
        for question, text in _ASKED.items()
        if question in session.ratings
    ]
    if items:
        yield {
            "resourceType": "QuestionnaireResponse",
            "id": _key(f"{name}/answers"),
            "questionnaire": QUESTIONS,
            "status": "completed",
            "subject": person,
            "authored": when,
            "item": items,
        }


def _how_measured(it: ExerciseResult, measured: Measure) -> dict[str, Any]:
    error = f"+-{measured.plus_minus:g} {measured.unit}"
    n = f"{it.counted} repetition{'' if it.counted == 1 else 's'}"
    return {"method": {"text": METHOD}, "note": [{"text": f"Median of {n}, {error} (95%), {it.exercise}."}]}


def _hurt(hurt: Hurt) -> dict[str, Any]:
    """Return the rest of the observation of a "this hurts": how much, if it was told, where, and in which exercise."""
    value: dict[str, Any] = {"valueBoolean": True}
    if hurt.score is not None:
        value = _quantity(hurt.score, "{score}", "score")
    if hurt.place:
        value["bodySite"] = {"text": _PLACES.get(hurt.place, hurt.place)}
    return value | ({"note": [{"text": hurt.exercise}]} if hurt.exercise else {})


def _measured(it: ExerciseResult, arms: frozenset[str]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield of each measure its key, its code, and the rest of its observation."""
    if (measured := it.range) is None:
        return
    unit = _UNITS.get(measured.unit, ("1", measured.unit))
    more = _how_measured(it, measured)
    sides = {side: value for side in ("left", "right") if (value := getattr(it, side)) is not None}
    for side, value in sides.items():
        shoulder = it.exercise in arms and measured.unit == "deg"
        code = _SHOULDER[side] if shoulder else _own(f"{it.exercise}-range-{side}")
        text = f"Active range, {side}: {it.exercise}"
        yield f"{it.exercise}/{side}", {"coding": [code], "text": text}, _quantity(round(value, 2), *unit) | more
    if not sides:
        code = _own(f"{it.exercise}-range")
        yield f"{it.exercise}/range", {"coding": [code]}, _quantity(round(measured.value, 2), *unit) | more
    if it.also is not None:
        code, of = _own(f"{it.exercise}-second-range"), _UNITS.get(it.also.unit, ("1", it.also.unit))
        yield (
            f"{it.exercise}/also",
            {"coding": [code]},
            _quantity(round(it.also.value, 2), *of) | _how_measured(it, it.also),
        )
    for name, seconds in (("stop", it.stop_s), ("out", it.out_s), ("back", it.back_s)):
        if seconds is not None:
            code = _own(f"{it.exercise}-{name}-time")
            yield f"{it.exercise}/{name}", {"coding": [code]}, _quantity(round(seconds, 2), "s") | more


def _quantity(value: float, code: str, unit: str = "") -> dict[str, Any]:
    return {"valueQuantity": {"value": value, "system": UCUM, "code": code, "unit": unit or code}}


def _own(code: str) -> dict[str, str]:
    return {"system": OWN, "code": code, "display": code.replace("-", " ")}


def _category(code: str) -> dict[str, Any]:
    return {"coding": [{"system": CATEGORY, "code": code}]}


def _entry(resource: dict[str, Any]) -> dict[str, Any]:
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def _key(name: str) -> str:
    """Return the same uuid for the same thing: exported twice, it stays one."""
    return str(uuid.uuid5(_NAMESPACE, name))
