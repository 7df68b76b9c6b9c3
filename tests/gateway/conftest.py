from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chat import conf
from tests.gateway.wire import ServerProcess


@pytest.fixture
def slow_refill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets that hold what they hold: how fast the machine is must not decide how many frames pass."""
    slow = replace(conf.get(), FRAMES_PER_S=0.001, SENDS_PER_S=0.001)
    monkeypatch.setattr(conf, "get", lambda: slow)


StartServer = Callable[..., ServerProcess]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The server with its default limits."""
    process = ServerProcess(tmp_path_factory.mktemp("server") / "log")
    yield process
    process.kill()


@pytest.fixture(scope="session")
def strict_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The same with short deadlines and small limits; only for tests that run into them."""
    limits = {
        "message_s": 0.5,
        "fragments_count": 20,
        "close_s": 0.5,
        "handshake_s": 0.5,
        "header_s": 0.5,
        "body_s": 0.2,
        "body_bytes": 100_000,
        "larger_bodies": [["/large", 300_000], ["/tiny", 1000]],
        "application_close_s": 0.5,
    }
    process = ServerProcess(tmp_path_factory.mktemp("strict") / "log", limits=limits)
    yield process
    process.kill()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """A server of one's own, for tests that end it or count its bytes."""
    started: list[ServerProcess] = []

    def start(**options: Any) -> ServerProcess:
        process = ServerProcess(tmp_path / f"log-{len(started)}", **options)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
