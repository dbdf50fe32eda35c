"""A routine file is a routine, or the trainer is told where it is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loosen.coach.routine_check import vet
from loosen.errors import RoutineError
from loosen.routine import reader
from loosen.routine.model import Routine
from loosen.routine.reader import as_json, builtin, parse, read_routine, schema

TEXT = Path(reader.__file__).with_name(reader.BUILTIN).read_text("utf-8")


def refusal(text: str | bytes) -> RoutineError:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(RoutineError) as caught:
        parse(data, "mine.toml")
    return caught.value


def changed(old: str, new: str) -> tuple[str, int]:
    """Return the built-in file with the first `old` written as `new`, and the line that stands on."""
    assert old in TEXT
    return TEXT.replace(old, new, 1), TEXT[: TEXT.index(old)].count("\n") + 1


ARCH, REACH, ROOF, WALK = (f"$.exercises[{n}]" for n in range(4))
DOSE = 'dose = { sets = 1, reps = 5, sides = "each", order = "in-turn", rest_s = 10 }'
TEMPO = "tempo = { out_s = [2, 3], stop_s = 2, back_s = [2, 3], credited_from_s = 1 }"
STEPS = "steps = [{ sets = 1, reps = 8 }, { sets = 2, reps = 6 }, { sets = 2, reps = 8 }]"

# What a trainer may write wrong: (what stood there, what he wrote, the path and the words of the refusal).
MISTAKES = [
    ("format = 1", "format = 2", "$.format", "2"),
    ('language = "en"', 'language = "English"', "$.language", "two small letters"),
    (DOSE, DOSE.replace("reps = 5", "reps = 0"), f"{ARCH}.dose.reps", ">= 1"),
    (DOSE, DOSE.replace("reps = 5", "reps = 5.5"), f"{ARCH}.dose.reps", "int"),
    (DOSE, DOSE.replace("sets = 1, ", ""), f"{ARCH}.dose", "sets"),
    (DOSE, DOSE.replace('"each"', '"left"'), f"{ARCH}.dose.sides", "left"),
    (DOSE, DOSE.replace("rest_s = 10", "rest_ms = 10"), f"{ARCH}.dose", "rest_ms"),
    (DOSE, DOSE.replace("rest_s = 10", "rest_s = 10000"), f"{ARCH}.dose.rest_s", "<= 60"),
    (DOSE, DOSE.replace("rest_s = 10", "most_reps = 4"), f"{ARCH}.dose.most_reps", "at least the 5"),
    (DOSE, DOSE.replace("rest_s = 10", "most_sets = 99"), f"{ARCH}.dose.most_sets", "<= 10"),
    (TEMPO, TEMPO.replace("stop_s = 2", "stop_s = 0"), f"{ARCH}.tempo.stop_s", "smaller `credited_from_s`"),
    ("after_weeks = 3", "after_weeks = 1", f"{ARCH}.progression.after_weeks", ">= 2"),
    ("sessions = 8", "sessions = 2", f"{ARCH}.progression.sessions", ">= 3"),
    ("sessions = 8", "soreness_at_most = 7", f"{ARCH}.progression.soreness_at_most", "<= 4"),
    (STEPS, "steps = []", f"{ARCH}.progression.steps", "length >= 1"),
    (STEPS, "steps = [{ sets = 1, reps = 5 }]", f"{ARCH}.progression.steps[0]", "more than the 5"),
    (STEPS, "steps = [{ sets = 2, reps = 8 }, { sets = 1, reps = 8 }]", f"{ARCH}.progression.steps[1]",
     "more than the 16"),
    (STEPS, "steps = [{ sets = 4, reps = 5 }]", f"{ARCH}.progression.steps[0]", "at most 3 sets of 15"),
    (TEMPO, TEMPO.replace("[2, 3]", "[3, 2]", 1), f"{ARCH}.tempo.out_s", "rising"),
    (TEMPO, TEMPO.replace("[2, 3]", "[0, 0]", 1), f"{ARCH}.tempo.out_s", "above 0"),
    (TEMPO, TEMPO.replace("[2, 3]", "[2]", 1), f"{ARCH}.tempo.out_s", "length 2"),
    (TEMPO, TEMPO.replace("stop_s = 2", "stop_s = -2"), f"{ARCH}.tempo.stop_s", ">= 0"),
    ('title = "Back Arches"', 'titel = "Back Arches"', ARCH, "titel"),
    ('title = "Back Arches"', 'title = ""', f"{ARCH}.title", "length >= 1"),
    ('id = "back-arches"', 'id = "Back Arches"', f"{ARCH}.id", "small letters, digits"),
    ('id = "raise-the-roof"', 'id = "back-arches"', f"{ROOF}.id", "twice"),
    ('id = "knees-bend"', 'id = "too-fast"', f"{ARCH}.faults[3].id", "twice"),
    ('view = "side"', 'view = "back"', f"{ARCH}.seen.view", "back"),
    ("lean_deg = 20", "lean_deg = 400", f"{ARCH}.figure.poses.arched.lean_deg", "<= 180"),
    ("lean_deg = 20", "lean_rad = 0.3", f"{ARCH}.figure.poses.arched", "lean_rad"),
    ("hips_forward = 0.13", "hips_forward = 13", f"{ARCH}.figure.poses.arched.hips_forward", "<= 2"),
    ('start = "tall"', 'start = "lying"', f"{ARCH}.figure.start", "lying"),
    ('{ pose = "arched", phase = "out" }', '{ pose = "bridge", phase = "out" }',
     f"{ARCH}.figure.steps[0].pose", "bridge"),
    ('{ pose = "tall", phase = "back" }', '{ pose = "arched", phase = "back" }', f"{ARCH}.figure.steps",
     "start pose"),
    ('{ pose = "arched", phase = "out" }', '{ pose = "arched", phase = "back" }',
     f"{ARCH}.figure.steps", "out"),
    ("over = 65", "over = 65, under = 90", f"{ARCH}.faults[1].when", "exactly one"),
    (", over = 65", "", f"{ARCH}.faults[1].when", "exactly one"),
    ('when = { measure = "seconds", during = "out"', 'when = { measure = "peak", during = "out"',
     f"{REACH}.faults[0].when", "signal"),
    ('id = "one-arm"', 'id = "seated"', f"{REACH}.variants[1].id", "twice"),
    ("arm_side_right_deg = 172", "arm_side_right_deg = 720",
     f"{REACH}.variants[1].figure.poses.reaching.arm_side_right_deg", "<= 180"),
    ('cue = "Straighten your arm"', 'clue = "Straighten your arm"', f"{REACH}.variants[1].faults[2]", "clue"),
    ('family = "extension"', 'family = "bending"', "$.first_look.family", "bending"),
    ("latest_min = 45", "latest_min = 20", "$.get_up.latest_min", "after_min"),
    ('movements = ["reach-for-the-sky"', 'movements = ["jumping-jacks"', "$.get_up.movements",
     "jumping-jacks"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "said"), MISTAKES)
def test_a_mistake_is_refused_with_file_path_line_and_what_was_expected(
    old: str, new: str, path: str, said: str
) -> None:
    text, line = changed(old, new)
    error = refusal(text)
    assert error.path == path
    assert said in error.message
    # A key that is missing or unknown is told by the table that it belongs to, somewhat above.
    whole_table = path == ARCH or path.endswith((".arched", ".variants[1].faults[2]"))
    assert error.line is not None
    assert error.line <= line if whole_table else error.line == line or _opens(text, error.line, line)
    assert str(error).startswith(f"mine.toml:{error.line}: {path}: ")


def _opens(text: str, told: int, real: int) -> bool:
    """Whether the line told is the one on which the list that holds the real one begins."""
    lines = text.splitlines()
    return told < real and lines[told - 1].endswith("[") and "]" not in lines[told : real - 1]


@pytest.mark.parametrize("table", ["source", "care", "get_up", "exercises.seen", "exercises.figure"])
def test_an_unknown_key_is_refused_in_every_table(table: str) -> None:
    text, _ = changed(f"[{table}]\n", f"[{table}]\ncolour = 1\n")
    assert "colour" in refusal(text).message


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ('signal = "backward_lean_deg"\n', 'signal = "bendiness"\n', f"{ARCH}.seen.signal", "bendiness"),
        ('{ signal = "hips_forward"', '{ signal = "hips_onward"', f"{ARCH}.faults[4].when.signal",
         "hips_onward"),
        ('signal = "left_foot_ahead"', 'signal = "left_paw_ahead"', f"{WALK}.seen.side.signal",
         "left_paw_ahead"),
        ('signal = "backward_lean_deg"\n', 'signal = "side_lean_deg"\n', f"{ARCH}.seen.signal", "front"),
        ('signal = "arm_elevation_highest_deg"\n', 'signal = "arm_length"\n', f"{REACH}.variants[1].seen.signal",
         "arm_length"),
        ("elbow_deg = 42\nlean_deg = 20", "elbow_deg = 42\nlean_deg = 7", f"{ARCH}.variants[0].seen.counts_at",
         "range of backward_lean_deg"),
        ('also = "backward_lean_deg"', 'also = "side_lean_deg"', f"{ROOF}.seen.also", "front"),
        ("counts_at = 8", "counts_at = 80", f"{ARCH}.seen.counts_at", "range of backward_lean_deg"),
        ("counts_at = 8", "counts_at = -3", f"{ARCH}.seen.counts_at", "range of backward_lean_deg"),
        ("counts_at = 8", "counts_at = nan", f"{ARCH}.seen.counts_at", "range of backward_lean_deg"),
        ("at_least = 0.8", "at_least = 1.5", f"{WALK}.seen.full.at_least", "range of foot_gap"),
        ('measure = "mean", during = "stop", over = 15', 'measure = "mean", during = "stop", over = 1500',
         f"{REACH}.faults[2].when", "unit"),
    ],
)  # fmt: skip
def test_what_the_figure_cannot_do_or_nobody_measures_is_refused(old: str, new: str, path: str, said: str) -> None:
    routine = parse(changed(old, new)[0].encode())
    with pytest.raises(RoutineError) as caught:
        vet(routine)
    assert caught.value.path == path
    assert said in caught.value.message


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.toml"
    file.write_bytes(TEXT.encode() + b"#" * 10_000_000)
    with pytest.raises(RoutineError, match=r"huge\.toml: .*10\.0 MB"):
        read_routine(file)
    assert "1 MB" in refusal(b"#" * 1_000_001).message


def test_what_is_not_utf8_or_not_toml_is_refused_with_its_line() -> None:
    error = refusal(TEXT.encode() + "# Rücken\n".encode("latin-1"))
    assert (error.line, "UTF-8" in error.message) == (TEXT.count("\n") + 1, True)
    text, line = changed('title = "Back Arches"', 'title = "Back Arches')
    error = refusal(text)
    assert (error.line, error.message[:8]) == (line, "not TOML")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00" * 100, b"\x7fELF", b"format = 1\nformat = 1", b"format = \n",
        b"format = 1\na = " + b"[" * 5000 + b"]" * 5000,
        b"format = 1\na = " + b"{a=" * 5000 + b"1" + b"}" * 5000,
        b"format = 1\n" + b".".join([b"a"] * 3000) + b" = 1",
        b"format = 1\n[" + b".".join([b"a"] * 3000) + b"]",
        b"format = 1\na = " + b"9" * 50_000,
    ],
    ids=["empty", "nulls", "program", "twice", "unfinished", "lists", "tables", "dotted-key", "dotted-table", "digits"],
)  # fmt: skip
def test_what_is_no_routine_at_all_or_a_nested_bomb_is_refused(data: bytes) -> None:
    assert str(refusal(data)).startswith("mine.toml")


def test_what_was_saved_on_windows_or_with_a_mark_in_front_is_read_the_same_and_so_is_what_is_printed() -> None:
    assert parse(TEXT.replace("\n", "\r\n").encode()) == parse(b"\xef\xbb\xbf" + TEXT.encode()) == builtin()
    other = msgspec.structs.replace(builtin(), title='Зоя\'s "own"\n')
    assert parse_json(as_json(other)) == other


def test_a_file_that_is_not_there_or_is_a_folder_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(RoutineError, match=re.escape(str(path))):
            read_routine(path)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_whatever_is_done_to_a_file_it_is_a_routine_or_refused(data: st.DataObject) -> None:
    lines = TEXT.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        n = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "number", "noise"])):
            case "drop":
                del lines[n]
            case "double":
                lines.insert(n, lines[n])
            case "number":
                number = data.draw(st.sampled_from(["-1", "0", "1e308", "true", '"x"', "[]", "2026-01-01"]))
                lines[n] = re.sub(r"\b\d[\d.]*\b", number, lines[n], count=1)
            case "noise":
                at = data.draw(st.integers(0, len(lines[n])))
                lines[n] = lines[n][:at] + data.draw(st.text(max_size=3)) + lines[n][at:]
    try:
        routine = parse("\n".join(lines).encode("utf-8", "replace"), "mine.toml")
    except RoutineError:
        return
    assert parse_json(as_json(routine)) == routine


def parse_json(text: str) -> Routine:
    return msgspec.convert(json.loads(text), Routine)


# -- the schema -------------------------------------------------------------------------------------------


def test_an_editor_knows_every_table_and_marks_what_reading_would_refuse() -> None:
    tables = schema()["$defs"]
    assert all(table["additionalProperties"] is False for table in tables.values())
    assert tables["Routine"]["properties"]["format"] == {"enum": [1]}
    reps = tables["Dose"]["properties"]["reps"]
    assert reps == {"type": "integer", "minimum": 1, "maximum": 50}
    assert tables["Seen"]["properties"]["view"] == {"enum": ["any", "front", "side"]}
    lean = tables["KeyPose"]["properties"]["lean_deg"]
    assert (lean["minimum"], lean["maximum"]) == (-180, 180)
    exercise = tables["Exercise"]
    assert {"id", "title", "how", "dose", "tempo", "seen", "figure"} <= set(exercise["required"])
    assert set(exercise["properties"]) == set(json.loads(as_json(builtin()))["exercises"][0])
