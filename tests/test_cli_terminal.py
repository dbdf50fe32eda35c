"""A terminal is given what it can show, and a pipe plain text."""

from __future__ import annotations

import re
import sys
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from loosen import cli
from loosen.cli import doctor
from loosen.cli.terminal import Progress, paragraph, plain, show, table


class Screen(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("COLUMNS", "60", "\x1b[32mall well\x1b[0m\n"), ("NO_COLOR", "1", "all well\n"), ("TERM", "dumb", "all well\n")],
)
def test_a_person_sees_colour_where_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, shown: str
) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv(name, value)
    show(paragraph("all well", style="green"))
    assert screen.getvalue() == shown


def test_a_pipe_gets_neither_colour_nor_a_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = StringIO()
    monkeypatch.setattr(sys, "stdout", pipe)
    monkeypatch.setattr(sys, "stderr", pipe)
    show(paragraph("all well", style="green"))
    with Progress("clip.mp4") as bar:
        bar.at(0.5)
    assert pipe.getvalue() == "all well\n"


def drawn(screen: Screen) -> list[str]:
    """Return each state that a bar has had, without the codes that move the cursor and colour it."""
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).splitlines()]


def test_a_person_sees_how_far_it_is_and_is_left_with_a_clean_line() -> None:
    screen = Screen()
    with Progress("clip.mp4", screen) as bar:
        bar.at(0.5)
    assert any("clip.mp4" in line and "50%" in line for line in drawn(screen))
    assert screen.getvalue().endswith("\x1b[2K")


@pytest.mark.parametrize("columns", [20, 30, 40, 53, 80, 200])
def test_how_far_it_is_fits_a_narrow_terminal_note_and_all(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    screen = Screen()
    monkeypatch.setenv("COLUMNS", str(columns))
    with Progress("a-very-long-name/" * 10 if columns > 53 else "recordings", screen) as bar:
        bar.at(0.5, "1.0/s, 5 min left" if columns > 20 else "1.0/s")
    assert max(map(len, drawn(screen))) <= columns
    last = [line for line in drawn(screen) if line][-1]
    assert "50%  1.0/s" in last
    assert last.startswith(("a-very-long", "recordings")) == (columns >= 40)


def test_a_terminal_without_these_letters_still_gets_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(raw, encoding="ascii", write_through=True))
    monkeypatch.setattr(doctor, "run", lambda _: print("Rücken"))
    cli.main(["doctor"])
    assert raw.getvalue() == b"R?cken\n"


def test_a_table_has_columns_and_is_not_cut_in_a_pipe_a_paragraph_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert plain(table([["#", "when"], ["12", "now"]], right=frozenset({0}))) == [" #  when", "12  now"]
    assert plain(table([["a", "b"]], indent=2)) == ["  a  b"]
    assert plain(table([["word " * 20, "end"]])) == ["word " * 20 + "  end"]
    assert plain(paragraph("one two three " * 3, indent=4)) == ["    one two three one two three one two", "    three"]


def test_a_column_without_a_word_takes_no_room() -> None:
    assert plain(table([("Soreness", "before 6 of 10", ""), ("Stiffness", "before 7 of 10", "")])) == [
        "Soreness   before 6 of 10",
        "Stiffness  before 7 of 10",
    ]
