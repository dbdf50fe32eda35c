"""Pixels to poses: the tracker, clips, tracks and pictures."""
