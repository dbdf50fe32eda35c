"""How every test starts Debian's Chromium: quiet, and with a camera of its own."""

from __future__ import annotations

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
CAMERA = ("--use-fake-device-for-media-stream",)
ALLOWED = "--use-fake-ui-for-media-stream"
