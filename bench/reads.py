"""Workload (g): a page of history over REST, a resume of 50 rooms, a search."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from websockets.sync.client import connect

from bench import machine
from bench.figures import Figures, quantile
from bench.grounds import Grounds
from bench.load import Failed, Target
from bench.plan import Measured, Plan, Workload
from bench.scenes import HISTORY_COUNT, MISSED_COUNT
from bench.servers import Server

_WARMUP_COUNT = 5
_SEARCH = "/api/v1/search"


def reads(grounds: Grounds, server: Server, plan: Plan) -> Iterator[Measured]:
    """Measure one reader who asks one thing after the other."""
    with server.start(grounds, "reads") as target, machine.on_core(machine.cores().others):
        asking = _Rest(target)
        if plan.wants("g", "history"):
            yield Measured("history", _timed(target, plan.seconds, asking.history))
        if plan.wants("g", "resume"):
            yield Measured("resume", _timed(target, plan.seconds, _Resumes(target).resume))
        if plan.wants("g", "search"):
            if asking.has_search():
                yield Measured("search", _timed(target, plan.seconds, asking.search))
            else:
                yield Measured("search", None, "there is no search yet")


class _Rest:
    """A program that asks over one connection."""

    def __init__(self, target: Target) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", target.ports[0], timeout=20)
        self._headers = _sign_in(target)
        self._room = target.room_base

    def history(self) -> float:
        """Read 50 messages from anywhere in 10,000."""
        before = random.randint(51, HISTORY_COUNT)
        took_s, found = self._get(f"/api/v1/rooms/{self._room}/messages?limit=50&before={before}")
        if len(found["items"]) != 50:
            raise Failed(f"a page of {len(found['items'])} messages instead of 50")
        return took_s

    def search(self) -> float:
        """Find a word that is in one message of each room."""
        return self._get(f"{_SEARCH}?q={random.randint(1, MISSED_COUNT)}")[0]

    def has_search(self) -> bool:
        """Tell whether the server knows how."""
        return _SEARCH in self._get("/api/v1/openapi.json")[1]["paths"]

    def _get(self, path: str) -> tuple[float, Any]:
        began = time.perf_counter()
        self._http.request("GET", path, headers=self._headers)
        response = self._http.getresponse()
        text = response.read()
        took_s = time.perf_counter() - began
        if response.status != 200:
            raise Failed(f"{path}: {response.status} {text[:200]!r}")
        return took_s, json.loads(text)


class _Resumes:
    """A client that comes back to 50 rooms and has missed 20 messages in each."""

    def __init__(self, target: Target) -> None:
        self._url = f"ws://127.0.0.1:{target.ports[0]}{target.path}"
        self._headers = _sign_in(target)
        first = self._talk({"type": "resume", "ref": 1, "epoch": None, "rooms": {}})[1][0]["result"]
        held = {
            str(room["id"]): max(0, room["last_seq"] - MISSED_COUNT)
            for room in first["rooms"]
            if room["id"] != target.room_base
        }
        self._ask = {"type": "resume", "ref": 1, "epoch": first["epoch"], "rooms": held}
        self._missed_count = len(held) * MISSED_COUNT

    def resume(self) -> float:
        """Take the conversation up and read everything up to `synced`."""
        took_s, frames = self._talk(self._ask)
        count = sum(frame["type"] == "message.posted" for frame in frames)
        if count != self._missed_count:
            raise Failed(f"{count} messages came instead of {self._missed_count}")
        return took_s

    def _talk(self, ask: dict[str, Any]) -> tuple[float, list[dict[str, Any]]]:
        frames: list[dict[str, Any]] = []
        with connect(
            self._url, additional_headers=self._headers, compression=None, max_size=None, proxy=None
        ) as socket:
            socket.recv(20)
            began = time.perf_counter()
            socket.send(json.dumps(ask))
            while not frames or frames[-1]["type"] != "synced":
                found = json.loads(socket.recv(20))
                frames += found if isinstance(found, list) else [found]
            return time.perf_counter() - began, frames


def _sign_in(target: Target) -> dict[str, str]:
    assert target.headers_file is not None
    name, _, value = target.headers_file.read_text(encoding="utf-8").splitlines()[0].partition(": ")
    return {name: value}


def _timed(target: Target, seconds: float, ask: Callable[[], float]) -> Figures:
    for _ in range(_WARMUP_COUNT):
        ask()
    (pid,) = target.processes.values()
    cpu_s, began, times = machine.cpu_s(pid), time.perf_counter(), []
    while time.perf_counter() - began < seconds:
        times.append(ask())
    cpu_s = machine.cpu_s(pid) - cpu_s
    return {
        "count": len(times),
        "cpu_us": cpu_s * 1e6 / len(times),
        "p50_ms": quantile(times, 0.5) * 1_000,
        "p95_ms": quantile(times, 0.95) * 1_000,
    }


READS = (
    Workload(
        letter="g",
        title="Reading, one client that asks one thing after the other",
        points={
            "history": "50 messages out of 10,000, over REST",
            "resume": "resume of 50 rooms, 20 messages missed in each, up to `synced`",
            "search": "a search",
        },
        servers=("maru", "maru-postgres"),
        lasts_s=9,
        measure=reads,
    ),
)
