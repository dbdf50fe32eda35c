"""Each attack on the local server is tried for real, over a socket, against a server that runs."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from page_support import PageServer, serve_page
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from loosen.page.guard import Keys


@pytest.fixture(scope="module")
def served() -> Iterator[PageServer]:
    with serve_page() as served:
        yield served


PATHS = ["/", "/home.json", "/words.json", "/figure/back-arches.json", "/static/js/main.js", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
def test_without_the_right_cookie_every_path_is_refused_with_one_sentence(served: PageServer, path: str) -> None:
    for headers in ({}, {"cookie": f"loosen-{served.port}={Keys().lasting}"}):
        answer = served.get(path, cookie=False, headers=headers)
        assert answer.status_code == 403
        assert answer.text.strip() == served.setup.words["server.no-key"]


@pytest.mark.parametrize("key", ["", "x", "é" * 40, "%00", "a" * 5000])
def test_a_wrong_key_in_the_address_does_not_open_the_page(served: PageServer, key: str) -> None:
    answer = httpx.get(f"{served.origin}/", params={"key": key}, trust_env=False)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_key_opens_the_page_and_leaves_the_address_bar(served: PageServer) -> None:
    answer = httpx.get(f"{served.origin}/?key={served.keys.lasting}", trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"loosen-{served.port}=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "domain" not in cookie
    with httpx.Client(trust_env=False, follow_redirects=True) as browser:
        page = browser.get(f"{served.origin}/?key={served.keys.lasting}")
        assert (page.status_code, page.url.path, page.url.query) == (200, "/", b"")


def test_somebody_who_is_inside_uses_a_key_up_and_may_come_with_a_used_one(served: PageServer) -> None:
    key = served.keys.once()
    for _ in range(2):
        assert served.get(f"/?key={key}").status_code == 303
    assert served.get(f"/?key={key}", cookie=False).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""]
)
def test_a_name_that_was_made_to_point_here_is_refused(served: PageServer, host: str) -> None:
    """DNS rebinding: the attacker's page has our address under his name, and perhaps even the cookie."""
    answer = served.get("/home.json", headers={"host": host.format(port=served.port)})
    assert answer.status_code in {400, 403}
    assert "exercises" not in answer.text


def test_two_host_headers_are_refused(served: PageServer) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as raw:
        raw.sendall(
            f"GET /home.json HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nHost: evil.example\r\n"
            f"Cookie: {served.cookie}\r\nConnection: close\r\n\r\n".encode()
        )
        status = raw.makefile("rb").readline()
    assert status.split()[1] in {b"400", b"403"}


def test_localhost_by_name_is_ours_too(served: PageServer) -> None:
    answer = served.get("/home.json", headers={"host": f"localhost:{served.port}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}"])
def test_a_request_from_another_origin_is_refused(served: PageServer, origin: str) -> None:
    answer = served.get("/home.json", headers={"origin": origin.format(port=served.port)})
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_load_a_part_of_the_page(served: PageServer, site: str) -> None:
    """Another server on this machine is the same site to the browser, and gets our cookie sent along."""
    loading = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}
    assert served.get("/static/js/main.js", headers=loading).status_code == 403
    following_a_link = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert served.get("/", headers=following_a_link).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": None},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"cookie": None},
        {"cookie": "loosen-1=guess"},
        {"cookie": "loosen-{port}=guess"},
        {"host": "evil.example"},
    ],
)
def test_a_socket_is_only_for_our_own_page(served: PageServer, headers: dict[str, str | None]) -> None:
    given = {name: value and value.format(port=served.port) for name, value in headers.items()}
    before = len(served.sessions)
    with pytest.raises(InvalidStatus) as refused, served.page(**given):
        pass
    assert refused.value.response.status_code in {400, 403}
    assert len(served.sessions) == before


def test_a_socket_is_not_opened_by_a_key_in_its_address(served: PageServer) -> None:
    address = f"ws://127.0.0.1:{served.port}/live?key={served.keys.lasting}"
    with pytest.raises(InvalidStatus), connect(address, additional_headers={"origin": served.origin}, proxy=None):
        pass


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/../../errors.py",
        "/static/%2e%2e/server.py",
        "/static/%2e%2e%2fserver.py",
        "/static/..%5cserver.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/js/../../guard.py",
        "/static/%00",
        "/figure/../server.py",
        "/figure/..%2f..%2fserver.py.json",
    ],
)
def test_no_file_outside_the_page_is_served(served: PageServer, path: str) -> None:
    # The standard client sends the path as it is; others tidy it up first.
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    connection.request("GET", path, headers={"cookie": served.cookie})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in {400, 404}
    assert b"import" not in body
    assert b"root:" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_can_be_changed_over_http(served: PageServer, method: str) -> None:
    answer = httpx.request(method, f"{served.origin}/", headers={"cookie": served.cookie}, trust_env=False)
    assert (answer.status_code, answer.text) == (405, served.setup.words["server.only-reading"])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("cookie", [True, False])
def test_every_answer_keeps_to_itself(served: PageServer, path: str, cookie: bool) -> None:
    headers = served.get(path, cookie=cookie).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["img-src"] == "'self'"
    assert policy["connect-src"] == f"'self' ws://127.0.0.1:{served.port}"
    assert not any("unsafe" in value or "*" in value for value in policy.values())
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["permissions-policy"].startswith("camera=(self)")
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    # What is personal is not stored by the browser; the page's own files are asked for again.
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")
    assert "server" not in headers


def test_the_server_listens_on_loopback_only(served: PageServer) -> None:
    found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    # Another loopback address stands for "another interface" where the machine has no network.
    others = {str(info[4][0]) for info in found} - {"127.0.0.1"} | {"127.0.0.2"}
    for address in others:
        with socket.socket() as raw:
            raw.settimeout(2)
            assert raw.connect_ex((address, served.port)) != 0


def test_two_servers_do_not_lock_each_other_out(served: PageServer) -> None:
    with serve_page() as second:
        both = {"cookie": f"{served.cookie}; {second.cookie}"}
        assert served.get("/home.json", cookie=False, headers=both).status_code == 200
        assert second.get("/home.json", cookie=False, headers=both).status_code == 200
        swapped = {"cookie": f"loosen-{second.port}={served.keys.lasting}"}
        assert second.get("/home.json", cookie=False, headers=swapped).status_code == 403


@pytest.mark.parametrize(
    "rubbish",
    [b"\x00" * 64, b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 9000, b"\x16\x03\x01\x02"],
    ids=["zeros", "half", "endless", "tls"],
)
def test_rubbish_instead_of_http_does_not_end_the_server(served: PageServer, rubbish: bytes) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as raw, suppress(OSError):
        raw.settimeout(5)
        raw.sendall(rubbish)
        raw.shutdown(socket.SHUT_WR)
        raw.recv(100)
    assert served.get("/home.json").status_code == 200
