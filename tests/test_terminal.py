"""A terminal is given what it can show, and a pipe plain text."""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper

import pytest

from loosen.terminal import Progress, Terminal, table


class Person(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def a_usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_person_sees_colour() -> None:
    assert Terminal(Person()).paint("ok", "green") == "\x1b[32mok\x1b[0m"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert Terminal(Person()).paint("ok", "green") == "ok"


def test_an_empty_no_color_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert Terminal(Person()).colour


def test_a_pipe_gets_neither_colour_nor_a_progress_bar() -> None:
    pipe = StringIO()
    assert Terminal(pipe).paint("ok", "green") == "ok"
    with Progress("clip.mp4", pipe) as bar:
        bar.at(0.5)
    assert pipe.getvalue() == ""


def test_a_person_sees_how_far_it_is_and_is_left_with_a_clean_line() -> None:
    screen = Person()
    with Progress("clip.mp4", screen) as bar:
        bar.at(0.5)
        shown = screen.getvalue()
    assert "clip.mp4" in shown
    assert "50%" in shown
    assert screen.getvalue().endswith(" \r")


def test_a_long_name_stays_on_one_line() -> None:
    screen = Person()
    with Progress("a-very-long-name/" * 10 + "clip.mp4", screen) as bar:
        bar.at(0.5)
        assert len(screen.getvalue()) <= 60
        assert "clip.mp4" in screen.getvalue()


@pytest.mark.parametrize("columns", [20, 30, 40, 53, 80, 200])
def test_how_far_it_is_fits_a_narrow_terminal_note_and_all(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    screen = Person()
    with Progress("recordings", screen) as bar:
        bar.at(0.5, "1.0/s, 5 min left" if columns > 20 else "1.0/s")
        line = screen.getvalue().strip("\r")
    assert "50%  1.0/s" in line
    assert len(line) < columns
    assert ("recordings █" in line) == (columns >= 40)


def test_a_terminal_without_these_letters_still_gets_a_line() -> None:
    raw = BytesIO()
    terminal = Terminal(TextIOWrapper(raw, encoding="ascii", write_through=True))
    assert not terminal.can_write("✓")
    terminal.say("Rücken")
    assert raw.getvalue() == b"R?cken\n"


def test_columns_stand_under_each_other() -> None:
    assert table([["#", "when"], ["12", "now"]], right=frozenset({0})) == [" #  when", "12  now"]
    assert table([]) == []
