"""What tests share: a database that other threads see, the cast, a runtime, and the application to talk to."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import blockbuster.blockbuster
import pytest
import pytest_asyncio
from channels.layers import channel_layers
from django.conf import settings
from django.test import TransactionTestCase

from chat import conf, database
from tests.cast import Cast, make_cast
from tests.emptying import empty_tables
from tests.socket_client import Socket


@pytest.fixture(scope="session", autouse=True)
def _fast_passwords() -> None:
    # The real hasher takes a fifth of a second on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _fast_emptying() -> None:
    TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fail a test in which our code blocks the event loop, also where the exception was caught on its way."""
    if not inspect.iscoroutinefunction(request.function):
        yield
        return
    calls: list[str] = []

    class Noted(blockbuster.BlockingError):
        def __init__(self, func: str) -> None:
            super().__init__(func)
            calls.append(func)

    monkeypatch.setattr(blockbuster.blockbuster, "BlockingError", Noted)
    with blockbuster.blockbuster_ctx("chat") as watch:
        # Once in a process's life: modules are imported, redis reads its own version. And the log.
        for function in watch.functions.values():
            function.can_block_in("logging/__init__.py", "emit")
            function.can_block_in("redis/utils.py", "get_lib_version")
            function.can_block_in("<frozen importlib._bootstrap>", "_find_and_load")
        yield
    assert calls == [], "blocked the event loop"


@pytest.fixture
def configure(settings: Any) -> Iterator[Callable[..., None]]:
    """Change limits: `configure(SENDS_BURST=3)`; what is read once at the start must be set before that."""

    def change(**values: Any) -> None:
        for name, value in values.items():
            setattr(settings, name, value)
        conf.get.cache_clear()

    yield change
    conf.get.cache_clear()


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Make the people and rooms of tests/cast.py."""
    return make_cast()


@pytest_asyncio.fixture
async def runtime() -> AsyncIterator[Any]:
    """A running hub and committer over the in-memory layer."""
    from chat.pipeline.runtime import Runtime

    channel_layers.backends.clear()
    running = Runtime()
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture
async def application(runtime: Any) -> AsyncIterator[Any]:
    """The whole ASGI application around the runtime."""
    from chatproject.asgi import compose

    yield compose(runtime)


@pytest_asyncio.fixture
async def connect(application: Any) -> AsyncIterator[Any]:
    """Open sockets to the application: `await connect(token, path="/ws/v1/")`."""
    opened: list[Socket] = []

    async def open_socket(
        token: str | None = None,
        path: str = "/ws/v1/",
        *,
        subprotocols: Sequence[str] = (),
        address: str | None = None,
        **headers: str,
    ) -> Socket:
        socket = Socket(application, path, token, headers, subprotocols=subprotocols, address=address)
        opened.append(socket)
        await socket.open()
        return socket

    yield open_socket
    await asyncio.gather(*(socket.close() for socket in opened))


@pytest.fixture(autouse=True)
def _caches_of_threads() -> Iterator[None]:
    """Close the connections of the pools' threads, so that the next test may empty the tables."""
    yield
    database.close_all()
