"""`loosen` typed twice: the second one opens the page of the first, if that proves to be ours."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from page_support import PATIENCE_S, PageServer, Started, serve_page, started, wait_until

from loosen.page.guard import Keys
from loosen.page.running_servers import ServerRegister
from loosen.routine import reader as routine_files
from loosen.routine.reader import BUILTIN, builtin

ROUTINES = Path(routine_files.__file__).parent
posix = pytest.mark.skipif(os.name != "posix", reason="signals and rights of files are others on Windows")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def register(folder: Path, tmp_path: Path) -> ServerRegister:
    return ServerRegister(folder, tmp_path / "journal.db", builtin())


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("page*"))


# -- typed twice


@posix
def test_loosen_typed_twice_opens_the_page_of_the_first(own_home: Path, tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    browser.chmod(0o755)
    with started(browser=str(browser)) as first:
        wait_until(lambda: opened.exists() and opened.read_text().endswith("\n"), "the opening of the browser")
        for more in ((), ("--movement", "back-arches")):
            with started(*more, browser=str(browser)) as second:
                assert second.process.wait(PATIENCE_S) == 0
                assert second.said == f"loosen is open already at {first.address}\n"
                assert second.end() == ""
        at_first, plain, at_a_movement = opened.read_text().split()
        assert at_a_movement.endswith("&movement=back-arches")
        for address in (at_first, plain):
            assert address.startswith(f"http://127.0.0.1:{first.port}/?key=")
            assert address != first.address  # the command line of a browser is no secret
        assert httpx.get(plain, trust_env=False).status_code == 303
        assert files(own_home) == [f"page-{first.port}.json"]
        first.end()
    assert files(own_home) == []


@posix
def test_of_two_that_are_started_at_once_one_serves(own_home: Path) -> None:
    command = [sys.executable, "-m", "loosen", "--no-browser"]
    with ExitStack() as ending:
        both = [ending.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE, text=True)) for _ in range(2)]
        for process in both:
            ending.callback(process.kill)
        one, two = (Started(process) for process in both)
        assert one.port == two.port
        wait_until(lambda: sum(process.poll() is None for process in both) == 1, "the end of the later one")
        assert files(own_home) == [f"page-{one.port}.json"]


@posix
def test_who_looks_and_enters_is_alone_meanwhile(register: ServerRegister, folder: Path, tmp_path: Path) -> None:
    inside = threading.Event()

    def come_too() -> None:
        with ServerRegister(folder, tmp_path / "journal.db", builtin()).locked():
            inside.set()

    later = threading.Thread(target=come_too)
    with register.locked():
        later.start()
        assert not inside.wait(0.3)
    assert inside.wait(PATIENCE_S)
    later.join(PATIENCE_S)


@posix
@pytest.mark.parametrize("why", ["port", "routine"])
def test_who_asks_for_a_server_of_his_own_gets_it_and_is_told_of_the_other(
    own_home: Path, tmp_path: Path, why: str
) -> None:
    routine = tmp_path / "routine.toml"
    own = (ROUTINES / BUILTIN).read_text("utf-8")
    routine.write_text(own.replace(f'"{builtin().title}"', '"Another one"'), "utf-8")
    with started() as first:
        with started(*(("--port", "0") if why == "port" else ("--routine", str(routine)))) as second:
            assert second.port != first.port
            assert len(files(own_home)) == 2
            assert second.process.stderr is not None
            told = f"loosen is open at {first.address} too, with the same journal"
            assert second.process.stderr.readline().startswith(told)
            second.end()
        assert files(own_home) == [f"page-{first.port}.json"]
        first.end()


@posix
def test_another_journal_has_a_server_of_its_own(own_home: Path, tmp_path: Path) -> None:
    with started() as first, started("--journal", str(tmp_path / "other.db")) as second:
        assert second.port != first.port
        with started("--journal", str(tmp_path / "nearby" / ".." / "other.db")) as third:
            assert third.port == second.port
        assert "too" not in second.end()
        first.end()


@posix
def test_a_demo_is_never_taken_for_the_real_page_nor_opens_that(own_home: Path) -> None:
    with started("demo") as demo:
        assert files(own_home) == []
        with started() as real:
            assert real.said.startswith("loosen is open at ")
            with started("demo") as another:
                assert len({demo.port, real.port, another.port}) == 3
                another.end()
            assert files(own_home) == [f"page-{real.port}.json"]
            real.end()
        demo.end()


# -- whom to believe


def test_a_server_that_answers_gives_a_key_for_once(served: PageServer, register: ServerRegister, folder: Path) -> None:
    assert register.running() == ()
    assert register.enter(served.port, served.keys)
    (found,) = register.running()
    assert (found.port, found.key, found.same) == (served.port, served.keys.lasting, True)
    opening = f"{served.origin}/?key={found.once}"
    assert httpx.get(opening, trust_env=False).status_code == 303
    assert httpx.get(opening, trust_env=False).status_code == 403
    assert served.get("/once.json", cookie=False).status_code == 403
    register.leave()
    assert (register.running(), files(folder)) == ((), [])


def test_a_server_that_was_killed_is_not_found(register: ServerRegister, folder: Path) -> None:
    with serve_page() as served:
        register.enter(served.port, served.keys)
        assert register.running()
    assert register.running() == ()
    assert files(folder) == [f"page-{served.port}.json"]  # only who wrote a file takes it away


@pytest.mark.parametrize("answer", ["nothing", "no proof", "the key", "no JSON", "a refusal"])
def test_whoever_took_the_port_of_a_killed_server_is_not_taken_for_ours(register: ServerRegister, answer: str) -> None:
    keys = Keys()
    body = {
        "nothing": "",
        "no proof": json.dumps({"key": "x"}),
        "the key": json.dumps({"key": "x", "proof": keys.lasting}),  # which he has just been sent
        "no JSON": "[1]",
        "a refusal": json.dumps({"key": "x", "proof": keys.proof}),
    }[answer]
    status = "403 Forbidden" if answer == "a refusal" else "200 OK"

    def pretend(listening: socket.socket) -> None:
        line, _ = listening.accept()
        with line:
            line.recv(4096)
            line.sendall(f"HTTP/1.1 {status}\r\n\r\n{body}".encode() if body else b"")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        register.enter(listening.getsockname()[1], keys)
        thread = threading.Thread(target=pretend, args=(listening,))
        thread.start()
        assert register.running() == ()
        thread.join(PATIENCE_S)


@posix
def test_a_file_that_others_may_write_is_not_believed(
    served: PageServer, register: ServerRegister, folder: Path, tmp_path: Path
) -> None:
    register.enter(served.port, served.keys)
    (file,) = folder.glob("page*")
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o620)
    assert register.running() == ()
    file.chmod(0o600)
    assert register.running()
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert register.running() == ()
    file.unlink()
    os.mkfifo(file, 0o600)
    assert register.running() == ()
    file.unlink()
    file.write_bytes(b"\xff{")
    file.chmod(0o600)
    assert register.running() == ()


def test_who_leaves_late_leaves_the_file_of_the_next_one_alone(
    served: PageServer, register: ServerRegister, folder: Path, tmp_path: Path
) -> None:
    next_one = ServerRegister(folder, tmp_path / "journal.db", builtin())
    register.enter(served.port, Keys())
    next_one.enter(served.port, served.keys)
    register.leave()
    assert len(next_one.running()) == 1
    next_one.leave()
    assert files(folder) == []


def test_where_nothing_can_be_written_the_page_is_served_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    register = ServerRegister(tmp_path / "file" / "run", tmp_path / "journal.db", builtin())
    with register.locked():
        assert register.running() == ()
        assert not register.enter(1, Keys())
    register.leave()
