"""A browser, an installation that nobody has used yet, and how a page is read."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Protocol

import httpx
import pytest
import pytest_asyncio
from django.core.cache import cache
from django.test import Client

from chat.models import Room, Workspace
from chat.pages import mail
from tests.cast import Cast

ORIGIN = "http://localhost:8000"
PASSWORD = "three warm floors"


@pytest.fixture(autouse=True)
def _no_counters() -> Iterator[None]:
    cache.clear()
    yield
    mail.flush()


@pytest.fixture
def fresh(transactional_db: None) -> None:
    """An installation right after its first migration."""
    Workspace.objects.get_or_create(pk=1)
    Room.objects.get_or_create(slug="lobby", defaults={"name": "Lobby", "kind": Room.Kind.OPEN})


@pytest.fixture
def browser() -> Client:
    """A browser that nobody has signed in with."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def alice(cast: Cast) -> Client:
    """Alice's browser, signed in."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.alice)
    return client


@pytest_asyncio.fixture
async def asked(application: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The whole application over ASGI, with its runtime."""
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=30) as client:
        yield client


@dataclass
class Seen(HTMLParser):
    """What matters of a page."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a kind."""
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def text(self) -> str:
        """Return everything that can be read."""
        return " ".join(" ".join(self.texts).split())


class Answer(Protocol):
    """What every kind of response has."""

    @property
    def content(self) -> bytes:
        """Return the body."""


def seen(response: Answer) -> Seen:
    """Read a page."""
    page = Seen()
    page.feed(response.content.decode())
    return page


def config_of(response: Answer) -> dict[str, Any]:
    """Return what the shell tells the single page."""
    found = re.search(
        r'<script id="config" type="application/json">(.*?)</script>', response.content.decode()
    )
    assert found is not None
    config: dict[str, Any] = json.loads(found[1])
    return config


def csrf_of(text: str) -> str:
    """Return the token of a form."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert found is not None
    return found[1]
