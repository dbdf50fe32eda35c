"""The cast: made-up people who try every movement of a routine, each led through a live set.

A routine serves the stiff, the slow and the unsteady, or it is not ready. Each member of the cast moves as the
movement's own figure does, but in his own way: less far, more slowly, with one arm that stops half-way, stooped.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from loosen.body.synthetic_body import Manner
from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.cues import EXTRA, TWICE
from loosen.coach.guidance.demo_body import DemoBody
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.session import Session
from loosen.coach.guidance.stage import Event, Happened, Say
from loosen.routine.model import Exercise, Routine
from loosen.routine.poses import KeyPose
from loosen.routine.words import Words

RATES = (5.0, 10.0, 30.0)
"""Pictures a second."""
JITTER = 0.003  # of each point, in body heights: a still camera
LIMIT_S = 420.0
REPS = 60
PROMISED_SHARE = 0.95


AS_SHOWN = Manner()
CAST_WHOLE = "100%"


@dataclass(frozen=True, slots=True)
class Member:
    """A made-up person: how he moves, how his body differs from the figure's, whether he turns when asked to.

    `promised`: each whole attempt of his is to be counted.
    """

    name: str
    manner: Manner = AS_SHOWN
    body: Callable[[Exercise], Exercise] = lambda exercise: exercise
    turns: bool = True
    promised: bool = True


class Trial(msgspec.Struct, frozen=True):
    """What came of one member's set. `said`: how often he was asked for each thing; `seconds`: from its beginning.

    `ended_by`: the dose was done, the attempts were used up, nothing came for a while, or the person; "" if it did not
    end.
    """

    person: str
    exercise: str
    fps: float
    dose: int
    attempts: int
    counted: int
    said: dict[str, int]
    ended_by: str
    seconds: float


def _posed(exercise: Exercise, change: Callable[[KeyPose], KeyPose]) -> Exercise:
    """Return the exercise with each key pose of its figure changed."""
    poses = {name: change(pose) for name, pose in exercise.figure.poses.items()}
    return msgspec.structs.replace(exercise, figure=msgspec.structs.replace(exercise.figure, poses=poses))


def _stiff_left_arm(exercise: Exercise, *, most_deg: float) -> Exercise:
    """Return the exercise as somebody does it whose left arm goes up to `most_deg` only."""

    def change(pose: KeyPose) -> KeyPose:
        forward, side = pose.arm_forward_left_deg, pose.arm_side_left_deg
        forward = pose.arm_forward_deg if forward is None else forward
        side = pose.arm_side_deg if side is None else side
        if pose.hands == "overhead" and forward is None and side is None:
            side = most_deg
        return msgspec.structs.replace(
            pose,
            arm_forward_left_deg=None if forward is None else min(forward, most_deg),
            arm_side_left_deg=None if side is None else min(side, most_deg),
        )

    return _posed(exercise, change)


def _stooped(exercise: Exercise) -> Exercise:
    return _posed(
        exercise, lambda pose: msgspec.structs.replace(pose, lean_deg=pose.lean_deg - 15, head_deg=pose.head_deg + 10)
    )


def _holding_on(exercise: Exercise) -> Exercise:
    """Return the exercise as somebody does it who holds on to a chair in front with the left hand."""
    held = {"arm_forward_left_deg": 40.0, "arm_side_left_deg": 5.0, "elbow_left_deg": 30.0, "arm_turn_left_deg": 0.0}
    return _posed(exercise, lambda pose: msgspec.structs.replace(pose, **held))


CAST = (
    Member("25%", Manner(reach=0.25), promised=False),
    Member("40%", Manner(reach=0.4)),
    Member("60%", Manner(reach=0.6)),
    Member(CAST_WHOLE),
    Member("left arm to 70 deg", body=partial(_stiff_left_arm, most_deg=70.0)),
    Member("left arm to 90 deg", body=partial(_stiff_left_arm, most_deg=90.0)),
    Member("stooped", body=_stooped),
    Member("slow", Manner(pace=1 / 3)),
    Member("fast", Manner(pace=2.5), promised=False),
    Member("holding on", body=_holding_on),
    Member("never turns", turns=False),
    Member("no stop", Manner(stop_s=0.0)),
)


class CastBody(DemoBody):
    """A member of the cast, who does what the stage asks in his own way."""

    def __init__(self, routine: Routine, member: Member, jitter: float = JITTER) -> None:
        exercises = tuple(member.body(exercise) for exercise in routine.exercises)
        super().__init__(msgspec.structs.replace(routine, exercises=exercises), jitter=jitter)
        self._member = member

    def comes_anew(self) -> None:
        """Come to another session."""
        self._heading_deg, self._t_s, self._person = 0.0, None, None

    def _manners(self, exercise: Exercise) -> tuple[Manner, ...]:
        alternating = exercise.dose.alternating
        return tuple(replace(self._member.manner, mirrored=alternating and index % 2 == 1) for index in range(REPS))

    def _turn(self, t_s: float, wanted_deg: float) -> None:
        turned_to_the_side = abs(self._heading_deg) == 90.0
        super()._turn(t_s, wanted_deg if self._member.turns or not turned_to_the_side else self._heading_deg)


def trial(exercise: Exercise, body: CastBody, member: Member, fps: float, routine: Routine, words: Words) -> Trial:
    """Lead a member through an exercise's sets, in simulated time."""
    session = Session(routine, words, camera=True, past=Past(heard={exercise.id: 1}))
    events: list[tuple[float, Event]] = []
    ended = False
    session.start(0.0)
    for index in range(1, int(LIMIT_S * fps)):
        if ended:
            break
        t_s, stage = index / fps, session.stage()
        if stage.question is not None:
            options = stage.question.options
            session.answer(t_s, stage.question.id, options[0].id if options else None)
        elif stage.screen == "intro":
            session.command(t_s, "continue")
        if (look := body.looks_at(t_s, stage)) is not None:
            session.see(look)
        session.tick(t_s)
        new = session.events()
        ended = any(isinstance(event, Happened) and event.what == "exercise-ended" for event in new)
        events += [(t_s, event) for event in new]
    return _summed_up(exercise, member, fps, events)


