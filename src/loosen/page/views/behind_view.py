"""The pages for the curious: what helps a sore back, and what pain on moving means. Their text is in the words."""

from __future__ import annotations

from itertools import count, takewhile

import msgspec

from loosen.routine.words import Words

PAGES = ("helps", "pain")


class BehindPage(msgspec.Struct, frozen=True):
    """One page: its paragraphs, and where to read more, in the order of the text."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    sources: tuple[str, ...]


def behind_pages(words: Words) -> tuple[BehindPage, ...]:
    """Return the pages."""
    texts, sources = words.sections["behind"], words.sections["behind-sources"]
    return tuple(
        BehindPage(name, texts[f"{name}-title"], _numbered(texts, name), _numbered(sources, name)) for name in PAGES
    )


def _numbered(texts: dict[str, str], name: str) -> tuple[str, ...]:
    """Return the texts "name-1", "name-2" and so on."""
    keys = takewhile(texts.__contains__, (f"{name}-{n}" for n in count(1)))
    return tuple(texts[key] for key in keys)
