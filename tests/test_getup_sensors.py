"""The sensors: real X11 and PulseAudio, a Wayland compositor made for the test, and recorded states of the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from getup_support import compositor, needs, press_a_key, running, tell, wait_until, x_server

from loosen.errors import SensorError
from loosen.getup.sensor_registry import Sensor, SensorKind, SensorRegistry
from loosen.getup.sensors.calls import Alsa, Cameras, SoundServer

if sys.platform != "linux":
    pytest.skip("a Linux desktop's parts", allow_module_level=True)

# -- 12: Wayland --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "asked"), [(1, "idle 5000"), (2, "input 5000")])
def test_12_wayland_tells_idle_and_the_second_version_of_input_alone(
    version: int, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs()
    pytest.importorskip("pywayland")
    from loosen.getup.sensors.wayland import Wayland

    now_s = 100.0
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    with compositor(version, folder) as (made, name):
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        sensor = Wayland(name, clock=lambda: now_s)
        assert made.stdout is not None
        assert made.stdout.readline().strip() == asked
        assert sensor.idle_s() == 0
        tell(made, "idle")
        wait_until(lambda: sensor.idle_s() == 5, "idle")
        now_s += 10
        assert sensor.idle_s() == 15
        tell(made, "resume")
        wait_until(lambda: sensor.idle_s() == 0, "resumed")
        made.kill()
        made.wait()
        with pytest.raises(SensorError, match="gone"):
            sensor.idle_s()
        sensor.close()


def test_12_a_wayland_without_the_protocol_is_missing_not_fatal(tmp_path: Path) -> None:
    pytest.importorskip("pywayland")
    from loosen.getup.sensors.wayland import Wayland

    with pytest.raises(SensorError, match="Wayland"):
        Wayland("no-such-socket")


# -- 11: X11 ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    needs("openbox")
    with x_server() as name:
        environment = os.environ | {"DISPLAY": name}
        with running("openbox", env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL):
            yield name


def test_11_input_injected_with_xtest_sets_the_idle_time_back(screen: str) -> None:
    from loosen.getup.sensors.x11 import X11

    sensor = X11(screen)
    press_a_key(screen)
    wait_until(lambda: (sensor.idle_s() or 0) > 0.4, "some idle time")
    before_s = time.monotonic() - (sensor.idle_s() or 0)
    press_a_key(screen)
    # However slow this computer is: the last input has become a later one.
    idle_s = sensor.idle_s() or 0
    assert time.monotonic() - idle_s > before_s + 0.3
    sensor.close()


def test_11_a_window_that_fills_the_screen_is_noticed_and_so_is_its_end(screen: str) -> None:
    from Xlib import X, display
    from Xlib.protocol import event

    from loosen.getup.sensors.x11 import X11

    sensor, person = X11(screen), display.Display(screen)
    wait_until(lambda: person.screen().root.get_full_property(person.intern_atom("_NET_SUPPORTED"), 0), "openbox")
    window = person.screen().root.create_window(0, 0, 200, 100, 0, X.CopyFromParent)
    window.map()
    person.sync()
    assert sensor.under_way() == frozenset()
    state, full = person.intern_atom("_NET_WM_STATE"), person.intern_atom("_NET_WM_STATE_FULLSCREEN")
    for on in (1, 0):
        message = event.ClientMessage(window=window, client_type=state, data=(32, [on, full, 0, 1, 0]))
        wait_until(lambda: person.screen().root.get_full_property(person.intern_atom("_NET_ACTIVE_WINDOW"), 0), "focus")
        person.screen().root.send_event(message, X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        person.sync()
        wanted = frozenset({"full-screen"} if on else ())
        wait_until(lambda wanted=wanted: sensor.under_way() == wanted, f"full-screen {on}")  # type: ignore[misc]
    window.destroy()
    person.close()
    sensor.close()


def test_13_an_x_server_that_dies_shows_and_the_next_sensor_takes_its_place() -> None:
    from loosen.getup.sensors.x11 import X11

    class Other(Sensor):
        def idle_s(self) -> float | None:
            return 7.0

    with x_server() as name:
        watch = SensorRegistry([SensorKind("x11", ("idle",), lambda: X11(name)), SensorKind("other", ("idle",), Other)])
        watch.open(0.0)
        assert (watch.idle_s(0.0) or 0) != 7.0
    assert watch.idle_s(1.0) == 7.0
    (x11, other) = watch.report()
    assert (x11["state"], other["state"]) == ("lost", "ok")
    assert "gone" in x11["why"]
    watch.close()


# -- 9: microphones ------------------------------------------------------------------------------------------


def test_09_a_real_sound_server_tells_another_programs_recording_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("pulseaudio", "parecord")
    import pulsectl

    folder = tmp_path / "p"
    folder.mkdir(mode=0o700)
    for name in ("PULSE_RUNTIME_PATH", "PULSE_STATE_PATH", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{folder}/native")
    loads = ("module-native-protocol-unix auth-anonymous=1", "module-null-source source_name=mic", "module-null-sink")
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

    def recordings() -> int:
        with pulsectl.Pulse("counts") as pulse:
            return len(pulse.source_output_list())

    with running(*command, *(f"--load={load}" for load in loads), **quiet):
        wait_until((folder / "native").exists, "the sound server")
        sensor = SoundServer()
        assert sensor.under_way() == frozenset()
        with running("parecord", "--device=null.monitor", str(tmp_path / "played.wav"), **quiet):
            wait_until(lambda: recordings() == 1, "a recording")
            assert sensor.under_way() == frozenset()  # it records what is played
            with running("parecord", "--device=mic", str(tmp_path / "call.wav"), **quiet):
                wait_until(lambda: sensor.under_way() == {"call"}, "a call")
        wait_until(lambda: sensor.under_way() == frozenset(), "the end of the call")
        assert isinstance(sensor, SoundServer)
        sensor.close()


NOBODY = 0xFFFFFFFF


class FakePulse:
    def __init__(self, *streams: Any) -> None:
        self.streams = streams

    def connect(self, **_: Any) -> None: ...
    def disconnect(self) -> None: ...
    def close(self) -> None: ...
    def source_output_list(self) -> Any:
        return self.streams

    def source_list(self) -> Any:
        return [SimpleNamespace(index=1, monitor_of_sink=NOBODY), SimpleNamespace(index=2, monitor_of_sink=0)]


def stream(**differs: Any) -> Any:
    about = {"application.process.id": "4242"}
    usual = {"corked": False, "resample_method": "copy", "client": 7, "source": 1, "proplist": about}
    return SimpleNamespace(**usual | differs)


@pytest.mark.parametrize(
    ("one", "is_call"),
    [
        (stream(), True),
        (stream(corked=True), False),
        (stream(source=2), False),
        (stream(client=NOBODY), False),
        (stream(resample_method="peaks"), False),
        (stream(proplist={"application.process.id": str(os.getpid())}), False),
        (stream(proplist={"stream.monitor": "true"}), False),
    ],
    ids=["another's", "at rest", "what is played", "the server's own", "a level meter", "ours", "a monitor"],
)
def test_09_only_another_programs_running_microphone_is_a_call(one: Any, is_call: bool) -> None:
    assert bool(SoundServer(FakePulse(one)).under_way()) is is_call


@pytest.mark.parametrize(
    ("status", "is_call"),
    [
        ("state: RUNNING\nowner_pid   : 4242\n", True),
        ("state: PREPARED\nowner_pid   : 4242\n", False),
        ("closed\n", False),
        (f"state: RUNNING\nowner_pid   : {os.getpid()}\n", False),
    ],
    ids=["running", "a server's idle handle", "closed", "ours"],
)
def test_09_the_kernels_word_where_no_sound_server_is(tmp_path: Path, status: str, is_call: bool) -> None:
    folder = tmp_path / "asound" / "card0" / "pcm0c" / "sub0"
    folder.mkdir(parents=True)
    (folder / "status").write_text(status)
    assert bool(Alsa(tmp_path).under_way()) is is_call


@pytest.mark.parametrize(
    ("comm", "held", "mapped", "is_call"),
    [
        ("chrome", True, True, True),
        ("chrome", True, False, False),
        ("chrome", False, False, False),
        ("wireplumber", True, True, False),
    ],
    ids=["streams", "holds it only", "has none", "a server"],
)
def test_09_a_camera_counts_when_it_streams(tmp_path: Path, comm: str, held: bool, mapped: bool, is_call: bool) -> None:
    devices, process = tmp_path / "dev", tmp_path / "proc" / "4242"
    (process / "fd").mkdir(parents=True)
    devices.mkdir()
    camera = devices / "video0"
    camera.touch()
    (process / "comm").write_text(comm + "\n")
    (process / "fd" / "5").symlink_to(camera if held else devices)
    line = f"7f00-7f01 rw-s 00000000 00:05 99 {camera}\n" if mapped else "7f00-7f01 rw-p 00000000 00:00 0\n"
    (process / "maps").write_text(line)
    (tmp_path / "proc" / "17" / "fd").mkdir(parents=True)  # a process that has ended, or is not ours
    assert bool(Cameras(tmp_path / "proc", devices).under_way()) is is_call
