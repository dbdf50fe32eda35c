"""The words are all there, can be filled in, and promise nothing."""

from __future__ import annotations

import re
import string

import pytest
from people import ROUTINE, WORDS

from loosen.errors import InputError
from loosen.routine.words import load_words

TEXTS = [(f"{name}.{key}", text) for name, section in WORDS.sections.items() for key, text in section.items()]


@pytest.mark.parametrize("key", ["coach.nonsense", "nonsense.hold", "nonsense", ""])
def test_a_word_that_is_missing_is_our_mistake_and_loud(key: str) -> None:
    with pytest.raises(KeyError):
        WORDS[key]


@pytest.mark.parametrize("language", ["xx", "", "EN"])
def test_a_language_without_words_is_said_with_what_to_do(language: str) -> None:
    with pytest.raises(InputError, match=r"add routine/words/"):
        load_words(language)


def test_every_text_says_something_and_can_be_filled_in() -> None:
    for key, text in TEXTS:
        assert text.strip(), key
        blanks = {name: 1 for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        assert all(re.fullmatch(r"[a-z_]+", name) for name in blanks), key
        assert "{" not in text.format(**blanks), key


def test_blanks_are_filled_in() -> None:
    assert WORDS("get-up.ask", after="30", latest="45").count("30") == 1
    with pytest.raises(KeyError):
        WORDS("get-up.ask", after="30")


def test_small_counts_are_spoken_as_words_and_large_ones_as_figures() -> None:
    assert [WORDS.number(n) for n in (1, 5, 12)] == ["One", "Five", "Twelve"]
    assert not any(WORDS.number(n).isdigit() for one in ROUTINE.exercises for n in range(1, one.dose.reps + 1))
    assert WORDS.number(250) == "250"


def test_no_word_promises_treatment() -> None:
    # The titles of sources are their authors'.
    texts = [(key, text) for key, text in TEXTS if not key.startswith("behind-sources.")]
    promising = [key for key, text in texts if re.search(r"\b(treat|cure|diagnos|rehab|clinical-grade)", text.lower())]
    assert promising == []


def test_nobody_is_blamed_for_stopping_or_a_day_off() -> None:
    scolding = r"\b(fail|failed|failure|missed|streak|lost your|should have|only \{)"
    assert [key for key, text in TEXTS if re.search(scolding, text.lower())] == []


def test_spoken_corrections_are_short() -> None:
    for key, text in TEXTS:
        if key.startswith(("cue.", "coach.", "trouble.")):
            assert len(text.split()) <= 12, key
