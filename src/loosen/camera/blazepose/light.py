"""Whether a picture shows anything at all."""

from __future__ import annotations

from loosen.body.pose import Light
from loosen.camera.blazepose.region import Picture

# Levels of 0..255. A hand or a shutter before the lens leaves blocks that differ by a few levels at most; an
# unlit room by evening still has its lamp, its screen or its window. Checked in tests/test_tracker.py.
COVERED_SPREAD = 4.0
# In the dark everything is nearer together, so less spread will do: this much, and more with the brightness.
LEAST_SPREAD, SPREAD_PER_LEVEL = 1.2, 0.04
DARK_MEAN = 28.0
# The picture is looked at in a coarse grid: averaging over blocks removes the sensor's noise.
BLOCKS = 8
STRIDE = 6


def light_of(picture: Picture) -> Light:
    """Say how the light is in an RGB picture (h, w, 3)."""
    height, width = picture.shape[0] // BLOCKS, picture.shape[1] // BLOCKS
    if not height or not width:
        return "ok"
    # Green carries most of the luma and costs a third of the reading.
    green = picture[: height * BLOCKS, : width * BLOCKS, 1]
    green = green.reshape(BLOCKS, height, BLOCKS, width)[:, ::STRIDE, :, ::STRIDE]
    blocks = green.mean(axis=(1, 3))
    mean = float(blocks.mean())
    if float(blocks.std()) < min(COVERED_SPREAD, LEAST_SPREAD + SPREAD_PER_LEVEL * mean):
        return "covered"
    return "dark" if mean < DARK_MEAN else "ok"
