"""Follows one person from picture to picture."""

from __future__ import annotations

from collections.abc import Iterable

import cv2

from loosen.body.pose import Light, Look, Pose
from loosen.camera.blazepose.detector import Detector, Sighting
from loosen.camera.blazepose.landmarker import LandmarkedBody, Landmarker
from loosen.camera.blazepose.region import Region, RgbImage

MIN_PRESENCE = 0.5
# How far a region's centre may move, in its sides. A region is a body's height and a quarter wide, some 2.2 m:
# nobody's hips move by 1.5 of that in a second.
REACH = 0.15
REACH_PER_S = 1.5
MAX_SCALING = 1.8
# After a person was followed for SETTLED_S in one place and is lost, nobody else is followed for LOYAL_S.
SETTLED_S = 2.0
LOYAL_S = 0.5
# For this long after losing the person, their last place is tried even if the detector sees nobody there.
LINGER_S = 1.0
# From this presence on, the model is asked again in the region that it proposes itself.
HESITANT = 0.1
# How often other people are looked for while one is followed; soon, where there are some.
OTHERS_EVERY_S = 1.0
OTHERS_SOON_S = 0.2
# Two sightings closer than this share of a region are one body.
APART = 0.25
# Home is where the person works; it follows them slowly, so that it stays when somebody passes before them.
HOME_S = 3.0
AT_HOME = 0.2
MOVED = 1.0
AWAY = 0.2
# How many of the detector's sightings are tried in one picture.
TRIES = 2

# Light is judged by blocks of the picture, in levels of 0..255. With a hand or a shutter before the lens, they differ
# by a few levels at most; an unlit room by evening still has its lamp, its screen or its window.
COVERED_SPREAD = 4.0
# In the dark all levels lie nearer together, so less spread is asked for: this much, and more with the brightness.
LEAST_SPREAD, SPREAD_PER_LEVEL = 1.2, 0.04
DARK_MEAN = 28.0
# Averaging over a coarse grid of blocks removes the sensor's noise.
BLOCKS = 8
STRIDE = 6


