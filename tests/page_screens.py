"""Every screen of the page as a stage, and the page in a browser before a real server that shows these stages."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from journal_makers import rep_done
from msgspec.structs import replace
from page_support import PATIENCE_S, PageServer

from loosen.coach.counting.rep import Trace, in_thousandths
from loosen.coach.guidance.past import Past
from loosen.coach.guidance.rep_chart import rep_chart
from loosen.coach.guidance.session import Session
from loosen.coach.guidance.stage import (
    BodyPart,
    BodyPartName,
    Event,
    ExerciseSummary,
    FigureClock,
    Option,
    Question,
    Ready,
    Stage,
)
from loosen.page.live.messages import to_page
from loosen.routine.reader import builtin
from loosen.routine.words import load_words

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAPTOP, DESK, PHONE, SMALL, UPRIGHT = (1280, 800), (1920, 1080), (390, 844), (360, 740), (768, 1024)
FIRST, SECOND, *_ = EXERCISES = builtin().exercises
PARTS: tuple[BodyPartName, ...] = ("head", "arms", "trunk", "legs", "feet")
MOVING_KEYS = ("continue", "pause", "skip", "back", "hurts", "finish")


def _opening() -> tuple[Stage, Stage, Stage]:
    """The safety note, the first question and the first introduction, as a real session shows them."""
    session = Session(builtin(), load_words(), camera=True, past=Past(care_due="first", first_look="fine"))
    session.start(0.0)
    care = session.stage()
    session.command(1.0, "read")
    question = session.stage()
    for asked in ("soreness-before", "stiffness-before"):
        session.answer(2.0, asked, None)
    return care, question, session.stage()


CARE, ASK, INTRO = _opening()
SET = Stage(
    "set",
    title=FIRST.title,
    exercise=FIRST.id,
    number=1,
    of_exercises=len(EXERCISES),
    count=3,
    of=5,
    side_text="left side",
    phase="stop",
    phase_word="Hold",
    ring=0.6,
    camera=True,
    pictures=True,
    figure=FigureClock(FIRST.id, "follow", "stop", 0.6),
    keys=("pause", "skip", "back", "hurts", "finish"),
)
REST = Stage(
    "rest",
    title="Rest",
    exercise=SECOND.id,
    lines=("All of them full, with a good stop.", "One thing to try: Slower on the way back.", f"Next: {SECOND.title}"),
    seconds_left=7,
    figure=FigureClock(SECOND.id, "loop"),
    keys=("continue", "back", "pause", "hurts", "finish"),
)
HURT = Stage(
    "rest",
    title="Stop there. Rest.",
    exercise=FIRST.id,
    lines=(
        "Breathe, and stand however is comfortable.",
        "Shall we skip this one?",
        "Stop when pain or tingling starts, or spreads into the buttock or leg.",
        "Stop when pain rises by 2 points, or reaches 5 of 10.",
        "Stop when you feel dizzy.",
    ),
    keys=("yes", "no", "finish"),
)
PLACE = Stage(
    "ask",
    title="Stop there. Rest.",
    exercise=FIRST.id,
    lines=("Breathe, and stand however is comfortable.",),
    question=Question(
        "hurt-place",
        "Where does it hurt?",
        options=(Option("back", "In my back"), Option("leg", "In a leg or buttock"), Option("elsewhere", "Elsewhere")),
    ),
    keys=("hurts", "finish"),
)
LEG = Stage(
    "ask",
    title="Pain or tingling in the leg",
    exercise=FIRST.id,
    care=(("An emergency: get help now", builtin().care.emergency), ("See a clinician soon", builtin().care.soon)),
    question=Question(
        "hurt-next",
        "What shall we do?",
        options=(Option("finish", "Finish here", main=True), Option("skip", "Skip this one")),
    ),
    keys=("hurts", "finish"),
)
GET_UP = Stage(
    "get-up",
    title="Shall I get you up now and then?",
    lines=("After 30 to 45 minutes of sitting I would ask you to stand and move for a minute.",),
    keys=("yes", "no", "finish"),
)


def ready(seen: int, countdown: int | None = None) -> Stage:
    """The ready gate with so many parts of the body in view."""
    return Stage(
        "ready",
        title=FIRST.title,
        exercise=FIRST.id,
        number=1,
        of_exercises=len(EXERCISES),
        camera=True,
        pictures=True,
        ready=Ready(
            "Step back until I see all of you." if seen < len(PARTS) else "Good. Stand still.",
            tuple(BodyPart(name, n < seen) for n, name in enumerate(PARTS)),
            countdown,
        ),
        figure=FigureClock(FIRST.id, "still"),
        keys=MOVING_KEYS,
    )


def _result(number: int, done: int, peak: float, sentence: str) -> ExerciseSummary:
    """One exercise's part of the summary; with a `peak`, with the signal of a repetition."""
    exercise = EXERCISES[number]
    item = ExerciseSummary(exercise.id, exercise.title, done, 5, sentence, hurt=not done)
    if not peak:
        return item
    rising = [(n / 20, peak * math.sin(min(1, n / 45) * math.pi / 2)) for n in range(90)]
    points = tuple(rising + [(4.5 + n / 20, peak * math.cos(n / 30 * math.pi / 2)) for n in range(31)])
    trace = Trace(
        signal="backward_lean_deg",
        unit="deg",
        stop_s=(2.4, 4.5),
        target=0.8 * peak,
        t_ms=in_thousandths(t_s for t_s, _ in points),
        thousandths=in_thousandths(value for _, value in points),
    )
    rep = rep_done(start_s=0.0, end_s=6.0, signal=trace)
    chart = rep_chart(rep, load_words(), "chart.said", full_to=1.2 * peak, title=exercise.title)
    return replace(item, range_text=f"range {peak:.0f}° ± 5°", stop_text="stop 2.1 s", chart=chart)


