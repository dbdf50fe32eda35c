"""Finds bodies in a whole picture: BlazePose's detector."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from loosen.body.pose import Floats
from loosen.camera.blazepose.model import Model
from loosen.camera.blazepose.region import Region, RgbImage, crop, region_of, sigmoid, whole
from loosen.camera.weights import DETECTION

MIN_SCORE = 0.5
# Boxes of one body overlap more than this (intersection over union), BlazePose's own figure.
SAME_BODY = 0.3
# (cells along a side, anchors per cell): strides 8, 16 and 32 of a 224-pixel picture.
GRIDS = ((28, 2), (14, 2), (7, 6))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A body that the detector found: its `score`, 0.5..1, and the region in which to look for its landmarks."""

    score: float
    region: Region


def anchors() -> Floats:
    """Return the centres (2254, 2) to which the detector's boxes are relative, as shares of its picture."""
    layers = []
    for cells, per_cell in GRIDS:
        line = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(line, line)
        layers.append(np.repeat(np.stack((x.ravel(), y.ravel()), axis=1), per_cell, axis=0))
    return np.concatenate(layers)


class Detector:
    """Finds every body in a picture."""

    def __init__(self, threads: int) -> None:
        self._model = Model(DETECTION, threads, low=-1.0, high=1.0)
        self._anchors = anchors()
        self._crop: RgbImage = np.zeros((self._model.side, self._model.side, 3), np.uint8)
        self._least_logit = math.log(MIN_SCORE / (1 - MIN_SCORE))

    def find(self, picture: RgbImage) -> list[Sighting]:
        """Return the bodies in an RGB picture (h, w, 3), highest score first."""
        square = whole(picture.shape[1], picture.shape[0])
        crop(picture, square, self._crop, cv2.BORDER_CONSTANT)
        self._model.run(self._crop)
        logits = self._model.output(1)[0, :, 0]
        hits = np.flatnonzero(logits >= self._least_logit)
        if not hits.size:
            return []
        scores = sigmoid(logits[hits])
        # (n, 6, 2): box centre, box size, four key points, all as shares of the square
        shapes = self._model.output(0)[0, hits].reshape(-1, 6, 2) / np.float32(self._model.side)
        shapes[:, [0, 2, 3, 4, 5]] += self._anchors[hits, None]
        return [
            Sighting(score, region)
            for score, shape in merge(scores, shapes)
            if (region := region_of(*square.to_picture(shape[2:4]))).is_sound()
        ]


def merge(scores: Floats, shapes: Floats) -> list[tuple[float, Floats]]:
    """Merge overlapping boxes into one each, highest score first: their mean weighted by score.

    `scores` (n,), `shapes` (n, 6, 2) as centre, size, key points. Averaging keeps the region steadier from
    frame to frame than taking the best box alone.
    """
    low, high = shapes[:, 0] - shapes[:, 1] / 2, shapes[:, 0] + shapes[:, 1] / 2
    area = np.prod(high - low, axis=1)
    left = np.argsort(-scores, kind="stable")
    merged = []
    while left.size:
        best = left[0]
        shared = np.minimum(high[best], high[left]) - np.maximum(low[best], low[left])
        overlap = np.prod(np.maximum(shared, 0), axis=1)
        same = overlap / (area[best] + area[left] - overlap) > SAME_BODY
        same[0] = True
        weights = scores[left[same]]
        merged.append((float(scores[best]), np.tensordot(weights, shapes[left[same]], axes=1) / weights.sum()))
        left = left[~same]
    return merged
