from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from scripts.services import Worker
from scripts.services.process import until
from tests.features.previews import worker
from tests.features.previews.test_explore import PNG
from tests.flows.topology import Topology
from tests.outside.internet import (
    OTHER,
    PUBLIC,
    SmallInternet,
    html,
    redirect,
    reply,
    small_internet,
)

pytestmark = pytest.mark.slow

PAGE = '<title>A page</title><meta property="og:image" content="http://img.example.com/i.png">'
_SOON_S = 30.0


@pytest.fixture
def internet(tmp_path: Path) -> Iterator[SmallInternet]:
    with small_internet(tmp_path) as running:
        running.serve("site.example.com/", html(PAGE))
        running.serve("img.example.com/i.png", reply(PNG, "image/png"), [OTHER])
        running.serve("inner.example.com/", html("<title>Inner</title>"), ["10.0.0.1"])
        running.serve("site.example.com/inside", redirect("http://169.254.169.254/"))
        yield running


@contextmanager
def working(topology: Topology, internet: SmallInternet, notes: Path) -> Iterator[None]:
    env = topology.env | {worker.ENV: worker.described(internet, notes)}
    process = Worker(topology.folder, env=env, concurrency=2)
    process.command = [*process.command, "--include", worker.__name__]
    with process:
        yield


async def test_a_preview_reaches_readers_elsewhere_and_goes_when_its_author_says_so(
    topology: Topology, internet: SmallInternet, tmp_path: Path
) -> None:
    alice, bob, carol = topology["alice"], topology["bob"], topology["carol"]
    room = topology.room(alice, bob)
    body = "see http://site.example.com/ http://inner.example.com/ http://127.0.0.1/ http://site.example.com/inside"
    process = await topology.run(lambda: working(topology, internet, tmp_path / "notes"))
    await topology.run(process.__enter__)
    try:
        async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
            posted = await writer.post(room, body)
            await reader.reads(room, posted["seq"] + 1, _SOON_S)
            attached = reader.changes[room][-1]
            (preview,) = attached["message"]["previews"]
            assert (attached["type"], preview["title"]) == ("preview.attached", "A page")
            picture = _get(topology, bob.headers, preview["image"])
            assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
            assert _get(topology, carol.headers, preview["image"]).status_code == 404
            removed = await writer.command("preview.remove", message=posted["id"], url=preview["url"])
            await writer.command("message.edit", message=posted["id"], body=f"still {body}")
            await reader.reads(room, removed["seq"] + 1, _SOON_S)
            assert await topology.run(until, lambda: _open_count(topology) == 0, _SOON_S)
            assert [change["type"] for change in reader.changes[room]][-2:] == [
                "preview.removed",
                "message.edited",
            ]
            assert reader.changes[room][-1]["message"]["previews"] == []
            assert writer.faults == reader.faults == []
    finally:
        await topology.run(process.__exit__, None, None, None)
    assert {line.split()[3] for line in (tmp_path / "notes").read_text().splitlines()} == {PUBLIC, OTHER}


def test_many_tasks_of_a_worker_never_meet_a_closed_or_foreign_loop(
    topology: Topology, internet: SmallInternet, tmp_path: Path
) -> None:
    alice = topology["alice"]
    room = topology.room(alice)
    count = 40
    for number in range(count):
        internet.serve(f"site.example.com/{number}", html(f"<title>Page {number}</title>"))
        topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": f"http://site.example.com/{number}"})

    def attached_count() -> int:
        return sum(kind == "preview.attached" for _, kind in topology.log(room))

    with working(topology, internet, tmp_path / "notes"):
        # One is enough to wake a worker up; it finds what was posted while there was none.
        topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "http://site.example.com/0 again"})
        assert until(lambda: attached_count() == count + 1, 60), attached_count()
    lines = [line.split() for line in (tmp_path / "notes").read_text().splitlines()]
    loops = {pid: {loop for other, loop, _, _ in lines if other == pid} for pid, *_ in lines}
    assert len(lines) >= count
    assert all(len(found) == 1 for found in loops.values()), loops
    assert {made for _, _, made, _ in lines} == {"1"}
    assert _failed(topology) == []


def _get(topology: Topology, headers: dict[str, str], path: str) -> httpx.Response:
    return httpx.get(f"{topology.webs[0].base_url}{path}", headers=headers, timeout=10, trust_env=False)


def _open_count(topology: Topology) -> int:
    query = "SELECT count(*) FROM chat_outboxentry WHERE task = 'chat.previews.attach' AND done_at IS NULL"
    return int(topology.rows(query)[0][0])


def _failed(topology: Topology) -> list[str]:
    query = "SELECT last_error FROM chat_outboxentry WHERE task = 'chat.previews.attach' AND last_error <> ''"
    return [error for (error,) in topology.rows(query)]
