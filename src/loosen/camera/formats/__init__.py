"""Recordings in and out: videos, landmark tracks, pose files of other tools."""
