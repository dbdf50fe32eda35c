"""The recordings that the benchmark reads, and what is true of them.

A folder may hold `labels.json` beside `tracks/` (landmark tracks with counts and cuts) or rendered clips
`NAME.mp4` with `NAME.truth.json`. Which definition counts a recording follows from what the movement is called, never
from the file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from loosen.errors import InputError
from loosen.routine.reader import builtin

# Words in a movement's name, in the order they are tried, and the definition that counts it.
NAMED = (
    (("sit to stand", "stand to sit", "sit down", "stand up", "get up"), "sit-to-stand"),
    (("squat",), "squat"),
    (("hurdle",), "hurdle-step"),
    (("lunge",), "lunge"),
    (("press",), "overhead-press"),
    (("jumping jack",), "jumping-jack"),
    (("scaption", "obliquely"), "scaption"),
    (("lateral raise", "abduction", "sideways"), "lateral-raise"),
    (("up left hand", "up right hand", "flexion"), "shoulder-flexion"),
    (("both hands", "both arms overhead", "reach"), "reach-for-the-sky"),
)
# The signal family that each definition counts by, as the labels name them.
FAMILY = {
    "back-arches": "back",
    "reach-for-the-sky": "arms",
    "raise-the-roof": "arms",
    "lateral-raise": "arms",
    "shoulder-flexion": "arms",
    "scaption": "arms",
    "overhead-press": "arms",
    "jumping-jack": "arms",
    "squat": "knee",
    "lunge": "knee",
    "sit-to-stand": "knee",
    "lazy-leg-walk": "gap",
    "hurdle-step": "gap",
}
ROUTINE = ("back-arches", "reach-for-the-sky", "raise-the-roof", "lazy-leg-walk")
CLIPS = {
    "back_arch": "back-arches",
    "reach_sky": "reach-for-the-sky",
    "raise_roof": "raise-the-roof",
    "lazy_leg": "lazy-leg-walk",
    "sit_stand": "sit-to-stand",
}

Kind = Literal["track", "clip"]


@dataclass(frozen=True, slots=True)
class Truth:
    """One true repetition; times in seconds, None where nobody told them. `faults`: as the source names them."""

    start_s: float | None
    peak_s: float | None
    end_s: float | None
    side: str | None = None
    partial: bool = False
    faults: tuple[str, ...] = ()
    stop_s: float | None = None
    values: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One recording and what is true of it.

    `count` is the range a right count lies in (None: nobody counted). `negative`: families whose counters must stay
    silent. `shows`: which of the routine's exercises it shows, if any; `may_show` what it also may be taken for.
    """

    name: str
    path: Path
    kind: Kind
    dataset: str
    movement: str
    definition: str | None
    view: str
    subject: str
    count: tuple[int, int] | None
    reps: tuple[Truth, ...]
    negative: tuple[str, ...]
    correct: bool | None
    shows: str | None
    may_show: str | None
    tries: int | None = None

    @property
    def attempts(self) -> tuple[int, int] | None:
        """The range that a right number of reported attempts, counted or not, lies in."""
        return self.count if self.tries is None else (self.tries, self.tries)

    @property
    def group(self) -> str:
        """The row of the table it belongs to."""
        wrong = " (wrong)" if self.correct is False else ""
        return f"{self.dataset}{wrong}"


def definition_for(movement: str, family: str | None) -> str | None:
    """Return the definition that counts a movement of this name; None where there is nothing to count."""
    name = movement.lower()
    if family is None and "stand to sit" not in name:
        return None
    for words, definition in NAMED:
        if any(word in name for word in words):
            return definition
    return {"arms": "lateral-raise", "knee": "squat", "gap": "lazy-leg-walk", "back": "back-arches"}.get(family or "")


def find(folders: Sequence[Path]) -> list[Case]:
    """Return the recordings of all folders, in a fixed order; InputError where a folder holds none."""
    cases: list[Case] = []
    for folder in folders:
        labels = sorted(folder.rglob("labels.json"))
        truths = sorted(folder.rglob("*.truth.json"))
        if not labels and not truths:
            raise InputError(f"{folder}: there is neither a labels.json nor a *.truth.json below it.")
        for file in labels:
            cases += [_labelled(file.parent, entry) for entry in json.loads(file.read_text("utf-8"))]
        cases += [_rendered(file) for file in truths]
    return cases


