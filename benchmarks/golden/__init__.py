"""The reference: MediaPipe 0.10.21 in an environment of its own, never installed beside loosen."""
