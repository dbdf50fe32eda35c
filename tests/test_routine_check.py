"""A routine's own figure must be counted, and a movement that fools the coach does not pass."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from people import IDS, ROUTINE, WORDS, body, otherwise

from loosen import cli
from loosen.coach.routine_check import RATES, CheckResult, check_figures, load_routine, vet
from loosen.errors import RoutineError
from loosen.routine import model, poses
from loosen.routine.model import Exercise, Routine
from loosen.routine.reader import read_routine

Out = pytest.CaptureFixture[str]
# Tried once with every exercise, whatever else stands in the file.
ALONE = ("led through a session", "the figure standing still")
DOCS = (Path(__file__).parent.parent / "docs" / "routine-format.md").read_text("utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example that docs/routine-format.md gives, as a file."""
    found = re.search(r"<!-- example -->\n```toml\n(.*?)```", DOCS, re.DOTALL)
    assert found is not None
    file = tmp_path / "example.toml"
    file.write_text(found[1], "utf-8")
    return file


@pytest.fixture(autouse=True)
def bodies_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loosen.coach.routine_check.Person", body)


def only(exercise: Exercise) -> Routine:
    return msgspec.structs.replace(ROUTINE, exercises=(exercise,), get_up=None)


def failed(routine: Routine) -> list[CheckResult]:
    return [finding for finding in check_figures(routine, WORDS) if not finding.held]


@pytest.mark.slow
def test_every_movement_of_the_built_in_routine_counts_and_only_where_it_should() -> None:
    quick = msgspec.structs.replace(
        ROUTINE,
        exercises=tuple(
            msgspec.structs.replace(e, dose=msgspec.structs.replace(e.dose, reps=1), variants=())
            for e in ROUTINE.exercises
        ),
    )
    findings = list(check_figures(quick, WORDS))
    assert [f"{f.exercise}: {f.tried}: {f.said}" for f in findings if not f.held] == []
    assert len(findings) == len(IDS) * (len(RATES) + len(ALONE) + len(IDS) - 1)


@pytest.mark.slow
def test_every_other_way_of_doing_a_movement_is_proved_too_and_may_look_like_the_movement_itself() -> None:
    """Half of the routine: the whole takes minutes, `loosen routine check`."""
    pair = [ROUTINE.exercise(name) for name in ("back-arches", "lazy-leg-walk")]
    quick = tuple(msgspec.structs.replace(e, dose=msgspec.structs.replace(e.dose, reps=1)) for e in pair)
    findings = list(check_figures(msgspec.structs.replace(ROUTINE, exercises=quick, get_up=None), WORDS))
    assert [f"{f.exercise}: {f.tried}: {f.said}" for f in findings if not f.held] == []
    ways = ("back-arches", "back-arches.hold-on", "lazy-leg-walk", "lazy-leg-walk.hold-on")
    assert tuple(dict.fromkeys(f.exercise for f in findings)) == ways
    others = {f.tried.removeprefix("the figure doing ") for f in findings if f.exercise == "lazy-leg-walk.hold-on"}
    assert others & set(ways) == set(ways[:2])