def _labelled(folder: Path, entry: dict[str, Any]) -> Case:
    track = str(entry["track"])
    path = folder / "tracks" / track
    movement = str(entry["exercise"])
    low, high = entry.get("count_full"), entry.get("count_peaks")
    definition = definition_for(movement, entry.get("family"))
    maps_to = entry.get("maps_to")
    both_arms = definition == "reach-for-the-sky"
    return Case(
        name=track,
        path=path if path.exists() else folder / track,
        kind="track",
        dataset=str(entry.get("dataset") or track.split("/", maxsplit=1)[0]),
        movement=movement,
        definition=definition,
        view=str(entry.get("view", "")),
        subject=str(entry.get("subject", "")),
        count=None if low is None or high is None else (int(low), int(high)),
        reps=tuple(_truth(rep) for rep in entry.get("reps", ())),
        negative=tuple(entry.get("negative_for", ())),
        correct=entry.get("correct"),
        # What the labels map to a movement is often only part of it: one arm, no arch, no dragged leg.
        shows="reach-for-the-sky" if both_arms else maps_to if maps_to == "back-arches" else None,
        may_show=maps_to if maps_to in ROUTINE else None,
    )


def _truth(rep: dict[str, Any]) -> Truth:
    def number(key: str) -> float | None:
        value = rep.get(key)
        return None if value is None else float(value)

    return Truth(number("start_s"), number("peak_s"), number("end_s"), rep.get("side"), bool(rep.get("partial")))


def _rendered(file: Path) -> Case:
    truth = json.loads(file.read_text("utf-8"))
    name = file.name.removesuffix(".truth.json")
    definition = next((known for key, known in CLIPS.items() if name.startswith(key)), None)
    reps = tuple(_rendered_rep(rep, truth, definition) for rep in truth["reps"])
    shows = definition if definition in ROUTINE else None
    used = {FAMILY[definition]} if definition else set()
    if definition in ("raise-the-roof", "back-arches"):
        used |= {"back"}
    return Case(
        name=name,
        path=file.with_name(f"{name}.mp4"),
        kind="clip",
        dataset="rendered",
        movement=definition or "standing about",
        definition=definition,
        view=str(truth.get("view", "")),
        subject=str(truth.get("body", "")),
        count=_rendered_count(reps, definition),
        tries=len(reps),
        reps=reps,
        negative=tuple(sorted({"arms", "knee", "gap", "back"} - used)),
        correct=None,
        shows=shows,
        may_show=shows,
    )


def _rendered_count(reps: Sequence[Truth], definition: str | None) -> tuple[int, int]:
    """What does not reach `counts_at`, by its true range, is an attempt; so is raising the arms without the arch."""
    if definition is None:
        return (0, 0)
    least = builtin().exercise(definition).seen.counts_at if definition in ROUTINE else 0.0
    counted = sum(
        rep.values.get("range", least) >= least and not any(fault.startswith("arms_only") for fault in rep.faults)
        for rep in reps
    )
    return (counted, counted)


def _rendered_rep(rep: dict[str, Any], truth: dict[str, Any], definition: str | None) -> Truth:
    stop = (float(rep["hold_start_s"]), float(rep["hold_end_s"])) if "hold_start_s" in rep else None
    values: dict[str, float] = {}
    drags = "drag_start_s" in rep
    if drags:
        values["drag_s"] = float(rep["drag_end_s"]) - float(rep["drag_start_s"])
        stop = None
    reached = _reached(rep, truth, definition)
    if reached is not None:
        values["range"] = reached
    side = rep.get("drag_leg") if drags else rep.get("side")
    # The repetition ends with the drag; stepping back to the spot is the way home.
    end_s = float(rep["drag_end_s"] if drags else rep["end_s"])
    return Truth(
        float(rep["start_s"]), float(rep["peak_s"]), end_s, side, False,
        tuple(rep.get("fault", ())), None if stop is None else stop[1] - stop[0], values,
    )  # fmt: skip


def _reached(rep: dict[str, Any], truth: dict[str, Any], definition: str | None) -> float | None:
    """Return the true range in the definition's own signal: the highest mean over a quarter of a second."""
    angles, fps = truth["angles"], float(truth["fps"])
    first, last = int(float(rep["start_s"]) * fps), int(float(rep["end_s"]) * fps)
    width = max(int(0.25 * fps), 1)

    def highest(*names: str) -> float:
        values = [sum(angles[name][i] for name in names) / len(names) for i in range(first, last)]
        return max(float(sum(values[i : i + width])) / width for i in range(len(values) - width))

    match definition:
        case "back-arches":
            still = angles["trunk_lean_back_deg"][: max(int(1.5 * fps), 1)]
            return highest("trunk_lean_back_deg") - float(sum(still)) / len(still)
        case "reach-for-the-sky":
            return highest("left_arm_elev_deg", "right_arm_elev_deg")
        case "raise-the-roof":
            near = "right" if float(truth["facing_deg"]) > 0 else "left"
            return highest(f"{near}_arm_elev_deg")
        case "lazy-leg-walk":
            last = int(float(rep.get("drag_end_s", rep["end_s"])) * fps)
            return highest("ankle_gap_leglen")
    return None
