"""HTTP clients of the whole application, in process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from channels.layers import channel_layers
from django.conf import settings
from django.db.backends.signals import connection_created
from django.test import Client

from chat.models import User
from chat.pipeline.runtime import Runtime
from chatproject.asgi import compose
from tests.cast import Cast

ORIGIN = "http://localhost:8000"
CSRF = "c" * 32
Door = Callable[..., httpx.AsyncClient]


@pytest_asyncio.fixture
async def door(application: Any, cast: Cast) -> AsyncIterator[Door]:
    """Make a client of the API for one of the cast, or for nobody: `door(cast.alice)`."""
    opened: list[httpx.AsyncClient] = []

    def open_door(user: User | None = None, **headers: str) -> httpx.AsyncClient:
        if user is not None:
            headers["authorization"] = f"Bearer {cast.token(user)}"
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(application, raise_app_exceptions=False),
            base_url=f"{ORIGIN}/api/v1/",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            timeout=30,
        )
        opened.append(client)
        return client

    yield open_door
    for client in opened:
        await client.aclose()


@pytest.fixture
def session(cast: Cast) -> str:
    """Return a session key of Alice, as the sign-in page makes it."""
    browser = Client()
    browser.force_login(cast.alice)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal, whose shape is checked."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) - {"after_ms"} == {"code", "detail", "retry"}
    assert response.headers["content-type"] == "application/json"
    return response.status_code, body["error"]["code"]


@dataclass
class Queries:
    """The statements of every thread, in the order in which they were run."""

    seen: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.seen.clear()

    def count(self) -> int:
        return sum(not sql.startswith(("SET ", "PRAGMA", "SELECT 1")) for sql in self.seen)


@pytest.fixture
def queries() -> Iterator[Queries]:
    """Record the statements of all connections that are opened from here on."""
    found = Queries()

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.seen.append(sql)
        return execute(sql, params, many, context)

    def watch(connection: Any, **_: Any) -> None:
        if record not in connection.execute_wrappers:
            connection.execute_wrappers.append(record)

    connection_created.connect(watch)
    yield found
    connection_created.disconnect(watch)


Fuzzed = Callable[[str, str, list[str], object], int]


@pytest.fixture
def fuzzed(cast: Cast) -> Iterator[Fuzzed]:
    """Ask as Bob from a synchronous test, again and again of the same application; returns the status."""
    channel_layers.backends.clear()
    running = Runtime()
    with asyncio.Runner() as runner:
        runner.run(running.start())
        transport = httpx.ASGITransport(compose(running), raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {cast.token(cast.bob)}"}
        client = httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/api/v1/", headers=headers)

        def ask(method: str, path: str, words: list[str], body: object) -> int:
            address = path.format(*(quote(word, safe="") for word in words))
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return runner.run(client.request(method, address, content=content)).status_code

        yield ask
        runner.run(client.aclose())
        runner.run(running.stop())