def _summed_up(exercise: Exercise, member: Member, fps: float, events: list[tuple[float, Event]]) -> Trial:
    reps = [event for _, event in events if isinstance(event, Rep) and event.verdict != "partial"]
    asked = Tally(
        _asked(event.text) for _, event in events if isinstance(event, Say) and event.tone in ("cue", "trouble")
    )
    marks = {event.what: (t_s, event.detail) for t_s, event in events if isinstance(event, Happened)}
    begun_s = marks["exercise-begun"][0] if "exercise-begun" in marks else 0.0
    ended_s, ended_by = marks.get("exercise-ended", (LIMIT_S, ""))
    return Trial(
        person=member.name,
        exercise=exercise.id,
        fps=fps,
        dose=exercise.dose.total,
        attempts=len(reps),
        counted=sum(rep.counted for rep in reps),
        said=dict(asked),
        ended_by=ended_by,
        seconds=round(ended_s - begun_s, 1),
    )


def _asked(text: str) -> str:
    """Return what is asked for, without a count before it."""
    count, stop, cue = text.partition(". ")
    return (cue if stop and cue and " " not in count else text).rstrip(".")


def trials(routine: Routine, exercise: Exercise, member: Member, words: Words) -> Iterator[Trial]:
    """Yield a member's trial at each rate; none where his body does as the figure's does."""
    if member.body(exercise) == exercise and member.manner == AS_SHOWN and member.turns and member.name != CAST_WHOLE:
        return
    alone = msgspec.structs.replace(routine, exercises=(exercise,), get_up=None, first_look=None)
    body = CastBody(alone, member)
    for fps in RATES:
        body.comes_anew()
        yield trial(exercise, body, member, fps, alone, words)


def wrong_with(member: Member, tried: Sequence[Trial]) -> str:
    """Return in words what is wrong with how a member was led; empty if nothing is."""
    for it in tried:
        if not it.ended_by:
            return f"at {it.fps:g} pictures a second the set did not end in {LIMIT_S:.0f} s"
        if it.attempts > it.dose + EXTRA:
            return f"at {it.fps:g} pictures a second {it.attempts} attempts were asked for; the dose is {it.dose}"
        for cue, times in it.said.items():
            if times > TWICE:
                return f"at {it.fps:g} pictures a second {cue!r} was said {times} times"
    attempts, counted = sum(it.attempts for it in tried), sum(it.counted for it in tried)
    wanted = PROMISED_SHARE * max(attempts, sum(it.dose for it in tried if it.ended_by == "time"))
    if member.promised and counted < wanted:
        return f"{counted} counted of {attempts} whole attempts"
    return ""
