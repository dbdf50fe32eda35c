"""Clips as people have them: turned, of uneven pace, cut off, damaged, or no clip at all."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av.error
import numpy as np
import pytest
from av.video.frame import VideoFrame
from clip_makers import turn, write_clip, write_sound
from numpy.typing import NDArray

from loosen.camera.formats.video import Clip, open_clip, upright
from loosen.errors import RecordingError

EVEN = [i / 30 for i in range(30)]


def red_corner(picture: NDArray[np.uint8]) -> str:
    """Say in which corner the red quarter is."""
    height, width = picture.shape[:2]
    for y, row in ((0.2, "top"), (0.8, "bottom")):
        for x, column in ((0.2, "left"), (0.8, "right")):
            red, green, _ = picture[int(y * height), int(x * width)].astype(int)
            if red > 180 and green < 80:
                return f"{row} {column}"
    return "nowhere"


def test_a_plain_clip_says_how_long_it_is_and_gives_every_picture_at_its_time(tmp_path: Path) -> None:
    clip = open_clip(write_clip(tmp_path / "a.mp4", EVEN))
    frames = list(clip)
    assert (clip.size, clip.frames_estimate, len(frames)) == ((160, 120), 30, 30)
    assert clip.duration_s == pytest.approx(1.0, abs=0.05)
    assert [t_s for t_s, _ in frames] == pytest.approx(EVEN, abs=0.001)
    assert all(picture.shape == (120, 160, 3) and picture.dtype == np.uint8 for _, picture in frames)
    assert clip.broken_at_s is None
    assert [t_s for t_s, _ in clip] == [t_s for t_s, _ in frames], "it can be read twice"
    uneven_s = [0.0, 0.033, 0.1, 0.5, 0.51, 1.7, 1.8]
    clip = open_clip(write_clip(tmp_path / "uneven.mp4", uneven_s))
    assert [t_s for t_s, _ in clip] == pytest.approx(uneven_s, abs=0.001)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.mov"])
def test_the_first_picture_is_at_nought_wherever_the_file_begins(tmp_path: Path, name: str) -> None:
    late = [t_s + (0 if name.endswith("avi") else 5) for t_s in EVEN]
    times_s = [t_s for t_s, _ in open_clip(write_clip(tmp_path / name, late))]
    assert times_s[0] == 0
    assert times_s[-1] == pytest.approx(EVEN[-1], abs=0.04)


@pytest.mark.parametrize(
    ("quarters", "corner", "size"),
    [
        (0, "top left", (160, 120)), (1, "top right", (120, 160)),
        (2, "bottom right", (160, 120)), (3, "bottom left", (120, 160)),
    ],
)  # fmt: skip
def test_a_telephones_clip_stands_upright(tmp_path: Path, quarters: int, corner: str, size: tuple[int, int]) -> None:
    clip = open_clip(turn(write_clip(tmp_path / "a.mp4", EVEN[:3]), quarters))
    _, picture = next(iter(clip))
    assert red_corner(picture) == corner
    assert clip.size == size == picture.shape[1::-1]


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    clip = open_clip(write_clip(tmp_path / "a.mp4", EVEN[:3], shape=Fraction(2, 1)))
    assert clip.size == (320, 120)
    assert next(iter(clip))[1].shape == (120, 320, 3)


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 2340), (2560, 1444), (1918, 1078), (1284, 2)])
@pytest.mark.parametrize("colours", ["yuv420p", "yuvj420p", "yuv444p", "rgb24"])
def test_a_large_picture_is_halved_whatever_its_colours_are_kept_in(size: tuple[int, int], colours: str) -> None:
    rows, columns = np.mgrid[: size[1], : size[0]]
    picture = np.stack((columns * 255 // size[0], rows * 255 // size[1], 0 * rows + 90), -1).astype(np.uint8)
    frame = VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=colours)
    half = (size[0] // 2, size[1] // 2)
    seen = upright(frame, half).astype(float)
    plain = frame.to_ndarray(format="rgb24")[: half[1] * 2, : half[0] * 2].reshape(half[1], 2, half[0], 2, 3)
    assert np.abs(seen - plain.mean(axis=(1, 3))).max() <= 4  # of 255
    assert frame.width == size[0]  # the frame itself is left as it was


@pytest.mark.parametrize(("long", "becomes"), [(1280, 1280), (1282, 641), (1920, 960), (2562, 640), (3840, 960)])
def test_pictures_are_halved_until_they_are_small_enough(tmp_path: Path, long: int, becomes: int) -> None:
    clip = open_clip(write_clip(tmp_path / "a.mp4", EVEN[:2], size=(long, 480)))
    assert (clip.size[0], next(iter(clip))[1].shape[1::-1]) == (becomes, clip.size)


def test_times_that_do_not_increase_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = open_clip(write_clip(tmp_path / "a.mp4", EVEN))
    decoded = Clip._decoded

    def muddled(self: Clip, *args: object) -> object:
        frames = list(decoded(self, *args))  # type: ignore[arg-type]
        yield from (frames[i] for i in (0, 1, 1, 5, 3, 6))

    monkeypatch.setattr(Clip, "_decoded", muddled)
    times_s = [t_s for t_s, _ in clip]
    assert times_s == pytest.approx([EVEN[i] for i in (0, 1, 5, 6)], abs=0.001)


def test_a_clip_cut_off_in_the_middle_gives_what_was_readable_and_says_where(tmp_path: Path) -> None:
    times_s = [i / 30 for i in range(150)]
    whole = write_clip(tmp_path / "a.mkv", times_s)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    clip = open_clip(cut)
    read_s = [t_s for t_s, _ in clip]
    assert 30 < len(read_s) < 120
    assert clip.broken_at_s == pytest.approx(read_s[-1], abs=0.1)


def test_a_clip_damaged_in_the_middle_goes_on_after_it(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.mp4", [i / 30 for i in range(150)])
    data = bytearray(whole.read_bytes())
    third = len(data) // 3
    data[third : third + 60_000] = bytes(60_000)
    whole.write_bytes(bytes(data))
    clip = open_clip(whole)
    read_s = [t_s for t_s, _ in clip]
    assert read_s[-1] == pytest.approx(149 / 30, abs=0.05)
    assert clip.broken_at_s is not None
    assert 1 < clip.broken_at_s < 4
    assert all(later > earlier for earlier, later in pairwise(read_s))


def test_what_holds_no_clip_is_said_to_be_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "no-index.mp4").write_bytes(write_clip(tmp_path / "a.mp4", EVEN).read_bytes()[:2000])
    write_sound(tmp_path / "sound.m4a")
    texts = ("text.mp4", "text.txt", "text.jpg", "text.m3u8")
    for name in texts:
        (tmp_path / name).write_bytes(b"This is not a video.\n" * 200)
    write_clip(tmp_path / "a.ts", EVEN, codec="libx264")
    play_list = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n"
    (tmp_path / "list.m3u8").write_text(play_list)  # it must not open other files
    data = bytearray(write_clip(tmp_path / "blank.mp4", EVEN, codec="libx264").read_bytes())
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[begin:end] = bytes(end - begin)
    (tmp_path / "blank.mp4").write_bytes(bytes(data))
    for name, said in (
        ("empty.mp4", "empty"), ("none.mp4", "no such file"), ("", "no such file"), ("sound.m4a", "only sound"),
        ("blank.mp4", "no picture in this file can be read"),
        *((name, "not a video that can be read") for name in ("no-index.mp4", "list.m3u8", *texts)),
    ):  # fmt: skip
        with pytest.raises(RecordingError, match=said):
            open_clip(tmp_path / name)


def test_a_clip_that_takes_more_memory_than_there_is_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    """The library's own error is one of its many, and is Python's MemoryError too."""
    clip = open_clip(write_clip(tmp_path / "a.mp4", [i / 30 for i in range(10)]))

    class Large:
        def decode(self) -> None:
            raise av.error.MemoryError(12, "Cannot allocate memory")

    class Container:
        def demux(self, _: object) -> Iterator[Large]:
            yield Large()

    container: Any = Container()
    with pytest.raises(MemoryError):
        list(clip._decoded(container, container))