SUMMARY = Stage(
    "summary",
    title="Done for today.",
    lines=("Soreness went from 5 to 3, stiffness from 6 to 3.",),
    summary=(
        _result(0, 5, 20, "Five full ones, the last the smoothest."),
        _result(1, 5, 165, "Arms level, a full stop each time."),
        _result(2, 3, 155, "Two stops were short."),
        _result(3, 0, 0, "You stopped when it hurt. That was right."),
    ),
)
SCREENS: dict[str, Stage | None] = {
    "home": None,
    "care": CARE,
    "ask": ASK,
    "intro": INTRO,
    "ready": ready(3),
    "countdown": ready(5, 3),
    "set": replace(SET, cue="Keep your knees straight"),
    "set by voice": replace(SET, camera=False, pictures=False, seconds_left=2),
    "set in trouble": replace(
        SET, phase="rest", phase_word="Ready", ring=0.0, note="I can't see your feet. Take a step back."
    ),
    "paused": replace(
        SET, paused=True, note="You left the picture.", keys=("resume", "continue", "hurts", "skip", "back", "finish")
    ),
    "unkept": replace(SET, kept=False),
    "rest": REST,
    "hurt": HURT,
    "hurt place": PLACE,
    "hurt leg": LEG,
    "hurt score": replace(LEG, question=Question("hurt-score", "How bad is it?", "hardly there", "as bad as can be")),
    "get-up": GET_UP,
    "summary": SUMMARY,
}
"""Every screen by its name; None is the home page, before a session."""


def is_sound(page: Page, name: str) -> None:
    """Check a screen with axe, and that it has one heading, with the focus, targets of 44 pixels, and no scroll bar."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    found = Axe().run(page).response["violations"]
    assert not found, f"{name}: {[(rule['id'], rule['nodes'][0]['html']) for rule in found]}"
    assert page.locator("h1").count() == 1, name
    assert page.evaluate("document.activeElement.tagName") == "H1", name
    small = page.evaluate(
        """[...document.querySelectorAll('button, a, input, select')].filter((e) => {
             const box = e.getBoundingClientRect();
             return box.width && (box.width < 44 || box.height < 44);
           }).map((e) => e.outerHTML)"""
    )
    assert not small, name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"


Opener = Callable[..., "Screen"]
"""Opens the page of the server, or of another one: `opened(size, camera=True, served=..., **wishes)`."""


class Screen:
    """A browser's page, and the server whose session decides what stands on it."""

    def __init__(self, page: Page, served: PageServer) -> None:
        self.page = page
        self.served = served
        self._stage: dict[str, Any] = {}
        page.on("websocket", lambda socket: socket.on("framereceived", self._received))

    def _received(self, frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "stage":
            self._stage = message

    def wait_for(self, holds: Callable[[], bool], what: str) -> None:
        """Let the browser go on until something has come about."""
        end_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end_s, f"{what} did not happen"
            self.page.wait_for_timeout(20)

    def is_so(self, script: str, given: object = None) -> None:
        """Wait until a script holds. (Playwright's own waiting needs a policy that allows `eval`.)"""
        self.wait_for(lambda: bool(self.page.evaluate(script, given)), script)

    def shows(self, name: str) -> None:
        """Show one of the screens."""
        if (stage := SCREENS[name]) is not None:
            self.shows_stage(stage)

    def shows_stage(self, stage: Stage) -> None:
        """Show a stage; a session is begun if none is under way."""
        if self.page.evaluate("document.body.dataset.mode") == "quiet":
            begun = len(self.served.sessions)
            self.page.click(".start")
            self.wait_for(lambda: len(self.served.sessions) > begun, "a session")
        self.served.session.stage_now = stage
        wanted = json.loads(to_page(stage))
        self.wait_for(lambda: self._stage == wanted, f"the stage {stage.screen!r}")
        self.page.wait_for_selector(f"body[data-screen='{stage.screen}'] h1", state="attached")
        self.page.wait_for_timeout(60)

    def says(self, *events: Event) -> None:
        """Have the session bring these events with its next tick."""
        self.served.session.coming += events

    def hears(self, *told: Any) -> None:
        """Wait until a session was told so."""
        self.wait_for(lambda: told in self.served.told(), str(told))

    def has_caught_up(self) -> None:
        """Wait until the session was told everything that the page has sent so far: a last answer comes last."""
        self.shows("ask")
        self.page.get_by_role("button", name="rather not").click()
        self.hears("answer", "soreness-before", None)

    def commands(self) -> list[str]:
        """The commands that the sessions were given."""
        return [told[1] for told in self.served.told() if told[0] == "command"]

    def troubles(self) -> list[str]:
        """The troubles that the sessions were told of."""
        return [told[1] for told in self.served.told() if told[0] == "trouble"]
