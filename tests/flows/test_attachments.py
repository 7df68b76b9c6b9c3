from __future__ import annotations

import socket

import httpx
import pytest

from scripts.services import Worker
from scripts.services.process import until
from tests.flows.topology import Topology
from tests.pictures.drawing import CAMERA, bomb, drawn, photo

pytestmark = pytest.mark.slow

_SOON_S = 60.0


async def test_picture_is_uploaded_here_and_shown_there_when_a_worker_has_made_it_anew(
    topology: Topology,
) -> None:
    alice, bob, carol = topology["alice"], topology["bob"], topology["carol"]
    room = topology.room(alice, bob)
    files = [
        _upload(topology, alice.headers, photo(6), "cat.jpg", 0),
        _upload(topology, alice.headers, bomb(), "b.png", 1),
    ]
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        said = await writer.command(
            "message.post", room=room, client_message_id="with-pictures", body="", attachments=files
        )
        await reader.reads(room, said["seq"], _SOON_S)
        posted = reader.changes[room][-1]["message"]["attachments"]
        assert [one["state"] for one in posted] == ["waiting", "waiting"]
        assert _get(topology, bob.headers, posted[0]["url"]).status_code == 503
        worker = Worker(topology.folder, env=topology.env, concurrency=1)
        await topology.run(worker.__enter__)
        try:
            # The nudge of the first may have been lost meanwhile; who comes for the second finds the work of both.
            more = [_upload(topology, alice.headers, drawn("PNG"), "d.png", 1)]
            await writer.command(
                "message.post", room=room, client_message_id="with-one-more", body="and", attachments=more
            )
            await reader.reads(room, said["seq"] + 4, _SOON_S)
        finally:
            await topology.run(worker.__exit__, None, None, None)
        ready = [change for change in reader.changes[room] if change["type"] == "attachment.ready"]
        states = {one["id"]: one for change in ready for one in change["message"]["attachments"]}
        assert [states[pk]["state"] for pk in files] == ["ready", "failed"]
        cat = states[files[0]]
        assert (cat["width"], cat["height"]) == (60, 80)
        whole = _get(topology, bob.headers, cat["url"])
        assert (whole.status_code, whole.headers["content-type"]) == (200, "image/jpeg")
        assert CAMERA.encode() not in whole.content
        small = _get(topology, bob.headers, cat["thumbnail"])
        assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
        for path in (cat["url"], cat["thumbnail"]):
            assert _get(topology, carol.headers, path).status_code == 404
        failed = _get(topology, bob.headers, states[files[1]]["url"])
        assert failed.headers["content-disposition"].startswith("attachment")
        assert writer.faults == reader.faults == []


async def test_deleted_message_leaves_nothing_on_the_disk(topology: Topology) -> None:
    alice = topology["alice"]
    room = topology.room(alice)
    pk = _upload(topology, alice.headers, b"words" * 1_000, "notes.txt", 0)
    key = str(topology.rows(f"SELECT key FROM chat_attachment WHERE id = {pk}")[0][0])
    async with topology.client(alice, 0) as writer:
        said = await writer.command(
            "message.post", room=room, client_message_id="with-a-file", body="", attachments=[pk]
        )
        worker = Worker(topology.folder, env=topology.env, concurrency=1)
        await topology.run(worker.__enter__)
        try:
            await writer.command("message.delete", message=said["id"])
            query = f"SELECT count(*) FROM chat_attachment WHERE id = {pk}"
            assert await topology.run(until, lambda: topology.rows(query)[0][0] == 0, _SOON_S)
        finally:
            await topology.run(worker.__exit__, None, None, None)
    assert list(topology.folder.rglob(f"{key.rpartition('/')[2]}*")) == []


def test_upload_that_is_too_large_is_refused_before_it_is_sent(topology: Topology) -> None:
    alice = topology["alice"]
    head = [
        "POST /api/v1/uploads HTTP/1.1", f"Host: 127.0.0.1:{topology.webs[0].port}", f"Content-Length: {10**9}",
        "Content-Type: multipart/form-data; boundary=mark", f"Authorization: Bearer {alice.token}", "", "--mark",
    ]  # fmt: skip
    with socket.create_connection(("127.0.0.1", topology.webs[0].port), timeout=15) as line:
        line.sendall("\r\n".join(head).encode())
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"too_long"' in answer


def _upload(topology: Topology, headers: dict[str, str], body: bytes, name: str, web: int) -> int:
    answer = httpx.post(
        f"{topology.webs[web].base_url}/api/v1/uploads",
        headers=headers,
        files={"file": (name, body)},
        timeout=30,
        trust_env=False,
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def _get(topology: Topology, headers: dict[str, str], path: str) -> httpx.Response:
    return httpx.get(f"{topology.webs[0].base_url}{path}", headers=headers, timeout=10, trust_env=False)
