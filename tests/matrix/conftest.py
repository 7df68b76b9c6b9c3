"""The whole application with everybody in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chat.api import erasure
from chat.features.notifications.push import keys
from chat.live import roll_call, seen
from tests.matrix.asking import ORIGIN, Asker
from tests.matrix.stage import SIGNED_IN, Crew, House, make_crew


@pytest.fixture(autouse=True)
def _without_limits(configure: Callable[..., None]) -> None:
    much = 1_000_000
    erasure._tries.cache_clear()
    configure(
        FRAMES_PER_S=much, FRAMES_BURST=much, SENDS_PER_S=much, SENDS_BURST=much,
        SEARCHES_PER_S=much, SEARCHES_BURST=much,
        CONNECTIONS_PER_USER=much, CONNECTIONS_PER_IP=much, GROUP_COMMIT_MS=0.5,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _no_roll_call(monkeypatch: pytest.MonkeyPatch) -> None:
    # It tells of read markers that posts have moved, whenever a minute is over; here every frame is an answer.
    monkeypatch.setattr(roll_call, "_PACE_S", 86_400.0)


@pytest.fixture(autouse=True)
def _no_word_of_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    # It comes a second after somebody has read, while others are being denied something.
    monkeypatch.setattr(seen, "GATHER_S", 86_400.0)


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.EXPORT_ROOT = tmp_path / "exports"


@pytest.fixture(autouse=True)
def _push(settings: Any) -> None:
    settings.WEB_PUSH, settings.VAPID_PRIVATE_KEY = True, keys.make()[0]


@pytest.fixture
def crew(transactional_db: None) -> Crew:
    return make_crew()


@pytest_asyncio.fixture
async def house(crew: Crew, runtime: Any, connect: Any) -> House:
    sockets = {}
    for name in [*SIGNED_IN, "watch"]:
        sockets[name] = await connect(crew.tokens[name])
        await sockets[name].resume()
    return House(runtime, crew, sockets)


@pytest_asyncio.fixture
async def asker(house: House, connect: Any, application: Any) -> AsyncIterator[Asker]:
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}/api/v1/", timeout=30) as client:
        yield Asker(house, connect, client)
