"""Follows one person from picture to picture."""

from __future__ import annotations

from collections.abc import Iterable

import cv2

from loosen.body.pose import Look, Pose
from loosen.camera.blazepose.detector import Detector, Sighting
from loosen.camera.blazepose.landmarker import Finding, Landmarker
from loosen.camera.blazepose.light import light_of
from loosen.camera.blazepose.region import Picture, Region

MIN_SURE = 0.5
# A region is a body's height and a quarter wide, some 2.2 m: nobody's hips move by 1.5 of that a second.
REACH = 0.15
REACH_PER_S = 1.5
MAX_SCALING = 1.8
# Somebody followed for this long in one place is waited for so long before anybody else is taken for them.
SETTLED_S = 2.0
LOYAL_S = 0.5
# For so long after losing the person their last place is tried even if the detector sees nobody there.
LINGER_S = 1.0
# Surer than this, the model is worth asking again.
HESITANT = 0.1
# How often to look for other people while one is followed.
OTHERS_EVERY_S = 1.0
OTHERS_SOON_S = 0.2
# Two sightings closer than this share of a region are one body.
APART = 0.25
# The place where the person works, followed slowly so that it stays when somebody passes before them.
HOME_S = 3.0
AT_HOME = 0.2
MOVED = 1.0
AWAY = 0.2
# Detections tried when looking for somebody in one picture.
TRIES = 2


class Tracker:
    """Finds a person and follows them: `look` at each picture in the order of time.

    `threads`: for the neural network, and for OpenCV in the whole process. Not to be shared between threads.
    """

    def __init__(self, threads: int = 2) -> None:
        cv2.setNumThreads(threads)
        self._detector = Detector(threads)
        self._landmarker = Landmarker(threads)
        self.reset()

    def reset(self) -> None:
        """Forget the person followed: the next picture begins anew."""
        self._next: Region | None = None
        self._seen: Region | None = None
        self._seen_s = self._since_s = 0.0
        self._home: Region | None = None
        self._others = 0
        self._others_s = float("-inf")

    def look(self, rgb: Picture, t_s: float) -> Look:
        """Return what is seen in an RGB picture (h, w, 3) taken at `t_s` seconds."""
        if rgb.ndim != 3 or rgb.shape[2] != 3:
            raise ValueError(f"picture: expected shape (h, w, 3), got {rgb.shape}")
        size = (rgb.shape[1], rgb.shape[0])
        light = light_of(rgb)
        if t_s < self._seen_s:
            self.reset()
        finding = self._follow(rgb, t_s) or self._search(rgb, t_s)
        if finding is None:
            self._next = None
            return Look(Pose.lost(t_s, size), light, people=self._others)
        self._keep(finding, t_s)
        return Look(Pose(t_s, finding.landmarks, finding.world, size), light, people=1 + self._others)

    def _follow(self, rgb: Picture, t_s: float) -> Finding | None:
        """Look where the person should be by now; None when they are not there."""
        if self._next is None:
            return None
        region = self._next
        due = OTHERS_SOON_S if self._others or self._is_away() else OTHERS_EVERY_S
        if t_s - self._others_s >= due:
            region = self._look_around(rgb, t_s, region)
        finding = self._landmarker.find(rgb, region)
        return finding if self._is_them(finding, region, t_s) else None

    def _search(self, rgb: Picture, t_s: float) -> Finding | None:
        """Look for a person in the whole picture; None when nobody is found, or only somebody else."""
        sightings = self._ranked(self._detector.find(rgb), rgb, t_s)
        self._others, self._others_s = 0, t_s
        regions = [sighting.region for sighting in sightings[:TRIES]]
        if self._seen is not None and t_s - self._seen_s < LINGER_S:
            # Bent over or half hidden, somebody may be plain to the landmark model and not to the detector.
            regions.append(self._seen)
        expected = self._seen if self._is_loyal(t_s) else None
        for region in regions:
            finding = self._twice(rgb, region)
            if self._is_them(finding, expected, t_s):
                self._others = self._count(rgb, sightings, finding.following)
                return finding
        return None

    def _twice(self, rgb: Picture, region: Region) -> Finding:
        """Find landmarks; where the model hesitates, again in the region that it would rather have had."""
        finding = self._landmarker.find(rgb, region)
        if HESITANT <= finding.sure < MIN_SURE and finding.following.is_sound():
            return self._landmarker.find(rgb, finding.following)
        return finding

    def _is_them(self, finding: Finding, before: Region | None, t_s: float) -> bool:
        if finding.sure < MIN_SURE or not finding.following.is_sound():
            return False
        if before is None or self._seen is None:
            return True
        return _near(before, finding.following, t_s - self._seen_s)

    def _is_loyal(self, t_s: float) -> bool:
        """Tell whether to wait for the person just lost: they worked in one place, and will be back there."""
        if self._seen is None or self._home is None or t_s - self._seen_s >= LOYAL_S:
            return False
        settled = self._seen_s - self._since_s >= SETTLED_S
        return settled and self._home.distance(self._seen) < AT_HOME

    def _ranked(self, sightings: list[Sighting], rgb: Picture, t_s: float) -> list[Sighting]:
        """Put first who is nearest to the person lost a moment ago, else the largest, most central one."""
        seen = self._seen
        if seen is not None and self._is_loyal(t_s):
            return sorted(sightings, key=lambda sighting: seen.distance(sighting.region))
        width = rgb.shape[1]
        return sorted(
            sightings,
            key=lambda sighting: -sighting.region.side_px * (1 - abs(sighting.region.x_px / width - 0.5)),
        )

    def _look_around(self, rgb: Picture, t_s: float, region: Region) -> Region:
        """Count the others; return where to look: back home if a passer-by was followed away from there."""
        sightings = self._detector.find(rgb)
        self._others_s = t_s
        if self._home is not None and self._is_away():
            for sighting in sightings:
                if (
                    self._home.distance(sighting.region) < AT_HOME
                    and region.distance(sighting.region) > APART
                ):
                    found = self._landmarker.find(rgb, sighting.region)
                    if found.sure >= MIN_SURE:
                        region = sighting.region
                        break
        self._others = self._count(rgb, sightings, region)
        return region

    def _count(self, rgb: Picture, sightings: Iterable[Sighting], them: Region) -> int:
        """Return how many of the sightings are people other than the one followed."""
        apart = [sighting.region for sighting in sightings if them.distance(sighting.region) > APART]
        return sum(self._landmarker.find(rgb, region).sure >= MIN_SURE for region in apart[:TRIES])

    def _is_away(self) -> bool:
        return self._home is not None and self._next is not None and self._home.distance(self._next) > AWAY

    def _keep(self, finding: Finding, t_s: float) -> None:
        region = finding.following
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
    """Tell whether one body can have got from one region to the other in the time."""
    scaling = now.side_px / before.side_px
    return before.distance(now) <= REACH + REACH_PER_S * passed_s and 1 / MAX_SCALING < scaling < MAX_SCALING
