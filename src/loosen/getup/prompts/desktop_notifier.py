"""The prompter on macOS and Windows: notifications by the library desktop-notifier.

Tested with a stand-in for the library; not yet run on either system.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Any

from loosen.errors import SensorError
from loosen.getup.prompts.prompter import PromptAnswer, Prompter, PromptText

_WAIT_S = 5.0


class DesktopNotifierPrompter(Prompter):
    """Runs the library's event loop on a thread of its own. A test gives a stand-in as `library`."""

    name = "notification"

    def __init__(self, library: Any = None) -> None:
        self._library = _imported() if library is None else library
        self._given: deque[PromptAnswer] = deque(maxlen=8)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._notifier = self._run(self._made())

    def show(self, prompt: PromptText) -> None:
        buttons = [
            self._library.Button(title=words, on_pressed=lambda answer=answer: self._given.append(answer))
            for answer, words in prompt.answers
        ]
        self.withdraw()
        self._run(self._notifier.send(title=prompt.title, message=prompt.text, buttons=buttons))

    def withdraw(self) -> None:
        self._run(self._notifier.clear_all())

    def answers(self) -> list[PromptAnswer]:
        given = list(self._given)
        self._given.clear()
        return given

    def close(self) -> None:
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_WAIT_S)
            self._loop.close()

    async def _made(self) -> Any:
        return self._library.DesktopNotifier(app_name="loosen")

    def _run(self, coroutine: Any) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_WAIT_S)
        except Exception as error:
            raise SensorError(f"the notification was not shown ({error})") from error


def _imported() -> Any:
    try:
        import desktop_notifier
    except Exception as error:  # it looks for the desktop while it is imported
        raise SensorError(f"no desktop notifications ({error})") from error
    return desktop_notifier
