"""What the get-up card says: since when the person sits, when the service asks, what to answer, and today's sits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from loosen.journal.store.records import Sit
from loosen.routine.words import Words
from loosen.text import weekday_name

INSTALL_COMMAND = "loosen getup install"
PAUSE_MINUTES = 60
UP = ("confirmed", "away")
"""The outcomes that show that the person got up, not only that he said so."""


class CardButton(msgspec.Struct, frozen=True, omit_defaults=True):
    """A button: what it sends to the service, or `do` "show", which begins a session of `exercise`."""

    text: str
    do: Literal["up", "snooze", "pause", "resume", "show"]
    primary: bool = False
    minutes: int | None = None
    exercise: str | None = None


class PromptMark(msgspec.Struct, frozen=True):
    """A prompt on the line of today's hours: `up`, the person got up; `said`, the person said so."""

    at_h: float
    up: bool
    said: bool


class SitBar(msgspec.Struct, frozen=True):
    """A sit on the line of today's hours, from hour to hour of the day. `now`: it goes on."""

    from_h: float
    to_h: float
    now: bool
    prompts: tuple[PromptMark, ...]


class GetUpView(msgspec.Struct, frozen=True, kw_only=True):
    """The card. `asks`: the service asks now. `command` is the one to type where no service runs."""

    title: str
    text: str
    asks: bool
    command: str
    today: str
    buttons: tuple[CardButton, ...]
    now_h: float
    sits: tuple[SitBar, ...]


def getup_view(now: datetime, status: dict[str, Any] | None, sits: Sequence[Sit], words: Words) -> GetUpView:
    """Return the card from the service's status (None where none answers) and today's sits."""
    title, text = _state(status, words)
    return GetUpView(
        title=title,
        text=text,
        asks=_asks(status),
        command="" if status else INSTALL_COMMAND,
        today=_today(sits, words) if status or sits else "",
        buttons=_buttons(status, words),
        now_h=_hour(now),
        sits=tuple(_bar(sit, now) for sit in sits),
    )


def _bar(sit: Sit, now: datetime) -> SitBar:
    prompts = tuple(
        PromptMark(_hour(sit.local(it.at_utc)), it.outcome in UP, it.outcome == "said") for it in sit.prompts
    )
    ended = sit.local(sit.last_utc) if sit.ending else now
    return SitBar(_hour(sit.local(sit.started_utc)), _hour(ended), not sit.ending, prompts)


def _asks(status: dict[str, Any] | None) -> bool:
    """Return whether a prompt is open that has been neither put off nor answered."""
    if not status or status["paused_until"] or not status["sitting"]:
        return False
    prompt = status["prompt"]
    return bool(prompt) and not prompt["snoozed_until"] and not prompt["answer"]


def _state(status: dict[str, Any] | None, words: Words) -> tuple[str, str]:
    """Return the card's title and sentence."""
    if status is None:
        return words["getup-card.off"], words["getup-card.off-text"]
    if until := status["paused_until"]:
        at = _clock(until, words, now=status["now"])
        return words("getup-card.paused", at=at), words["getup-card.paused-text"]
    if not status["sitting"]:
        after, latest = (f"{minutes:g}" for minutes in status["minutes"])
        return words["getup-card.nobody"], words("getup-card.next-any", after=after, latest=latest)
    prompt, window = status["prompt"], status["window"]
    at, minutes = _clock(status["since"], words), int(status["sat_s"] // 60)
    title = words("getup-card.since", at=at, minutes=minutes)
    if prompt and prompt["snoozed_until"]:
        return title, words("getup-card.put-off", at=_clock(prompt["snoozed_until"], words))
    if prompt and prompt["answer"]:
        return title, words["getup-card.answered"]
    if prompt:
        return words["getup-card.asked"], words("getup-card.asked-text", minutes=minutes, title=prompt["title"])
    if status["waits_for"]:
        return title, words[f"getup-card.wait-{status['waits_for'][0]}"]
    if status.get("blind"):
        latest = _clock(window[1], words) if window else ""
        text = words(f"getup-card.blind-{'next' if window else 'asked'}", at=at, latest=latest)
        return words["getup-card.blind"], text
    if not window:
        return title, words["getup-card.asked-before"]
    after, latest = (_clock(one, words) for one in window)
    return title, words("getup-card.next", after=after, latest=latest)


def _buttons(status: dict[str, Any] | None, words: Words) -> tuple[CardButton, ...]:
    if status is None:
        return ()
    if status["paused_until"]:
        return (CardButton(words["getup-card.resume"], "resume"),)
    buttons = []
    if _asks(status):
        prompt = status["prompt"]
        buttons.append(CardButton(words["getup-card.up"], "up", primary=True))
        if prompt["can_snooze"]:
            buttons.append(CardButton(words["getup-card.snooze"], "snooze"))
        if prompt["exercise"]:
            buttons.append(CardButton(words["getup-card.show"], "show", exercise=prompt["exercise"]))
    return (*buttons, CardButton(words["getup-card.pause"], "pause", minutes=PAUSE_MINUTES))


def _today(sits: Sequence[Sit], words: Words) -> str:
    if not sits:
        return words["getup-card.today-none"]
    longest = round(max(sit.seconds for sit in sits) / 60)
    texts = [words(f"getup-card.today-{'one' if len(sits) == 1 else 'many'}", n=len(sits), longest=longest)]
    outcomes = [prompt.outcome for sit in sits for prompt in sit.prompts if prompt.outcome]
    if outcomes:
        up = sum(outcome in UP for outcome in outcomes)
        texts.append(words("getup-card.today-asked", up=up, of=len(outcomes)))
    if said := outcomes.count("said"):
        texts.append(words(f"getup-card.today-said-{'one' if said == 1 else 'many'}", n=said))
    return " ".join(texts)


def _clock(stamp: str, words: Words, *, now: str = "") -> str:
    """Return the time of day, with the weekday if it is another one than that of `now`."""
    at = datetime.fromisoformat(stamp)
    other_day = now and at.date() != datetime.fromisoformat(now).date()
    return f"{weekday_name(at.date(), words)} {at:%H:%M}" if other_day else f"{at:%H:%M}"


def _hour(at: datetime) -> float:
    return round(at.hour + at.minute / 60 + at.second / 3600, 4)
