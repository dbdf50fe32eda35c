"""The pose model files: there, whole, licensed, and brought by the build or refused with a clear word."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from loosen.camera import weights
from loosen.errors import MissingPart

ROOT = Path(__file__).parents[1]


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the build hook as a module; hatchling itself is only there while building."""
    for name in ("hatchling", "hatchling.builders", "hatchling.builders.hooks", "hatchling.builders.hooks.plugin"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "hatchling.builders.hooks.plugin", ModuleType("plugin"))
    interface = ModuleType("hatchling.builders.hooks.plugin.interface")
    interface.__dict__["BuildHookInterface"] = list
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv("LOOSEN_WEIGHTS_DIR", raising=False)
    return module


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Answer as pip does without a connection; return the commands it was given."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found\n")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def wheel_with(path: Path, build: ModuleType, damaged: str = "") -> Path:
    """Write a wheel holding the installed weights as the published one does."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (member, _) in build.WEIGHTS.items():
            archive.writestr(member, b"x" if name == damaged else weights.weight_path(name).read_bytes())
        archive.writestr(build.LICENCE[0], "Apache License")
    return path


def test_the_installed_weights_are_whole() -> None:
    weights.check_weights()


def test_mediapipes_licence_stands_beside_its_weights() -> None:
    assert "Apache License" in (weights.FOLDER / "LICENSE.mediapipe").read_text()


def test_the_build_and_the_program_expect_the_same_files(build: ModuleType) -> None:
    assert {name: want for name, (_, want) in build.WEIGHTS.items()} == weights.SHA256


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(MissingPart, match=r"pose_landmark_full\.tflite is missing\. Install loosen again"):
        weights.weight_path(weights.LANDMARKS)


def test_a_damaged_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in weights.SHA256:
        shutil.copy(weights.weight_path(name), tmp_path)
    whole = (tmp_path / weights.DETECTION).read_bytes()
    (tmp_path / weights.DETECTION).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    with pytest.raises(MissingPart, match=r"pose_detection\.tflite is damaged"):
        weights.check_weights()


def test_only_the_two_known_files_can_be_asked_for() -> None:
    with pytest.raises(MissingPart):
        weights.weight_path("__init__.py")


def test_a_second_build_fetches_nothing(build: ModuleType, no_network: list[list[str]]) -> None:
    build.bring(weights.FOLDER)
    assert no_network == []


def test_the_build_unzips_only_what_it_needs(tmp_path: Path, build: ModuleType) -> None:
    build._unzip(wheel_with(tmp_path / "a.whl", build), tmp_path)
    assert build.complete(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"a.whl", *weights.SHA256, "LICENSE.mediapipe"}


def test_without_a_connection_the_build_says_what_to_do(
    tmp_path: Path, build: ModuleType, no_network: list[list[str]]
) -> None:
    with pytest.raises(build.WeightsError) as caught:
        build.bring(tmp_path)
    for part in ("mediapipe==0.10.21", "No matching distribution found", "connection", "LOOSEN_WEIGHTS_DIR"):
        assert part in str(caught.value)
    assert "--no-deps" in no_network[0]
    assert list(tmp_path.iterdir()) == []


def test_a_tampered_wheel_is_refused_and_leaves_no_file_under_its_name(tmp_path: Path, build: ModuleType) -> None:
    wheel = wheel_with(tmp_path / "a.whl", build, damaged=weights.LANDMARKS)
    with pytest.raises(build.WeightsError, match="sha256 2d711642"):  # sha256 of b"x"
        build._unzip(wheel, tmp_path)
    assert hashlib.sha256(b"x").hexdigest().startswith("2d711642")
    assert not (tmp_path / weights.LANDMARKS).exists()


def test_a_folder_can_stand_in_for_the_network(
    tmp_path: Path, build: ModuleType, no_network: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOSEN_WEIGHTS_DIR", str(weights.FOLDER))
    build.bring(tmp_path / "new")
    assert build.complete(tmp_path / "new")
    assert (tmp_path / "new" / "LICENSE.mediapipe").is_file()
    assert no_network == []


def test_an_empty_folder_cannot_stand_in(tmp_path: Path, build: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOSEN_WEIGHTS_DIR", str(tmp_path))
    with pytest.raises(build.WeightsError, match=r"LOOSEN_WEIGHTS_DIR=.*No such file"):
        build.bring(tmp_path / "new")