class Tracker:
    """Finds a person and follows them from picture to picture: call `look` in the order of time.

    `threads`: for the neural network, and for OpenCV in the whole process. Not to be shared between threads.
    """

    def __init__(self, threads: int = 2) -> None:
        cv2.setNumThreads(threads)
        self._detector = Detector(threads)
        self._landmarker = Landmarker(threads)
        self.reset()

    def reset(self) -> None:
        """Forget the person who was followed: the next picture begins anew."""
        self._next: Region | None = None
        self._seen: Region | None = None
        self._seen_s = self._since_s = 0.0
        self._home: Region | None = None
        self._others = 0
        self._others_s = float("-inf")

    def look(self, rgb: RgbImage, t_s: float) -> Look:
        """Return what is seen in an RGB picture (h, w, 3) taken at `t_s` seconds."""
        if rgb.ndim != 3 or rgb.shape[2] != 3:
            raise ValueError(f"picture: expected shape (h, w, 3), got {rgb.shape}")
        size = (rgb.shape[1], rgb.shape[0])
        light = light_of(rgb)
        if t_s < self._seen_s:
            self.reset()
        body = self._follow(rgb, t_s) or self._search(rgb, t_s)
        if body is None:
            self._next = None
            return Look(Pose.lost(t_s, size), light, people=self._others)
        self._follow_on(body, t_s)
        return Look(Pose(t_s, body.landmarks, body.world, size), light, people=1 + self._others)

    def _follow(self, rgb: RgbImage, t_s: float) -> LandmarkedBody | None:
        """Find the person where they should be by now; None when they are not there."""
        if self._next is None:
            return None
        region = self._next
        due = OTHERS_SOON_S if self._others or self._is_away() else OTHERS_EVERY_S
        if t_s - self._others_s >= due:
            region = self._look_around(rgb, t_s, region)
        body = self._landmarker.find(rgb, region)
        return body if self._is_same_person(body, region, t_s) else None

    def _search(self, rgb: RgbImage, t_s: float) -> LandmarkedBody | None:
        """Find a person in the whole picture; None when nobody is there, or only somebody else."""
        sightings = self._ranked(self._detector.find(rgb), rgb, t_s)
        self._others, self._others_s = 0, t_s
        regions = [sighting.region for sighting in sightings[:TRIES]]
        if self._seen is not None and t_s - self._seen_s < LINGER_S:
            # The landmark model finds people who are bent over or half hidden, where the detector does not.
            regions.append(self._seen)
        expected = self._seen if self._is_loyal(t_s) else None
        for region in regions:
            body = self._find_again(rgb, region)
            if self._is_same_person(body, expected, t_s):
                self._others = self._count(rgb, sightings, body.following)
                return body
        return None

    def _find_again(self, rgb: RgbImage, region: Region) -> LandmarkedBody:
        """Find landmarks; when the model hesitates, find them again in the region that it proposes."""
        body = self._landmarker.find(rgb, region)
        if HESITANT <= body.presence < MIN_PRESENCE and body.following.is_sound():
            return self._landmarker.find(rgb, body.following)
        return body

    def _is_same_person(self, body: LandmarkedBody, before: Region | None, t_s: float) -> bool:
        if body.presence < MIN_PRESENCE or not body.following.is_sound():
            return False
        if before is None or self._seen is None:
            return True
        return _near(before, body.following, t_s - self._seen_s)

    def _is_loyal(self, t_s: float) -> bool:
        """Return whether to wait for the person just lost: they worked in one place, and will be back there."""
        if self._seen is None or self._home is None or t_s - self._seen_s >= LOYAL_S:
            return False
        settled = self._seen_s - self._since_s >= SETTLED_S
        return settled and self._home.distance(self._seen) < AT_HOME

    def _ranked(self, sightings: list[Sighting], rgb: RgbImage, t_s: float) -> list[Sighting]:
        """Return the sightings in the order to try: nearest to the person just lost, else largest and most central."""
        seen = self._seen
        if seen is not None and self._is_loyal(t_s):
            return sorted(sightings, key=lambda sighting: seen.distance(sighting.region))
        width = rgb.shape[1]
        return sorted(
            sightings, key=lambda sighting: -sighting.region.side_px * (1 - abs(sighting.region.x_px / width - 0.5))
        )

    def _look_around(self, rgb: RgbImage, t_s: float, region: Region) -> Region:
        """Count the others; return the region to look in: home again, if a passer-by was followed away from there."""
        sightings = self._detector.find(rgb)
        self._others_s = t_s
        if self._home is not None and self._is_away():
            for sighting in sightings:
                if self._home.distance(sighting.region) < AT_HOME and region.distance(sighting.region) > APART:
                    found = self._landmarker.find(rgb, sighting.region)
                    if found.presence >= MIN_PRESENCE:
                        region = sighting.region
                        break
        self._others = self._count(rgb, sightings, region)
        return region

    def _count(self, rgb: RgbImage, sightings: Iterable[Sighting], them: Region) -> int:
        """Return how many of the sightings are people other than the one followed."""
        apart = [sighting.region for sighting in sightings if them.distance(sighting.region) > APART]
        return sum(self._landmarker.find(rgb, region).presence >= MIN_PRESENCE for region in apart[:TRIES])

    def _is_away(self) -> bool:
        return self._home is not None and self._next is not None and self._home.distance(self._next) > AWAY

    def _follow_on(self, body: LandmarkedBody, t_s: float) -> None:
        region = body.following
        if self._home is None or t_s - self._seen_s >= LOYAL_S or self._home.distance(region) > MOVED:
            self._home = region
            self._since_s = t_s
        else:
            share = min(1.0, (t_s - self._seen_s) / HOME_S)
            home = self._home
            self._home = Region(
                home.x_px + share * (region.x_px - home.x_px),
                home.y_px + share * (region.y_px - home.y_px),
                home.side_px + share * (region.side_px - home.side_px),
            )
        self._next = self._seen = region
        self._seen_s = t_s


def _near(before: Region, now: Region, passed_s: float) -> bool:
    """Return whether a body can have moved from one region to the other in the time."""
    scaling = now.side_px / before.side_px
    return before.distance(now) <= REACH + REACH_PER_S * passed_s and 1 / MAX_SCALING < scaling < MAX_SCALING


def light_of(picture: RgbImage) -> Light:
    """Return how the light is in an RGB picture (h, w, 3)."""
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
