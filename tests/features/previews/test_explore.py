from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from chat import metrics
from chat.features.previews import explore, fetch
from tests.outside.internet import SmallInternet, html, reply, silent, status


def png() -> bytes:
    written = BytesIO()
    Image.new("RGB", (80, 60)).save(written, "PNG")
    return written.getvalue()


PNG = png()
PAGE = '<title>Hello</title><meta property="og:image" content="http://img.example.com/i.png">'
OEMBED = '<link rel="alternate" type="application/json+oembed" href="/oembed">'


async def test_page_and_its_picture_are_found(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", html(PAGE))
    internet.serve("img.example.com/i.png", reply(PNG, "image/png"))
    found = await explore.one(url, internet)
    assert found.facts is not None
    assert (found.facts.title, found.facts.site, found.picture) == ("Hello", "site.example.com", PNG)


async def test_page_without_its_picture_is_a_page(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", html(PAGE))
    for answered in (status(404), reply(b"<svg>", "image/svg+xml"), reply(b"x" * 600_000, "image/png")):
        internet.serve("img.example.com/i.png", answered)
        found = await explore.one(url, internet)
        assert found.facts is not None
        assert (found.facts.title, found.picture) == ("Hello", None)


async def test_picture_inside_is_not_asked_for(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", html(PAGE), ["93.184.215.14"])
    internet.names["img.example.com"] = [["127.0.0.1"]]
    before = metrics.PREVIEWS_REFUSED.labels("address")._value.get()
    assert (await explore.one(url, internet)).picture is None
    assert len(internet.connected) == 1
    assert metrics.PREVIEWS_REFUSED.labels("address")._value.get() == before + 1


async def test_oembed_fills_in_what_the_page_does_not_say(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", html("<title>Watch</title>" + OEMBED))
    said = b'{"title": "Other", "author_name": "Mina", "thumbnail_url": "http://img.example.com/i.png"}'
    internet.serve("site.example.com/oembed", reply(said, "application/json"))
    internet.serve("img.example.com/i.png", reply(PNG, "image/png"))
    found = await explore.one(url, internet)
    assert found.facts is not None
    assert (found.facts.title, found.facts.description, found.picture) == ("Watch", "Mina", PNG)


async def test_oembed_goes_through_the_same_guard(internet: SmallInternet) -> None:
    inner = OEMBED.replace("/oembed", "http://169.254.169.254/latest")
    url = internet.serve("site.example.com/", html("<title>Watch</title>" + inner))
    found = await explore.one(url, internet)
    assert found.facts is not None
    assert len(internet.connected) == 1


async def test_link_to_a_picture_shows_the_picture(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/a/cat%20one.png", reply(PNG, "image/png"))
    found = await explore.one(url, internet)
    assert found.facts is not None
    assert (found.facts.title, found.picture) == ("cat one.png", PNG)
    large = internet.serve("site.example.com/large.png", reply(b"x" * 600_000, "image/png"))
    assert (await explore.one(large, internet)).failure == "large"


@pytest.mark.parametrize(
    ("url", "failure"),
    [
        ("http://127.0.0.1/", "address"),
        ("http://site.example.com/gone", "status"),
        ("http://site.example.com/", "empty"),
    ],
)
async def test_nothing_is_found_for_a_reason(internet: SmallInternet, url: str, failure: str) -> None:
    internet.serve("site.example.com/", html("<p>words"))
    found = await explore.one(url, internet)
    assert (found.facts, found.failure) == (None, failure)


async def test_links_are_explored_at_the_same_time(
    internet: SmallInternet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "WITHIN_S", 1.0)
    meeting = asyncio.Event()
    waiting: list[asyncio.StreamWriter] = []

    async def together(writer: asyncio.StreamWriter) -> None:
        waiting.append(writer)
        if len(waiting) == 4:
            meeting.set()
        await meeting.wait()
        await html("<title>Here</title>")(writer)

    urls = [internet.serve(f"site.example.com/{number}", together) for number in range(4)]
    urls.append(internet.serve("site.example.com/slow", silent))
    found = await explore.all_of(urls, internet)
    assert [one.failure for one in found] == ["", "", "", "", "slow"]
