"""The catalogue of words: what a person reads or hears, one file per language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from loosen.errors import InputError


class Words:
    """Texts by dotted key, ``words["coach.hold"]``; ``words("coach.count", n=3)`` fills in blanks.

    An unknown key is a KeyError: a missing word is a mistake of ours, not of the person.
    """

    def __init__(self, language: str, sections: dict[str, dict[str, str]]) -> None:
        self.language = language
        self.sections = sections

    def __getitem__(self, key: str) -> str:
        section, _, name = key.partition(".")
        return self.sections[section][name]

    def __call__(self, key: str, **blanks: object) -> str:
        """Return the text of `key` with its blanks filled in."""
        return self[key].format(**blanks)

    def count(self, key: str, n: int, **blanks: object) -> str:
        """Return the text about `n` things: that of "key-one" about one, of "key-many" about none or more."""
        return self(f"{key}-one" if n == 1 else f"{key}-many", n=n, **blanks)

    def number(self, n: int) -> str:
        """Return a small number as a word to be spoken."""
        return self.sections["numbers"].get(str(n), str(n))


@cache
def load_words(language: str = "en") -> Words:
    """Return the catalogue of a language; InputError if there is none."""
    file = resources.files("loosen.routine").joinpath("words", f"{language}.toml")
    if not language.isalpha() or not file.is_file():
        raise InputError(f"no words for the language {language!r}; add routine/words/{language}.toml")
    return Words(language, tomllib.loads(file.read_text("utf-8")))
