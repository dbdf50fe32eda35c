"""A few seconds' look through the camera, in a process of its own: it ends, and the camera's light with it.

``python -m loosen.cli.camera_look SECONDS [CAMERA]`` prints one JSON object, as `getup.standing.Glimpse` describes.
Nothing is written, and no picture outlives its own look. The get-up service starts this inside a prompt, with consent.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from statistics import median
from typing import TYPE_CHECKING

from loosen.getup.standing import Glimpse

if TYPE_CHECKING:
    from loosen.body.pose import Look

AT_MOST_S = 10.0


def sum_up(looks: Iterable[Look]) -> Glimpse:
    """Sum up what was seen."""
    from loosen.body.pose import Joint

    n = found = dark = 0
    heads, heights, widths = [], [], []
    for look in looks:
        n += 1
        dark += look.light != "ok"
        if not look.pose.found:
            continue
        found += 1
        width_px, height_px = look.pose.size
        points = look.pose.landmarks[:, :2] * (width_px / height_px, 1.0)
        left, right = points[Joint.LEFT_SHOULDER], points[Joint.RIGHT_SHOULDER]
        heads.append(float(points[Joint.NOSE][1]))
        heights.append(float(left[1] + right[1]) / 2)
        widths.append(float(((left - right) ** 2).sum()) ** 0.5)
    if not found:
        return Glimpse(n, 0, bright=dark * 2 <= n)
    return Glimpse(n, found, median(heads), median(heights), median(widths), bright=dark * 2 <= n)


def _looks(seconds: float, camera: int) -> Iterator[Look]:
    import cv2
    import numpy as np

    from loosen.camera.blazepose.tracker import Tracker

    tracker = Tracker()
    device = cv2.VideoCapture(camera)
    try:
        began_s = time.monotonic()
        while (t_s := time.monotonic() - began_s) < seconds:
            taken, picture = device.read()
            if not taken:
                return
            yield tracker.look(np.ascontiguousarray(picture[:, :, ::-1], np.uint8), t_s)
    finally:
        device.release()


def main() -> int:
    """Look, and tell."""
    seconds = min(float(sys.argv[1]), AT_MOST_S)
    camera = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    print(json.dumps(sum_up(_looks(seconds, camera))._asdict()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
