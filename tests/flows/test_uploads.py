from __future__ import annotations

import base64
import hashlib
import os
import socket

import httpx
import pytest

from scripts.services.process import until
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
TUS = {"Tus-Resumable": "1.0.0"}
_SOON_S = 30.0


def _begin(topology: Topology, person: Person, content: bytes) -> str:
    """Begin an upload at the first web process; returns its path."""
    said = {"filename": "film.bin", "sha256": hashlib.sha256(content).hexdigest()}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())
    headers = {**person.headers, **TUS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    answer = httpx.post(
        f"{topology.webs[0].base_url}/api/v1/uploads/resumable", headers=headers, trust_env=False
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def _offset(topology: Topology, person: Person, path: str, web: int) -> int:
    url = f"{topology.webs[web].base_url}{path}"
    answer = httpx.head(url, headers={**person.headers, **TUS}, trust_env=False)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def _come(topology: Topology, person: Person, path: str, least: int) -> int:
    """Wait until so much has come to stay; what is put aside ends where something happened to arrive."""
    assert until(lambda: _offset(topology, person, path, 1) >= least, _SOON_S)
    return _offset(topology, person, path, 1)


def _send(
    topology: Topology, person: Person, path: str, at: int, content: bytes, length: int
) -> socket.socket:
    """Send the beginning of a piece and leave the line open."""
    port = topology.webs[0].port
    head = [
        f"PATCH {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {person.token}",
        "Tus-Resumable: 1.0.0", f"Upload-Offset: {at}", "Content-Type: application/offset+octet-stream",
        f"Content-Length: {length}", "", "",
    ]  # fmt: skip
    line = socket.create_connection(("127.0.0.1", port), timeout=_SOON_S)
    line.sendall("\r\n".join(head).encode() + content)
    return line


def _rest(topology: Topology, person: Person, path: str, at: int, content: bytes) -> httpx.Response:
    headers = {
        **person.headers, **TUS, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"
    }  # fmt: skip
    url = f"{topology.webs[1].base_url}{path}"
    return httpx.patch(url, headers=headers, content=content[at:], timeout=60, trust_env=False)


def _is_all_there(topology: Topology, person: Person, path: str, content: bytes) -> None:
    shape = topology.ask(person, "GET", path.removeprefix("/api/v1"), web=1)["attachment"]
    whole = topology.call(person, "GET", shape["url"].removeprefix("/api/v1"), web=1)
    assert hashlib.sha256(whole.content).digest() == hashlib.sha256(content).digest()
    key = str(topology.rows(f"SELECT key FROM chat_attachment WHERE id = {shape['id']}")[0][0])
    name = key.rpartition("/")[2]
    assert [path.suffix for path in topology.folder.rglob(f"{name}*")] == [".raw"]
    assert (
        topology.rows(f"SELECT count(*) FROM chat_piecedupload WHERE attachment_id = {shape['id']}")[0][0]
        == 0
    )


def test_upload_goes_on_at_another_server_when_the_first_one_is_killed(topology: Topology) -> None:
    alice, content = topology["alice"], os.urandom(11 * MIB)
    path = _begin(topology, alice, content)
    with _send(topology, alice, path, 0, content[: 9 * MIB], len(content)):
        came = _come(topology, alice, path, 8 * MIB)
        topology.webs[0].kill()
    try:
        # What it held beside the pieces that it had put aside is lost, and nothing else.
        assert _offset(topology, alice, path, 1) == came
        answer = _rest(topology, alice, path, came, content)
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(len(content)))
        _is_all_there(topology, alice, path, content)
    finally:
        topology.heal()


def test_what_came_before_the_line_broke_is_kept_to_the_byte(topology: Topology) -> None:
    alice, content = topology["alice"], os.urandom(6 * MIB)
    path = _begin(topology, alice, content)
    with _send(topology, alice, path, 0, content[: 5 * MIB], len(content)) as line:
        _come(topology, alice, path, 4 * MIB)
        # All that was sent has been taken before the end is told.
        line.shutdown(socket.SHUT_WR)
        assert until(lambda: _offset(topology, alice, path, 1) == 5 * MIB, _SOON_S)
    assert _rest(topology, alice, path, 5 * MIB, content).status_code == 204
    _is_all_there(topology, alice, path, content)


def test_line_that_hangs_gives_way_to_the_next_one(topology: Topology) -> None:
    alice, content = topology["alice"], os.urandom(6 * MIB)
    path = _begin(topology, alice, content)
    with _send(topology, alice, path, 0, content[: 5 * MIB], len(content)) as hanging:
        came = _come(topology, alice, path, 4 * MIB)
        assert _rest(topology, alice, path, came, content).status_code == 204
        hanging.sendall(content[5 * MIB :])
        answer = hanging.recv(4_096)
    assert answer.startswith((b"HTTP/1.1 409 ", b"HTTP/1.1 404 "))
    _is_all_there(topology, alice, path, content)


def test_length_that_is_too_large_is_refused_before_it_is_sent(topology: Topology) -> None:
    alice = topology["alice"]
    path = _begin(topology, alice, b"x" * MIB)
    with _send(topology, alice, path, 0, b"", 10**9) as line:
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"too_long"' in answer
