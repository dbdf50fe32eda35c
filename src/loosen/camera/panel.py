"""The strip under an overlaid picture: count, phase and one cue, to be read from afar."""

from __future__ import annotations

import cv2
import numpy as np

from loosen.camera.blazepose.region import Picture

INK = (250, 250, 247)
SOFT = (160, 186, 184)
GROUND = (24, 32, 36)
BOLD, REGULAR = 700, 450
# Shares of the strip's height, and the strip's own share of the picture's shorter side.
STRIP, COUNT, PHASE, CUE, PAD = 0.2, 0.5, 0.22, 0.3, 0.16
# Where the cue begins, as a share of the width: it never moves when the count grows.
CUE_FROM = 0.34
MIN_TEXT_PX = 9


class Panel:
    """A strip `width` px wide and `height` px high; the person in the picture above is never covered."""

    def __init__(self, width: int, picture_height: int) -> None:
        self.width = width
        self.height = max(48, round(STRIP * min(width, picture_height)) // 2 * 2)
        self._font = cv2.FontFace("sans")
        # The texts stay for many frames: they are set once.
        self._texts: tuple[str, str, str] | None = None
        self._strip: Picture = np.empty((self.height, width, 3), np.uint8)

    def strip(self, count: str, phase: str, cue: str) -> Picture:
        """Return the strip (height, width, 3) with these texts, to be read only until the next call."""
        if self._texts != (count, phase, cue):
            self._texts = (count, phase, cue)
            self._strip[:] = GROUND
            pad = round(PAD * self.height)
            room = round(CUE_FROM * self.width) - 2 * pad
            self._set(count, COUNT, BOLD, INK, pad, 0.4 if phase else 0.5, room)
            self._set(phase, PHASE, REGULAR, SOFT, pad, 0.78, room)
            left = round(CUE_FROM * self.width)
            self._set(cue, CUE, BOLD, INK, left, 0.5, self.width - left - pad)
        return self._strip

    def _set(
        self,
        text: str,
        share: float,
        weight: int,
        ink: tuple[int, int, int],
        left: int,
        middle: float,
        room: int,
    ) -> None:
        """Set one line whose letters' middle is at `middle` of the height, smaller if it is too long."""
        size = round(share * self.height)
        while self._width_of(text, size, weight) > room and size > MIN_TEXT_PX:
            size -= 1
        # Capitals of this face are 0.7 of its size high.
        base = round(middle * self.height + 0.35 * size)
        cv2.putText(self._strip, text, (left, base), ink, self._font, size, weight)

    def _width_of(self, text: str, size: int, weight: int) -> int:
        return int(cv2.getTextSize((100_000, 1000), text, (0, 0), self._font, size, weight)[2])
