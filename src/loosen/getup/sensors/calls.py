"""Microphones and cameras in use, by the sound server (PulseAudio, or PipeWire in its place) or by the kernel."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from loosen.errors import SensorError
from loosen.getup.sensor_registry import Sensor

_NONE = 0xFFFFFFFF
_CONNECT_S = (0.03, 0.3, 0.7)
"""How long to wait in each try to connect: the library waits to the end even if the server answers at once."""
_MEDIA_SERVERS = {"pulseaudio", "pipewire", "pipewire-pulse", "wireplumber", "pipewire-media-"}
"""As the kernel cuts their names, after 15 characters."""


class SoundServer(Sensor):
    """The streams that record from a microphone. There is a call if one of another program's runs.

    Not counted are streams at rest, our own, the server's own (without a client), level meters, and recordings of what
    the loudspeaker plays.
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
            # Connected only while it is asked: every stream that begins or ends would wake an open connection.
            self._connect()
            try:
                streams = self._pulse.source_output_list()
                monitors = {it.index for it in self._pulse.source_list() if it.monitor_of_sink != _NONE}
            finally:
                self._pulse.disconnect()
        except self._trouble as error:
            raise SensorError(f"no sound server ({error})") from error
        return frozenset({"call"} if any(_is_call(it, monitors) for it in streams) else ())

    def close(self) -> None:
        self._pulse.close()

    def _connect(self) -> None:
        for timeout_s in _CONNECT_S[:-1]:
            with suppress(*self._trouble):
                self._pulse.connect(autospawn=False, timeout=timeout_s)
                return
        self._pulse.connect(autospawn=False, timeout=_CONNECT_S[-1])


def _is_call(stream: Any, monitors: set[int]) -> bool:
    properties = stream.proplist
    is_meter = stream.resample_method == "peaks" or properties.get("stream.monitor") == "true"
    is_own = properties.get("application.process.id") == str(os.getpid())
    is_servers = stream.client == _NONE
    return not (stream.corked or is_meter or is_own or is_servers or stream.source in monitors)


class Alsa(Sensor):
    """Where no sound server answers: the kernel's state of each recording device, and the process that holds it.

    A sound server keeps devices open while nobody records; such a handle is not in the state RUNNING.
    """

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        if not (proc / "asound").is_dir():
            raise SensorError("no sound cards")

    def under_way(self) -> frozenset[str]:
        for file in (self._proc / "asound").glob("card*/pcm*c/sub*/status"):
            try:
                lines = file.read_text("ascii", "replace").splitlines()
            except OSError:
                continue
            status = dict(line.replace(" ", "").split(":", 1) for line in lines if ":" in line)
            if status.get("state") == "RUNNING" and status.get("owner_pid") != str(os.getpid()):
                return frozenset({"call"})
        return frozenset()


class Cameras(Sensor):
    """Cameras that stream to another program, which then holds the device open with its picture buffers mapped.

    Only the person's own processes can be seen. Media servers hold devices without streaming, so they are not counted;
    a camera that streams through one is therefore missed.
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
            if (process / "comm").read_text("utf-8", "replace").strip() in _MEDIA_SERVERS:
                return False
            with (process / "maps").open(encoding="utf-8", errors="replace") as maps:
                return any(line.split(maxsplit=5)[-1].strip() in cameras for line in maps if "/video" in line)
        except OSError:
            return False  # it has ended, or belongs to another user