def test_the_docs_example_passes_the_check(example: Path, capsys: Out) -> None:
    assert cli.main(["routine", "check", str(example), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["held"] is True
    figures = [finding for finding in said["findings"] if not finding["tried"].startswith("the cast")]
    assert len(figures) == len(RATES) + len(ALONE)
    assert {(it["person"], it["fps"]) for it in said["people"]} >= {("40%", 5.0), ("slow", 30.0), ("no stop", 10.0)}
    assert all(it["ended_by"] for it in said["people"])
    assert {finding["tried"] for finding in said["findings"]} >= set(ALONE)
    [exercise] = read_routine(example).exercises
    assert exercise.faults
    assert exercise.id not in IDS


def test_a_movement_without_a_stop_does_not_pass_and_the_reason_is_said(example: Path) -> None:
    exercise = read_routine(example).exercises[0]
    tempo, dose = exercise.tempo, exercise.dose
    hasty = msgspec.structs.replace(
        exercise, tempo=msgspec.structs.replace(tempo, stop_s=0.0), dose=msgspec.structs.replace(dose, reps=2)
    )
    wrong = failed(only(hasty))
    assert len(wrong) == len(RATES)
    assert all("not full" in finding.said and "no real stop" in finding.said for finding in wrong)


def test_a_movement_that_is_counted_for_another_does_not_pass(example: Path) -> None:
    """Two squats of different names: neither can be told from the other."""
    first = read_routine(example).exercises[0]
    quick = msgspec.structs.replace(first, dose=msgspec.structs.replace(first.dose, reps=1))
    twice = msgspec.structs.replace(
        ROUTINE, exercises=(quick, msgspec.structs.replace(quick, id="same-again")), get_up=None
    )
    wrong = failed(twice)
    assert {finding.tried for finding in wrong} == {"the figure doing same-again", "the figure doing half-squat"}


def test_a_figure_that_never_gets_far_enough_is_refused_before_it_is_tried() -> None:
    stiff = otherwise(ROUTINE.exercise("back-arches"), {"arched": {"lean_deg": 5.0}})
    with pytest.raises(RoutineError, match=r"outside the key poses' range"):
        vet(only(stiff))


def test_a_check_that_fails_says_so_in_its_exit_code(example: Path, capsys: Out) -> None:
    text = example.read_text("utf-8").replace("reps = 5", "reps = 1")
    fast = '{ signal = "knee_flexion_near_deg", measure = "speed", over = 900 }'
    need = f'needs = [{{ when = {fast}, otherwise = "not-a-rep" }}]'
    example.write_text(text.replace("counts_at = 30", f"counts_at = 30\n{need}"), "utf-8")
    assert cli.main(["routine", "check", str(example)]) == 1
    captured = capsys.readouterr()
    wrong = [line for line in captured.out.splitlines() if line.startswith("FAIL") and "the cast" not in line]
    assert len(wrong) == len(RATES) + 1  # and led through a session
    assert "ok   half-squat: the figure standing still" in captured.out
    assert "did not hold" in captured.err


def test_a_refused_routine_is_not_tried_at_all(example: Path, capsys: Out) -> None:
    text = example.read_text("utf-8")
    example.write_text(text.replace("counts_at = 30", "counts_at = 150"), "utf-8")
    assert cli.main(["routine", "check", str(example)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    line = next(n for n, one in enumerate(example.read_text("utf-8").splitlines(), 1) if "= 150" in one)
    assert captured.err.startswith(f"loosen: {example}:{line}: $.exercises[0].seen.counts_at")


def changed(example: Path, old: str, new: str) -> int:
    """Change the example; return the line of the change, from 1."""
    text = example.read_text("utf-8")
    assert text.count(old) == 1
    example.write_text(text.replace(old, new), "utf-8")
    return text[: text.index(old)].count("\n") + new.count("\n", 0, new.rfind("\n") + 1) + 1


def refusal(example: Path) -> RoutineError:
    with pytest.raises(RoutineError) as caught:
        load_routine(example)
    return caught.value


ALTERNATING = 'sides = "each", order = "alternating"'
SIDE = 'side = { signal = "left_foot_ahead", positive = "right"'


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('"backward_lean_deg"', '"bendiness"', ".faults[0].when.signal", "bendiness"),
        ("counts_at = 30", "counts_at = 150", ".seen.counts_at", "key poses"),
        ("at_least = 40", "at_least = 140", ".seen.full.at_least", "key poses"),
        ("under = -45", "under = -4500", ".faults[0].when", "check the unit"),
    ],
)
def test_a_file_that_its_own_figure_contradicts_is_refused_with_file_and_line(
    example: Path, old: str, new: str, path: str, said: str
) -> None:
    line = changed(example, old, new)
    error = refusal(example)
    assert (error.file, error.line, error.path) == (str(example), line, f"$.exercises[0]{path}")
    assert said in error.message


def test_sides_that_alternate_need_a_rule_that_tells_them_apart(example: Path) -> None:
    line = changed(example, 'sides = "together"', ALTERNATING)
    error = refusal(example)
    assert (error.line, error.path) == (line, "$.exercises[0].dose.order")
    assert "seen.side" in error.message
    # A rule that may say "both" leaves a repetition without a leg that it could be counted for.
    changed(example, "counts_at = 30", f"{SIDE}, even_within = 0.1 }}\ncounts_at = 30")
    assert refusal(example).path == "$.exercises[0].dose.order"
    changed(example, ", even_within = 0.1", "")
    assert load_routine(example).exercises[0].dose.order == "alternating"


@pytest.mark.parametrize(("bound", "possible"), [("over = 60", False), ("under = -5", False), ("under = 20", True)])
def test_a_start_that_the_figures_own_start_pose_does_not_meet_is_refused(
    example: Path, bound: str, possible: bool
) -> None:
    """Nobody could ever begin: the gate would wait for ever."""
    start = f'start = [{{ signal = "knee_flexion_near_deg", measure = "mean", {bound} }}]'
    line = changed(example, "counts_at = 30", f"counts_at = 30\n{start}")
    if possible:
        assert len(load_routine(example).exercises[0].seen.start) == 1
        return
    error = refusal(example)
    assert (error.file, error.line) == (str(example), line)
    assert error.path == "$.exercises[0].seen.start[0]"
    assert "nobody could ever begin" in error.message


# -- the page on the format -------------------------------------------------------------------------------

TABLES: dict[str, type[msgspec.Struct]] = {
    "The file": model.Routine,
    "[source]": model.Source,
    "[care]": model.Care,
    "[[exercises]]": model.Exercise,
    "dose": model.Dose,
    "progression": model.Progression,
    "tempo": model.Tempo,
    "words": model.PhaseWords,
    "[exercises.seen]": model.Seen,
    "full": model.Full,
    "needs": model.Need,
    "side": model.SideRule,
    "Conditions": model.Condition,
    "[exercises.figure]": poses.Figure,
    "steps": poses.Step,
    "[exercises.figure.poses.NAME]": poses.KeyPose,
    "[[exercises.faults]]": model.Fault,
    "[get_up]": model.GetUp,
    "[[exercises.variants]]": model.Variant,
    "[first_look]": model.FirstLook,
}


def written(default: object) -> str:
    """Return a default as the page writes it."""
    match default:
        case msgspec.NODEFAULT:
            return "must"
        case None | ():
            return "none"
        case bool() | str():
            return f"`{json.dumps(default)}`"
        case _:
            return f"`{default:g}`"


@pytest.mark.parametrize(("heading", "struct"), TABLES.items(), ids=TABLES)
def test_every_key_stands_in_the_docs_with_its_default(heading: str, struct: type[msgspec.Struct]) -> None:
    section = re.search(rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", DOCS, re.MULTILINE | re.DOTALL)
    assert section is not None
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*?) \|$", section[1], re.MULTILINE))
    real = {field.name: written(field.default) for field in msgspec.structs.fields(struct)}
    if struct is poses.KeyPose:
        # One key for each side need not be told again.
        real = {name: default for name, default in real.items() if not re.search(r"_(left|right)(_deg)?$", name)}
        arms = ("arm_forward_deg", "arm_side_deg", "arm_turn_deg", "elbow_deg", "wrist_deg")
        real |= dict.fromkeys(arms, "from `hands`")
    assert told == real


def test_the_docs_tell_of_no_other_table() -> None:
    assert set(re.findall(r"^### (.*)$", DOCS, re.MULTILINE)) == set(TABLES)
