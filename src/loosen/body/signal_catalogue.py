"""The signals a routine may name: what each is, its unit, plane and known error.

All but those "in space" are measured in the image plane of the prescribed view, after correcting the picture's
aspect. `error` is the
half-width of a 95% interval of one reading against the truth, without the static noise that a session measures
for itself; the sources stand above the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from loosen.routine.fields import PlaneOrAny

View = Literal["front", "side", "oblique", "unknown"]
"""From where a person is seen."""
Facing = Literal["left", "right", "camera", "away", "unknown"]
"""Which way a person faces in the picture."""
UNITS = {"deg": "deg", "leg": "leg lengths", "torso": "torso lengths", "share": "share"}


@dataclass(frozen=True, slots=True)
class Signal:
    """A named measure: `plane` is the view it is measured in, `low`..`high` what a body can do."""

    name: str
    unit: Literal["deg", "leg", "torso", "share"]
    plane: PlaneOrAny
    low: float
    high: float
    error: float
    what: str
    needs: str

    @property
    def unit_text(self) -> str:
        """The unit as it is written in reports."""
        return UNITS[self.unit]


# Errors: trunk from the project's rendered clips with exact truth (docs/measuring.md); arms from motion capture of
# people whose arms leave the picture's plane (RMSE 5.8 deg, UI-PRMD and Bandai-Namco; 95% within 10); checked against
# the literature named there; knee from markerless side-view studies (-2.3 +- 6.4 deg).
_ALL = (
    Signal("backward_lean_deg", "deg", "side", -120, 60, 4,
           "Angle of the line mid-hip to mid-shoulder from the vertical; backward is positive.",
           "shoulders and hips"),
    Signal("side_lean_deg", "deg", "front", -90, 90, 4,
           "The same line seen from the front; towards the person's left is positive.", "shoulders and hips"),
    Signal("head_back_deg", "deg", "side", -90, 90, 10,
           "Angle of the head (ear to nose) against the trunk; tipped back is positive.",
           "nose, an ear, shoulders, hips"),
    Signal("arm_elevation_left_deg", "deg", "any", 0, 180, 10,
           "Angle between the arm and the trunk, hanging is 0: the whole arm where it is straight, else the upper arm.",
           "shoulder, elbow, hip"),
    Signal("arm_elevation_right_deg", "deg", "any", 0, 180, 10, "The same for the right arm.",
           "shoulder, elbow, hip"),
    Signal("arm_elevation_near_deg", "deg", "side", 0, 180, 10, "The same for the arm nearer to the camera.",
           "near shoulder, elbow, hip"),
    Signal("arm_forward_near_deg", "deg", "side", -120, 240, 10,
           "The near arm's direction seen from the side: hanging is 0, forward 90, overhead 180; behind is negative.",
           "near shoulder, elbow, hip"),
    Signal("arm_elevation_mean_deg", "deg", "front", 0, 180, 10, "Mean of both arms.", "both arms"),
    Signal("arm_elevation_lower_deg", "deg", "front", 0, 180, 10, "The lower of both arms.", "both arms"),
    Signal("arm_elevation_higher_deg", "deg", "front", 0, 180, 10, "The higher of both arms.", "both arms"),
    Signal("arm_elevation_difference_deg", "deg", "front", 0, 180, 10,
           "How far one arm is above the other.", "both arms"),
    Signal("arm_elevation_highest_deg", "deg", "any", 0, 180, 10,
           "The higher of the arms that are seen; one is enough.", "an arm"),
    Signal("left_arm_higher_deg", "deg", "any", -180, 180, 10,
           "Left arm's elevation less the right arm's.", "both arms"),
    Signal("elbow_angle_raised_deg", "deg", "any", 0, 180, 10,
           "Elbow, in space, of the higher arm that is seen; straight is 180.", "an arm"),
    Signal("hand_outward_raised", "torso", "front", -1.6, 1.6, 0.1,
           "Hand of the higher arm outward from its shoulder; negative when it crosses in front of the body.",
           "an arm, both shoulders"),
    Signal("elbow_angle_near_deg", "deg", "side", 0, 180, 10, "Near elbow; straight is 180.", "near arm"),
    Signal("elbow_angle_lower_deg", "deg", "front", 0, 180, 10, "The more bent elbow; straight is 180.", "both arms"),
    Signal("wrist_height_near", "torso", "any", -1.6, 1.6, 0.1,
           "Near wrist above its shoulder, in torso lengths.", "near arm, trunk"),
    Signal("wrist_height_lower", "torso", "any", -1.6, 1.6, 0.1,
           "The lower wrist above its shoulder, in torso lengths.", "both arms, trunk"),
    Signal("hand_on_back", "share", "side", 0, 1, 1,
           "1 while the near hand lies at the low back or the upper pelvis with the elbow bent, else 0.",
           "near arm, trunk"),
    Signal("knee_flexion_near_deg", "deg", "side", 0, 170, 10, "Near knee; straight is 0.", "near leg"),
    Signal("knee_flexion_deeper_deg", "deg", "any", 0, 170, 12, "The more bent knee; straight is 0.", "a leg"),
    Signal("knee_bend_deg", "deg", "any", 0, 170, 12,
           "The more bent knee in space (from the model's depth), which serves from any view; straight is 0.", "a leg"),
    Signal("hip_height", "leg", "any", -0.2, 1.2, 0.06, "Mid-hip above the ankles.", "hips, ankles"),
    Signal("hip_drop", "leg", "any", -0.2, 1.2, 0.06,
           "How far mid-hip has come down: 1 less its height above the ankles.", "hips, ankles"),
    Signal("knee_lift_higher", "leg", "any", -1, 0.6, 0.06,
           "The higher knee above the other one.", "both knees"),
    Signal("left_knee_higher", "leg", "any", -1, 1, 0.06,
           "Left knee above the right one; negative when the right one is higher.", "both knees"),
    Signal("hips_forward", "leg", "side", -1, 1, 0.04,
           "Mid-hip ahead of the middle between the ankles.", "hips, ankles"),
    Signal("foot_gap", "leg", "side", 0, 1.8, 0.1, "Distance between the ankles.", "both feet"),
    Signal("left_foot_ahead", "leg", "side", -1.8, 1.8, 0.1,
           "Left ankle ahead of the right one; negative when the right one is ahead.", "both feet"),
    Signal("feet_forward", "leg", "side", -20, 20, 0.1,
           "Middle between the feet, forward along the picture. Only changes mean something.", "both feet"),
    Signal("rear_foot_lift", "leg", "side", -0.1, 1, 0.04,
           "Lowest point of the rear foot above where it stands when at rest.", "both feet"),
)  # fmt: skip

SIGNALS: dict[str, Signal] = {signal.name: signal for signal in _ALL}
