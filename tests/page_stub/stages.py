"""Stage messages for working on the page alone: one of each screen, and a short session played through."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

Message = dict[str, Any]

EXERCISES = [
    ("back-arches", "Back Arches", "each", "Loosens the spine"),
    ("reach-for-the-sky", "Reach For The Sky", "together", "Stretches the spine out"),
    ("raise-the-roof", "Raise The Roof", "together", "Gets the spine moving"),
    ("lazy-leg-walk", "Lazy Leg Walk", "each", "Stretches the hip and the front of the thigh"),
]
PARTS = ("head", "arms", "trunk", "legs", "feet")
PAUSED_KEYS = ["resume", "continue", "hurts", "skip", "back", "finish"]
EMPTY: Message = {
    "type": "stage",
    "screen": "intro",
    "title": "",
    "lines": [],
    "exercise": None,
    "number": 0,
    "of_exercises": 4,
    "count": 0,
    "of": 0,
    "side_text": "",
    "phase": "rest",
    "phase_word": "",
    "ring": 0.0,
    "seconds_left": None,
    "cue": "",
    "note": "",
    "camera": False,
    "pictures": False,
    "dose_text": "",
    "purpose": "",
    "care_text": "",
    "paused": False,
    "kept": True,
    "question": None,
    "ready": None,
    "figure": None,
    "summary": [],
    "care": [],
    "keys": [],
}


def stage(screen: str, **changes: Any) -> Message:
    return {**EMPTY, "screen": screen, "pictures": changes.get("camera", False), **changes}


def question(which: str) -> Message:
    text = {
        "soreness-before": "How sore is your back right now?",
        "stiffness-before": "How stiff do you feel right now?",
    }
    ends = {"soreness-before": ("not sore", "as sore as can be"), "stiffness-before": ("loose", "very stiff")}
    low, high = ends[which]
    asked = {"id": which, "text": text[which], "low_text": low, "high_text": high, "low": 0, "high": 10}
    return stage("ask", title="Before we start", question=asked)


def care() -> Message:
    return stage(
        "care",
        title="Before you begin",
        lines=["These are light movements for a tight lower back. Read this once, then we start."],
        care=[
            [
                "Ask a clinician first if you have",
                [
                    "a slipped vertebra or a stress fracture of one",
                    "a narrowed spinal canal",
                    "brittle bones, or a recent fracture or operation",
                    "had cancer, are pregnant, or have an unstable heart",
                    "pain or numbness down a leg",
                ],
            ],
            [
                "Get help now for",
                [
                    "pain, tingling or weakness in both legs",
                    "numbness around the genitals or buttocks",
                    "trouble passing water, or loss of control",
                    "chest pain, or pain after a serious accident",
                ],
            ],
            [
                "See somebody soon for",
                [
                    "fever or weight loss without a reason",
                    "pain that is worse at night or does not ease with rest",
                ],
            ],
            [
                "Stop a movement when",
                [
                    "pain or tingling starts or spreads",
                    "pain rises by two points or reaches five",
                    "you feel dizzy",
                ],
            ],
            ["Always", ["This is general fitness guidance, not medical advice."]],
        ],
        keys=["read"],
    )


def intro(index: int = 0) -> Message:
    exercise, title, _, _ = EXERCISES[index]
    lines = {
        "back-arches": [
            "Hands on your low back, feet under your hips.",
            "Hips forward, then head back and arch.",
            "Stop there, and come back slowly.",
        ],
        "reach-for-the-sky": [
            "Stand tall. Both arms up over your head, and reach.",
            "Stop at the top.",
        ],
        "raise-the-roof": [
            "Arms up, palms to the ceiling, and arch a little.",
            "Stop at the top.",
        ],
        "lazy-leg-walk": [
            "A big step forward, and dig in.",
            "Drag the back leg up slowly.",
            "Step back, and change legs.",
        ],
    }
    clock = {"exercise": exercise, "mode": "loop", "phase": "start", "share": 0.0, "mirrored": False}
    return stage(
        "intro",
        title=title,
        exercise=exercise,
        number=index + 1,
        lines=lines[exercise],
        dose_text="1 set of 5",
        purpose="Loosens the spine",
        care_text="Leave it out if looking up makes you dizzy.",
        figure=clock,
        keys=["continue", "pause", "skip", "back", "hurts", "finish"],
    )


def ready(seen: int, countdown: int | None = None, *, index: int = 0, camera: bool = True) -> Message:
    exercise, title, _, _ = EXERCISES[index]
    text = "Step back until I see all of you." if seen < 5 else "Good. Stand still."
    parts = [{"name": name, "seen": i < seen} for i, name in enumerate(PARTS)]
    gate = {"text": text if camera else "Stand with room in front of you.", "parts": parts if camera else []}
    return stage(
        "ready",
        title=title,
        exercise=exercise,
        number=index + 1,
        camera=camera,
        ready={**gate, "countdown": countdown},
        figure={"exercise": exercise, "mode": "still", "phase": "start", "share": 0.0, "mirrored": False},
        keys=["continue", "pause", "skip", "back", "hurts", "finish"],
    )


def in_set(phase: str = "stop", share: float = 0.6, **changes: Any) -> Message:
    index = changes.pop("index", 0)
    exercise, title, _, _ = EXERCISES[index]
    words = {"out": "Arch", "stop": "Hold", "back": "Return", "rest": "Ready"}
    base = {
        "title": title,
        "exercise": exercise,
        "number": index + 1,
        "count": 3,
        "of": 5,
        "side_text": "left side",
        "phase": phase,
        "phase_word": words[phase],
        "ring": share if phase == "stop" else 0.0,
        "camera": True,
        "figure": {
            "exercise": exercise,
            "mode": "follow",
            "phase": "start" if phase == "rest" else phase,
            "share": share,
            "mirrored": False,
        },
        "keys": ["pause", "skip", "back", "hurts", "finish"],
    }
    return stage("set", **{**base, **changes})


def rest() -> Message:
    return stage(
        "rest",
        title="Rest",
        exercise="reach-for-the-sky",
        lines=[
            "All of them full, with a good stop.",
            "One thing to try: Slower on the way back.",
            "Next: Reach For The Sky",
        ],
        seconds_left=7,
        figure={
            "exercise": "reach-for-the-sky",
            "mode": "loop",
            "phase": "start",
            "share": 0.0,
            "mirrored": False,
        },
        keys=["continue", "back", "pause", "hurts", "finish"],
    )


def hurt() -> Message:
    return stage(
        "rest",
        title="Stop there. Rest.",
        exercise="back-arches",
        lines=[
            "Breathe, and stand however is comfortable.",
            "Shall we skip this one?",
            "Stop when pain or tingling starts, or spreads into the buttock or leg.",
            "Stop when pain rises by 2 points, or reaches 5 of 10.",
            "Stop when you feel dizzy.",
        ],
        keys=["yes", "no", "finish"],
    )


def get_up() -> Message:
    return stage(
        "get-up",
        title="Shall I get you up now and then?",
        lines=["After 30 to 45 minutes of sitting I would ask you to stand and move for a minute."],
        keys=["yes", "no", "finish"],
    )


def trace(peak: float, stop: float, target: float) -> Message:
    points = []
    for i in range(0, 140):
        t = i / 20
        up = min(1.0, t / 2.5)
        down = min(1.0, max(0.0, (t - 2.5 - stop) / 2.4))
        ease = up**3 * (10 - 15 * up + 6 * up * up) - down**3 * (10 - 15 * down + 6 * down * down)
        points.append([t, round(peak * ease + 0.4 * math.sin(t * 5.1), 2)])
    return {
        "signal": "backward_lean_deg",
        "unit": "deg",
        "points": points,
        "stop_s": [2.45, 2.5 + stop],
        "target": target,
    }


def summary() -> Message:
    rows = [
        (
            "back-arches",
            10,
            10,
            "range 20° ± 5°",
            "stop 2.1 s",
            "Ten full ones, the last the smoothest.",
            trace(21, 2.1, 16),
        ),
        (
            "reach-for-the-sky",
            5,
            5,
            "range 165° ± 10°",
            "stop 2.4 s",
            "Arms level, a full stop each time.",
            trace(164, 2.4, 150),
        ),
        (
            "raise-the-roof",
            3,
            5,
            "range 155° ± 10°",
            "stop 1.2 s",
            "Two stops were short.",
            trace(155, 1.2, 150),
        ),
        ("lazy-leg-walk", 0, 10, "", "", "You stopped when it hurt. That was right.", None),
    ]
    items = [
        {
            "id": i,
            "title": {e[0]: e[1] for e in EXERCISES}[i],
            "done": done,
            "of": of,
            "sentence": sentence,
            "range_text": range_text,
            "stop_text": stop_text,
            "skipped": False,
            "hurt": done == 0,
            "trace": drawn,
        }
        for i, done, of, range_text, stop_text, sentence, drawn in rows
    ]
    return stage(
        "summary",
        title="Done for today.",
        lines=["Soreness went from 5 to 3, stiffness from 6 to 3."],
        summary=items,
    )


def session(camera: bool) -> Iterator[tuple[float, Message | None, Message | None]]:
    """Yield (seconds to wait, stage, say); a wait of 0 means: wait for an answer or a command."""
    yield 0, care(), None
    yield 0, question("soreness-before"), None
    yield 0, question("stiffness-before"), None
    for index in range(len(EXERCISES)):
        yield 0, intro(index), {"type": "say", "text": EXERCISES[index][1] + ".", "tone": "guide"}
        for seen in range(6):
            yield 0.6, ready(seen, index=index, camera=camera), None
        for n in (3, 2, 1):
            yield (
                1.0,
                ready(5, n, index=index, camera=camera),
                {"type": "say", "text": str(n), "tone": "count"},
            )
        for count in range(3):
            for phase, length in (("out", 2.5), ("stop", 2.0), ("back", 2.5), ("rest", 0.5)):
                done = count + (phase == "rest")
                for i in range(int(length * 15)):
                    say = None
                    if i == 0:
                        said = {"stop": ("And hold.", "guide"), "rest": (f"{done}.", "count")}.get(phase)
                        say = {"type": "say", "text": said[0], "tone": said[1]} if said else None
                    cue = "Slower on the way back" if phase == "back" and count == 1 else ""
                    yield (
                        1 / 15,
                        in_set(phase, i / (length * 15), index=index, count=done, camera=camera, cue=cue),
                        say,
                    )
        for left in range(5, 0, -1):
            yield 1.0, {**rest(), "seconds_left": left, "ring": 0.0}, None
    yield 0, get_up(), None
    yield 0, summary(), None
