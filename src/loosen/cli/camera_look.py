"""A look of a few seconds through the camera, in a process of its own; the camera's light goes out when it ends.

``python -m loosen.cli.camera_look SECONDS [CAMERA]`` prints a `getup.camera_look.LookSummary` as one JSON object. No
picture is written or kept. The get-up service starts this inside a prompt, if the person consented to it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from statistics import median
from typing import TYPE_CHECKING

from loosen.getup.camera_look import LookSummary

if TYPE_CHECKING:
    from loosen.body.pose import Look

LONGEST_LOOK_S = 10.0


def summarise(looks: Iterable[Look]) -> LookSummary:
    """Sum up what the tracker saw in each picture."""
    from loosen.body.pose import Landmark

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
        left, right = points[Landmark.LEFT_SHOULDER], points[Landmark.RIGHT_SHOULDER]
        heads.append(float(points[Landmark.NOSE][1]))
        heights.append(float(left[1] + right[1]) / 2)
        widths.append(float(((left - right) ** 2).sum()) ** 0.5)
    if not found:
        return LookSummary(n, 0, bright=dark * 2 <= n)
    return LookSummary(n, found, median(heads), median(heights), median(widths), bright=dark * 2 <= n)


def _looks(seconds: float, camera: int) -> Iterator[Look]:
    import cv2
    import numpy as np

    from loosen import Tracker

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
    """Look through the camera and print the summary."""
    seconds = min(float(sys.argv[1]), LONGEST_LOOK_S)
    camera = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    print(json.dumps(summarise(_looks(seconds, camera))._asdict()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
