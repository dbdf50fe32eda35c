"""Decodes the JPEG pictures that the page sends, and refuses what is not one."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from PIL.JpegImagePlugin import JpegImageFile

from loosen.camera.blazepose.region import RgbImage
from loosen.errors import InputError

MAX_PIXELS = 4_000_000
MAX_BYTES = 8_000_000
MIN_SIDE_PX = 16
END_OF_IMAGE = b"\xff\xd9"


def decode_jpeg(data: bytes) -> RgbImage:
    """Return the picture in `data` as RGB (h, w, 3); raise InputError when cut off, too large or no JPEG.

    The size is read from the header before anything is decoded: a small file can promise a huge picture. Pillow's
    `Image.open` would refuse a huge picture by itself, with a warning: the size is wanted here in any case.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"The picture is too large: {len(data)} bytes, over {MAX_BYTES}.")
    try:
        with JpegImageFile(io.BytesIO(data)) as header:
            width, height = header.size
    except Exception:  # a damaged header can fail in many ways, and each means the same here
        raise InputError("The picture is not a JPEG that can be read.") from None
    if width * height > MAX_PIXELS:
        raise InputError(f"The picture is too large: {width} x {height}, at most {MAX_PIXELS} pixels are taken.")
    if min(width, height) < MIN_SIDE_PX:
        raise InputError(f"The picture is too small: {width} x {height}.")
    if not data.rstrip(b"\x00").endswith(END_OF_IMAGE):
        raise InputError("The picture is cut off.")
    try:
        decoded: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        decoded = None
    if decoded is None or decoded.shape != (height, width, 3):
        raise InputError("The picture is damaged.")
    picture: RgbImage = decoded
    return picture
