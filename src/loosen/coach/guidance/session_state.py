"""What all scenes of a session share: the routine, its words, what is to be said, and what has been done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec.structs import replace

from loosen.coach.counting.rep import Rep
from loosen.coach.guidance.cues import SetCues
from loosen.coach.guidance.past import Past, Templates
from loosen.coach.guidance.stage import Event, Happened, Say, Tone
from loosen.routine.model import Dose, Exercise, Routine
from loosen.routine.words import Words

CUE_APART_S = 4.0
TROUBLE_APART_S = 2.0  # after whatever was said before
AGAIN_S = 6.0  # the same trouble is said again after this long


def smaller_dose(dose: Dose) -> Dose:
    """Return half the repetitions, rounded up; of single ones half the sets. A dose of one stays."""
    if dose.reps == 1:
        return replace(dose, sets=(dose.sets + 1) // 2)
    return replace(dose, reps=(dose.reps + 1) // 2)


@dataclass
class ExerciseRecord:
    """What was done of one exercise. `led` counts repetitions done to the voice alone.

    `usual`: how many were done before the person chose to do it smaller; `asked`: how many it then was to be in all.
    `cues`: what he was asked for; `own`: his range by now; `given_up`: set and side of each repetition whose place an
    attempt took that did not count.
    `ended_by`: what ended its sets, as `exercise-ended` tells it; "" while they are not over.
    """

    reps: list[Rep] = field(default_factory=list)
    led: int = 0
    usual: int = 0
    asked: int = 0
    skipped: bool = False
    hurt: bool = False
    cues: SetCues | None = None
    own: float | None = None
    given_up: list[tuple[int, str]] = field(default_factory=list)
    ended_by: str = ""

    @property
    def done(self) -> int:
        """Repetitions done, seen or led."""
        return sum(rep.counted for rep in self.reps) + self.led

    @property
    def tries(self) -> list[Rep]:
        """The attempts that were seen whole."""
        return [rep for rep in self.reps if rep.counted or rep.verdict != "partial"]

    @property
    def shown(self) -> Rep | None:
        """The repetition to show at the end: the last full one, or else the first that counted."""
        counted = [rep for rep in self.reps if rep.counted]
        full = [rep for rep in counted if rep.verdict == "full"]
        return full[-1] if full else counted[0] if counted else None


@dataclass
class SessionState:
    """What the scenes share; times are session times. `note` is the trouble that stands on the stage.

    `hurting`: what hurt, now or in earlier sessions, and was not called fine since. `kept_out`: what is not led through
    because of an earlier first look. `gentle`: the person has chosen a gentle day. `smaller`, `left_out`: ids of the
    exercises that he does smaller, or leaves out, in this session. `first_look`: what it came to. `manner_told`: how
    to move has been said. `events` holds what has happened until somebody takes it.
    """

    routine: Routine = field(repr=False)
    words: Words = field(repr=False)
    camera: bool
    past: Past
    doses: Mapping[str, Dose]
    templates: Templates = field(default_factory=dict)
    records: dict[str, ExerciseRecord] = field(default_factory=dict)
    answers: dict[str, int | None] = field(default_factory=dict)
    hurting: list[Exercise] = field(default_factory=list)
    kept_out: tuple[Exercise, ...] = ()
    gentle: bool = False
    smaller: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    first_look: Literal["", "fine", "worse"] = ""
    manner_told: bool = False
    note: str = ""
    events: list[Event] = field(default_factory=list)
    _due: list[tuple[float, Say]] = field(default_factory=list)
    _cue_s: float = -1e9
    _said_s: float = -1e9
    _trouble_s: float = -1e9
    _last_trouble: str = ""

    def dose(self, exercise: Exercise) -> Dose:
        """Return the person's own dose, or the routine's; about half of it if it is to ask less."""
        dose = self.doses.get(exercise.id, exercise.dose)
        return smaller_dose(dose) if self.asks_less(exercise) else dose

    def asked(self, exercise: Exercise) -> int:
        """Return how many repetitions are asked for in all: what was done before it was made smaller counts, too."""
        return max(self.dose(exercise).total, self.record(exercise).asked)

    def gentle_share(self) -> float:
        """Return how much of the session's usual repetitions a gentle day asks for."""
        usual = [self.doses.get(exercise.id, exercise.dose) for exercise in self.routine.exercises]
        return sum(smaller_dose(dose).total for dose in usual) / max(sum(dose.total for dose in usual), 1)

    def choose_gentle(self, *, gentle: bool) -> None:
        """Make it a gentle day, or one as usual."""
        if gentle:
            for exercise in self.routine.exercises:
                self._done_as_usual(exercise)
        self.gentle = gentle

    def choose_smaller(self, exercise: Exercise) -> None:
        """Ask less of an exercise from now on."""
        self._done_as_usual(exercise)
        self.smaller.add(exercise.id)

    def _done_as_usual(self, exercise: Exercise) -> None:
        if not self.asks_less(exercise):
            self.record(exercise).usual = self.record(exercise).done

    def asks_less(self, exercise: Exercise) -> bool:
        """Whether nothing more is asked for: fewer repetitions, smaller targets, and no cue that wants more range."""
        return self.gentle or exercise.id in self.smaller

    def hurts_like(self, exercise: Exercise) -> Exercise | None:
        """Return what hurt, if it is this exercise, in whatever variant, or one of its family."""
        same = [one for one in self.hurting if one.base_id == exercise.base_id]
        kin = [one for one in self.hurting if set(one.family) & set(exercise.family)]
        return next(iter(same + kin), None)

    def now_fine(self, t_s: float, exercise: Exercise) -> None:
        """Take it that an exercise no longer hurts, and nor does one of its family that is not done in this session."""
        done = {one.base_id for one in self.routine.exercises}
        for one in list(self.hurting):
            kin = set(one.family) & set(exercise.family) and one.base_id not in done
            if one.base_id == exercise.base_id or kin:
                self.hurting.remove(one)
                self.happened(t_s, "fine", one)

    def leave_out_family(self, t_s: float, family: str) -> tuple[Exercise, ...]:
        """Leave every exercise of a family out of this session; return them."""
        kin = tuple(one for one in self.routine.exercises if family in one.family)
        for one in kin:
            self.leave_out(t_s, one)
        return kin

    def leave_out(self, t_s: float, exercise: Exercise) -> None:
        """Leave an exercise out of this session."""
        if exercise.id not in self.left_out:
            self.left_out.add(exercise.id)
            self.happened(t_s, "left-out", exercise)

    def record(self, exercise: Exercise) -> ExerciseRecord:
        """Return the record of an exercise."""
        return self.records.setdefault(exercise.id, ExerciseRecord())

    def say(self, t_s: float, text: str, tone: Tone) -> None:
        """Say something now."""
        self.events.append(Say(text, tone))
        self._said_s = t_s

    def later(self, t_s: float, text: str, tone: Tone) -> None:
        """Say something at a later time, so that two sayings do not fall together."""
        self._due.append((t_s, Say(text, tone)))

    def tick(self, t_s: float) -> None:
        """Say what has come due."""
        for due_s, say in [due for due in self._due if due[0] <= t_s]:
            self._due.remove((due_s, say))
            self.say(t_s, say.text, say.tone)

    @property
    def last_due_s(self) -> float:
        """When the last of what is to be said later is due; long ago if there is nothing."""
        return max((due_s for due_s, _ in self._due), default=-1e9)

    def silence(self, *, but: Tone | None = None) -> None:
        """Forget what was to be said later, all `but` one tone."""
        self._due = [(due_s, say) for due_s, say in self._due if say.tone == but]

    def may_cue(self, t_s: float) -> bool:
        """Whether another correction may be given: at most one in `CUE_APART_S`."""
        return t_s - self._cue_s >= CUE_APART_S

    def cue(self, t_s: float, text: str, with_count: str = "") -> None:
        """Give a correction, together with a count if there is one."""
        self._cue_s = t_s
        self.say(t_s, f"{with_count} {text}.".strip(), "cue")

    def trouble(self, t_s: float, text: str) -> None:
        """Show and say a trouble; the same one is said again only after `AGAIN_S`."""
        self.note = text
        waiting = any(say.text == text for _, say in self._due)
        if not text or waiting or (text == self._last_trouble and t_s - self._trouble_s < AGAIN_S):
            return
        self._last_trouble, self._trouble_s = text, t_s
        self.later(max(t_s, self._said_s + TROUBLE_APART_S), text, "trouble")
        self.tick(t_s)

    def happened(
        self, t_s: float, what: str, exercise: Exercise | None = None, *, detail: str = "", value: int | None = None
    ) -> None:
        """Tell the journal; see `Happened`."""
        self.events.append(Happened(t_s, what, exercise.id if exercise else None, detail, value))

    def keep(self, rep: Rep, exercise: Exercise) -> None:
        """Keep a finished repetition, at once."""
        self.record(exercise).reps.append(rep)
        self.events.append(rep)
