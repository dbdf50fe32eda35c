"""The neural-network runtime: one model with its input buffer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from loosen.body.pose import Floats
from loosen.camera.blazepose.region import RgbImage
from loosen.camera.weights import ADVICE, weight_path
from loosen.errors import MissingPart

_STANDARD_ERROR = Lock()
"""Standard error belongs to the whole process: without a lock, one of two threads would restore the other's."""


class Model:
    """A LiteRT model that takes one square RGB picture scaled linearly from 0..255 to `low`..`high`."""

    def __init__(self, name: str, threads: int, low: float, high: float) -> None:
        path = weight_path(name)
        try:
            with _quiet_start():
                self._interpreter: Any = Interpreter(str(path), num_threads=threads)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise MissingPart(f"The pose model file {path} cannot be used ({error}). {ADVICE}") from error
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs: list[int] = [detail["index"] for detail in self._interpreter.get_output_details()]
        self.side: int = int(self._interpreter.get_input_details()[0]["shape"][1])
        # One table look-up per pixel is faster than a conversion and a multiplication.
        self._scale: Floats = np.linspace(low, high, 256, dtype=np.float32)

    def run(self, picture: RgbImage) -> None:
        """Run the model on a picture (side, side, 3)."""
        # No variable holds the view on the runtime's memory: it must be gone before invoke().
        cv2.LUT(picture, self._scale, dst=self._interpreter.tensor(self._input)()[0])
        self._interpreter.invoke()

    def output(self, number: int) -> Floats:
        """Return a view of an output, valid until the next run; keep no reference to it."""
        view: Floats = self._interpreter.tensor(self._outputs[number])()
        return view


@contextmanager
def _quiet_start() -> Iterator[None]:
    """Keep the runtime from writing a line about itself to standard error; it has no setting for that."""
    with _STANDARD_ERROR:
        try:
            kept = os.dup(2)
        except OSError:  # there is no standard error
            yield
            return
        try:
            with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
