"""Decodes the JPEG pictures that the page sends, and refuses what is not one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from loosen.camera.blazepose.region import RgbImage
from loosen.errors import InputError

MAX_PIXELS = 4_000_000
MAX_BYTES = 8_000_000
MIN_SIDE_PX = 16
# Markers of the two ordinary kinds of picture: baseline and progressive, Huffman-coded (ITU T.81, table B.1).
FRAMES = (0xC0, 0xC1, 0xC2)
SCAN, END = 0xDA, b"\xff\xd9"
# Markers that stand alone, without a length.
BARE = (0x01, *range(0xD0, 0xD8))


def decode_jpeg(data: bytes, max_pixels: int = MAX_PIXELS) -> RgbImage:
    """Return the picture in `data` as RGB (h, w, 3); raise InputError when cut off, too large or no JPEG.

    The size is read from the header before anything is decoded: a small file can promise a huge picture.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"The picture is too large: {len(data)} bytes, over {MAX_BYTES}.")
    width, height = jpeg_size(data)
    if width * height > max_pixels:
        raise InputError(
            f"The picture is too large: {width} x {height}, at most {max_pixels} pixels are taken."
        )
    if min(width, height) < MIN_SIDE_PX:
        raise InputError(f"The picture is too small: {width} x {height}.")
    if not data.rstrip(b"\x00").endswith(END):
        raise InputError("The picture is cut off.")
    try:
        decoded: Any = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:
        decoded = None
    if decoded is None or decoded.shape != (height, width, 3):
        raise InputError("The picture is damaged.")
    picture: RgbImage = decoded
    return picture


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) as the header says; raise InputError when there is no such header."""
    for marker, start, length in _segments(data):
        if marker in FRAMES and length >= 8:
            height = int.from_bytes(data[start + 1 : start + 3], "big")
            width = int.from_bytes(data[start + 3 : start + 5], "big")
            return width, height
    raise InputError("The picture is not a JPEG that can be read.")


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, where its contents start, its length) of the header, up to the picture itself."""
    if data[:2] != b"\xff\xd8":
        return
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in BARE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == SCAN or length < 2 or at + 2 + length > len(data):
            return
        yield marker, at + 4, length
        at += 2 + length
