from __future__ import annotations

import io
import zipfile
from functools import partial
from typing import Any

import httpx
import pytest

from scripts.services import Worker, manage
from scripts.services.process import until
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

_SOON_S = 40
_WAKE = "from chat.features.exports import tasks; tasks.wake()"
# The database of Celery's results, two after the named one.
_RESULTS = 2


def _ask(topology: Topology, person: Person) -> dict[str, Any]:
    found: dict[str, Any] = topology.ask(person, "POST", "/exports", {})
    return found


def _seen(topology: Topology, person: Person, export: int) -> dict[str, Any]:
    found: dict[str, Any] = topology.ask(person, "GET", f"/exports/{export}", web=1)
    return found


def _is(topology: Topology, person: Person, export: int, *states: str) -> bool:
    return _seen(topology, person, export)["state"] in states


def _is_told(topology: Topology, person: Person, export: int) -> bool:
    return bool(_seen(topology, person, export)["step"])


def _fetched(topology: Topology, person: Person, link: str, **headers: str) -> httpx.Response:
    url = f"http://127.0.0.1:{topology.nginx.port}{link}"
    return httpx.get(url, headers=person.headers | headers, timeout=10, trust_env=False)


def _files(topology: Topology) -> list[str]:
    return sorted(path.name for path in (topology.folder / "exports").glob("*"))


def _name(topology: Topology, export: int) -> str:
    return str(topology.rows("SELECT name FROM chat_export WHERE id = %s", export)[0][0])


def test_an_export_comes_through_a_killed_worker_and_is_fetched_through_nginx(topology: Topology) -> None:
    alice = topology["alice"]
    room = topology.room(alice)
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "what Alice has said"})
    deadly = Worker(topology.folder, env=topology.env | {"FAILPOINTS": "export.page=kill@5"}, name="deadly")
    with deadly:
        export = _ask(topology, alice)["id"]
        killed = partial(topology.rows, "SELECT id FROM chat_export WHERE id = %s AND tries > 0", export)
        assert until(lambda: bool(killed()), _SOON_S)
        assert until(lambda: b"SIGKILL" in (topology.folder / "deadly.log").read_bytes(), _SOON_S)
        deadly.kill()
    assert _is(topology, alice, export, "running")
    # Its claim ends, as it would after a minute.
    topology.rows("UPDATE chat_export SET claimed_until = now() WHERE id = %s RETURNING id", export)
    with Worker(topology.folder, env=topology.env):
        manage(["shell", "--no-imports", "-c", _WAKE], topology.env)
        assert until(lambda: _is(topology, alice, export, "ready", "failed"), _SOON_S)
    found = _seen(topology, alice, export)
    assert (found["state"], found["percent"]) == ("ready", 100)
    whole = _fetched(topology, alice, found["download"])
    assert (whole.status_code, len(whole.content)) == (200, found["bytes"])
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert archive.testzip() is None
        assert b"what Alice has said" in archive.read("messages-000001.jsonl")
    rest = _fetched(topology, alice, found["download"], Range="bytes=100-")
    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    assert _fetched(topology, topology["bob"], found["download"]).status_code == 404
    topology.ask(alice, "GET", f"/exports/{export}")
    assert topology.call(alice, "DELETE", f"/exports/{export}").status_code == 204
    assert f"{_name(topology, export)}.zip" not in _files(topology)


def test_progress_comes_through_redis_and_a_cancel_ends_it_in_the_middle(topology: Topology) -> None:
    bob = topology["bob"]
    results = topology.redis.connect(_RESULTS)
    slow = topology.env | {"FAILPOINTS": "export.page=pause:0.7"}
    with Worker(topology.folder, env=slow, name="slow"):
        export = _ask(topology, bob)["id"]
        name = _name(topology, export)
        # A step that the row does not know yet: it is written every four seconds.
        assert until(lambda: _is_told(topology, bob, export), _SOON_S)
        assert topology.rows("SELECT step FROM chat_export WHERE id = %s", export) == [("",)]
        told = results.get(f"celery-task-meta-{name}")
        assert b'"PROGRESS"' in bytes(told)  # type: ignore[arg-type]  # the stubs know of clients that wait, too
        assert f"{name}.zip" in _files(topology)
        results.flushdb()
        assert _is(topology, bob, export, "running")
        assert topology.call(bob, "DELETE", f"/exports/{export}").status_code == 204
        assert _is(topology, bob, export, "cancelled")
        assert f"{name}.zip" not in _files(topology)
        # Whoever was writing it has noticed when the next one is written, which needs the same worker.
        other = _ask(topology, bob)["id"]
        assert until(lambda: _is(topology, bob, other, "ready", "failed"), _SOON_S)
    assert _is(topology, bob, other, "ready")
    assert b'"SUCCESS"' in bytes(results.get(f"celery-task-meta-{_name(topology, other)}"))  # type: ignore[arg-type]
    assert _is(topology, bob, export, "cancelled")
    assert f"{name}.zip" not in _files(topology)
    results.close()
