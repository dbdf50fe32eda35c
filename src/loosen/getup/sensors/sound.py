"""Microphones in use: as the sound server tells it (PulseAudio, or PipeWire in its place), or the kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from loosen.errors import SensorError
from loosen.getup.sensors.base import Mute

_NOBODY = 0xFFFFFFFF
_CONNECT_S = 1.0
_SERVERS = {
    "pulseaudio",
    "pipewire",
    "pipewire-pulse",
    "wireplumber",
    "pipewire-media-",
}  # names are cut at 15


class SoundServer(Mute):
    """Streams that record from a microphone, each with the program behind it.

    Not counted: streams at rest, our own, the server's own (those without a client), level meters, and whatever
    records what the loudspeaker plays.
    """

    def __init__(self, pulse: Any = None) -> None:
        if pulse is None:
            try:
                import pulsectl
            except (ImportError, OSError) as error:
                raise SensorError(f"libpulse cannot be used ({error})") from error
            pulse = pulsectl.Pulse("loosen", connect=False)
            self._trouble: tuple[type[Exception], ...] = (pulsectl.PulseError, OSError)
        else:
            self._trouble = (OSError,)
        self._pulse = pulse
        try:
            self.under_way()
        except SensorError:
            self.close()
            raise

    def under_way(self) -> frozenset[str]:
        try:
            # Connected only for the question: an open connection would be woken by every stream that comes and goes.
            self._pulse.connect(autospawn=False, timeout=_CONNECT_S)
            try:
                streams = self._pulse.source_output_list()
                played = {it.index for it in self._pulse.source_list() if it.monitor_of_sink != _NOBODY}
            finally:
                self._pulse.disconnect()
        except self._trouble as error:
            raise SensorError(f"no sound server ({error})") from error
        return frozenset({"call"} if any(_counts(it, played) for it in streams) else ())

    def close(self) -> None:
        self._pulse.close()


def _counts(stream: Any, played: set[int]) -> bool:
    about = stream.proplist
    meter = stream.resample_method == "peaks" or about.get("stream.monitor") == "true"
    own = about.get("application.process.id") == str(os.getpid())
    server = stream.client == _NOBODY
    return not (stream.corked or meter or own or server or stream.source in played)


class Alsa(Mute):
    """Where no sound server answers: what the kernel says of each recording device, and who holds it.

    A sound server keeps devices open while nobody records; such a handle is not running, and does not count.
    """

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        if not (proc / "asound").is_dir():
            raise SensorError("no sound cards")

    def under_way(self) -> frozenset[str]:
        for status in (self._proc / "asound").glob("card*/pcm*c/sub*/status"):
            try:
                lines = status.read_text("ascii", "replace").splitlines()
            except OSError:
                continue
            told = dict(line.replace(" ", "").split(":", 1) for line in lines if ":" in line)
            if told.get("state") == "RUNNING" and told.get("owner_pid") != str(os.getpid()):
                return frozenset({"call"})
        return frozenset()


class Cameras(Mute):
    """Cameras that stream to another program: it holds the device open and has its picture buffers mapped.

    Only this person's own programs can be seen. A sound and video server that merely holds a device is not counted;
    a camera that streams through one therefore cannot be seen.
    """

    def __init__(self, proc: Path = Path("/proc"), devices: Path = Path("/dev")) -> None:
        self._proc, self._devices = proc, devices
        if not proc.is_dir():
            raise SensorError("no /proc")

    def under_way(self) -> frozenset[str]:
        cameras = {str(path) for path in self._devices.glob("video[0-9]*")}
        if not cameras:
            return frozenset()
        for process in self._proc.glob("[0-9]*"):
            if process.name != str(os.getpid()) and self._streams(process, cameras):
                return frozenset({"call"})
        return frozenset()

    def _streams(self, process: Path, cameras: set[str]) -> bool:
        try:
            if not any(str(fd.readlink()) in cameras for fd in (process / "fd").iterdir()):
                return False
            if (process / "comm").read_text("utf-8", "replace").strip() in _SERVERS:
                return False
            with (process / "maps").open(encoding="utf-8", errors="replace") as maps:
                return any(line.split(maxsplit=5)[-1].strip() in cameras for line in maps if "/video" in line)
        except OSError:
            return False  # it has ended, or is not ours to see
