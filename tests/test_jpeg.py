"""Pictures from the page: good ones decoded, every bad one refused before it costs anything."""

from __future__ import annotations

import struct
from contextlib import suppress

import cv2
import numpy as np
import pytest
from clip_makers import quarters_picture
from hypothesis import given
from hypothesis import strategies as st

from loosen.camera.jpeg import MAX_BYTES, decode_jpeg
from loosen.errors import InputError


def jpeg(width: int = 64, height: int = 48, progressive: bool = False) -> bytes:
    flags = [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)]
    done, data = cv2.imencode(".jpg", quarters_picture(width, height)[:, :, ::-1], flags)
    assert done
    return bytes(data)


def promising(width: int, height: int) -> bytes:
    """Return a small JPEG whose header promises another size."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_picture_comes_back_in_its_size_and_colours(progressive: bool) -> None:
    picture = decode_jpeg(jpeg(progressive=progressive))
    assert picture.shape == (48, 64, 3)
    assert picture.dtype == np.uint8
    assert picture[10, 10] == pytest.approx((255, 0, 0), abs=12)
    assert picture[40, 50] == pytest.approx((128, 128, 128), abs=12)


def test_a_small_file_that_promises_a_huge_picture_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: object) -> None:
        pytest.fail("decoded")

    monkeypatch.setattr(cv2, "imdecode", decode)
    with pytest.raises(InputError, match="too large: 20000 x 20000"):
        decode_jpeg(promising(20000, 20000))
    monkeypatch.setattr("loosen.camera.jpeg.MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(InputError, match="too large: 64 x 48"):
        decode_jpeg(jpeg())
    monkeypatch.undo()
    monkeypatch.setattr("loosen.camera.jpeg.MAX_PIXELS", 64 * 48)
    assert decode_jpeg(jpeg()).shape == (48, 64, 3), "as large as allowed"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_picture_cut_off_is_refused(share: float) -> None:
    whole = jpeg(320, 240)
    with pytest.raises(InputError, match=r"cut off|not a JPEG"):
        decode_jpeg(whole[: int(len(whole) * share)])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe0\x00\x00" * 9, b"GIF89a" + bytes(50),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8" + b"\xff" * 100_000,
        bytes(cv2.imencode(".png", quarters_picture(64, 48))[1]),  # although it could be decoded
    ],
)  # fmt: skip
def test_what_is_no_jpeg_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="not a JPEG"):
        decode_jpeg(data)


def test_pictures_that_are_tiny_or_have_far_too_many_bytes_are_refused() -> None:
    with pytest.raises(InputError, match="too small"):
        decode_jpeg(promising(15, 48))
    with pytest.raises(InputError, match="bytes"):
        decode_jpeg(jpeg() + bytes(MAX_BYTES))


@given(data=st.binary(max_size=40), at=st.integers(0, 2000))
def test_damaged_bytes_give_a_picture_or_a_refusal_and_nothing_worse(data: bytes, at: int) -> None:
    whole = jpeg()
    at %= len(whole)
    with suppress(InputError):
        assert decode_jpeg(whole[:at] + data + whole[at + len(data) :]).ndim == 3


def test_a_cameras_own_notes_before_the_picture_do_no_harm() -> None:
    """As a camera writes them, with an Exif block before the picture's size."""
    exif = b"Exif\x00\x00" + bytes(300)
    whole = jpeg(640, 480)
    with_exif = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + whole[2:]
    assert np.array_equal(decode_jpeg(with_exif), decode_jpeg(whole))
