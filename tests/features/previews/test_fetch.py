from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Iterator

import pytest

from chat.features.previews import fetch
from chat.features.previews.fetch import Failed
from chat.outside.guard import Forbidden
from tests.outside.internet import (
    OTHER,
    PUBLIC,
    PUBLIC_6,
    Page,
    SmallInternet,
    dripping,
    html,
    redirect,
    reply,
    silent,
    status,
)
from tests.outside.test_guard import REFUSED

HELLO = html("<title>Hello</title>")


async def refused(internet: SmallInternet, url: str, own_names: tuple[str, ...] = ()) -> str:
    with pytest.raises(Forbidden) as found:
        await fetch.get(url, fetch.HTML, internet, own_names)
    return found.value.reason


async def failed(internet: SmallInternet, url: str) -> str:
    with pytest.raises(Failed) as found:
        await fetch.get(url, fetch.HTML, internet)
    assert found.value.reason in fetch.REASONS
    return found.value.reason


# --- what is never asked


async def test_nothing_is_looked_up_or_connected_to_for_what_is_refused(internet: SmallInternet) -> None:
    assert {url: await refused(internet, url) for url in REFUSED} == REFUSED
    assert (internet.lookups, internet.connected) == ([], [])


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1/", "//127.0.0.1/", "http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/", "http://localhost/",
        "http://inner.example.com/", "file:///etc/passwd", "gopher://site.example.com/", "ftp://site.example.com/",
        "http://site.example.com:22/", "http://me:pw@site.example.com/", "http:\\\\127.0.0.1\\", "http://１２７.0.0.1/",
    ],
)  # fmt: skip
async def test_redirect_to_what_is_refused_is_not_followed(
    internet: SmallInternet, code: int, to: str
) -> None:
    # As servers write it: the bytes of UTF-8.
    written = to.encode().decode("latin-1")
    url = internet.serve("site.example.com/", redirect(written, code))
    internet.names["inner.example.com"] = [["10.0.0.1"]]
    await refused(internet, url)
    assert internet.connected == [(PUBLIC, 80)]


async def test_refresh_of_a_page_is_not_followed(internet: SmallInternet) -> None:
    inner = '<meta http-equiv="refresh" content="0; url=http://127.0.0.1/"><title>Here</title>'
    url = internet.serve("site.example.com/", html(inner))
    answer = await fetch.get(url, fetch.HTML, internet)
    assert b"Here" in answer.body
    assert internet.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.1.2.3"],
        ["127.0.0.1"],
        [PUBLIC, "192.168.0.1"],
        [PUBLIC, "::1"],
        [PUBLIC, "fd00::1"],
        [PUBLIC_6, "64:ff9b::a00:1"],
        [PUBLIC, PUBLIC, PUBLIC, PUBLIC, "169.254.169.254"],
        ["fe80::1%eth0"],
    ],
)
async def test_name_with_one_private_address_is_refused(
    internet: SmallInternet, addresses: list[str]
) -> None:
    url = internet.serve("site.example.com/", HELLO, addresses)
    assert await refused(internet, url) == "address"
    assert internet.connected == []


async def test_name_that_is_public_first_and_private_then_is_looked_up_once(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", HELLO, [PUBLIC], ["127.0.0.1"])
    await fetch.get(url, fetch.HTML, internet)
    assert internet.lookups == ["site.example.com"]
    assert internet.connected == [(PUBLIC, 80)]


async def test_name_that_turns_private_on_a_redirect_is_refused_there(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", redirect("/again"), [PUBLIC], ["127.0.0.1"])
    internet.serve("site.example.com/again", HELLO)
    assert await refused(internet, url) == "address"
    assert (internet.lookups, internet.connected) == (["site.example.com"] * 2, [(PUBLIC, 80)])


async def test_own_address_and_own_name_are_refused(internet: SmallInternet) -> None:
    mine = internet.serve("mine.example.com/", HELLO, [OTHER])
    internet.own.add(OTHER)
    assert await refused(internet, mine) == "own"
    internet.own.clear()
    assert await refused(internet, mine, ("mine.example.com",)) == "own"
    # Another name for the proxy that people reach us by.
    alias = internet.serve("alias.example.com/", HELLO, [OTHER])
    assert await refused(internet, alias, ("mine.example.com", "lost.example.com")) == "own"
    assert internet.connected == []


async def test_redirects_end_after_three(internet: SmallInternet) -> None:
    for number in range(5):
        internet.serve(f"site.example.com/{number}", redirect(f"/{number + 1}"))
    internet.serve("site.example.com/3", HELLO)
    answer = await fetch.get("http://site.example.com/0", fetch.HTML, internet)
    assert answer.url == "http://site.example.com/3"
    internet.serve("site.example.com/3", redirect("/4"))
    assert await refused(internet, "http://site.example.com/0") == "redirects"
    internet.serve("site.example.com/loop", redirect("/loop"))
    internet.connected.clear()
    assert await refused(internet, "http://site.example.com/loop") == "redirects"
    assert len(internet.connected) == 4


# --- what goes along


async def test_nothing_of_ours_goes_along(internet: SmallInternet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    url = internet.serve("site.example.com/", redirect("/next"))
    internet.serve("site.example.com/next", HELLO)
    await fetch.get(url, fetch.HTML, internet)
    for asked in internet.asked:
        assert asked.headers.keys() <= {
            "host", "user-agent", "accept", "accept-language", "accept-encoding", "connection", "",
        }  # fmt: skip
        assert asked.host == "site.example.com"
    assert [asked.path for asked in internet.asked] == ["/", "/next"]


async def test_tls_is_asked_by_name_and_its_certificate_is_checked(internet: SmallInternet) -> None:
    internet.serve("site.example.com/", HELLO)
    internet.serve("other.example.com/", HELLO)
    await fetch.get("https://site.example.com/", fetch.HTML, internet)
    assert (internet.asked[0].server_name, internet.asked[0].host) == ("site.example.com", "site.example.com")
    assert internet.connected == [(PUBLIC, 443)]
    assert await failed(internet, "https://other.example.com/") == "unreachable"


async def test_next_address_is_tried_when_nobody_answers_at_one(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", HELLO, [PUBLIC_6, PUBLIC])
    internet.dead.add(PUBLIC_6)
    await fetch.get(url, fetch.HTML, internet)
    assert internet.connected == [(PUBLIC_6, 80), (PUBLIC, 80)]


# --- what comes back is bounded


def drops() -> Iterator[bytes]:
    while True:
        yield b"x"


def flood() -> Iterator[bytes]:
    while True:
        yield b"<p>" * 4_096


@pytest.mark.parametrize("page", [silent, dripping(drops, 0.1)])
async def test_who_is_slow_is_left(
    internet: SmallInternet, monkeypatch: pytest.MonkeyPatch, page: Page
) -> None:
    monkeypatch.setattr(fetch, "WITHIN_S", 0.5)
    url = internet.serve("site.example.com/", page)
    async with asyncio.timeout(5):
        assert await failed(internet, url) == "slow"


async def test_time_of_all_redirects_is_one(internet: SmallInternet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "WITHIN_S", 0.6)
    url = internet.serve("site.example.com/", redirect("/next"))
    internet.serve("site.example.com/next", silent)
    assert await failed(internet, url) == "slow"
    assert fetch.REDIRECTS_MAX_COUNT == 3


def test_the_time_is_five_seconds_and_the_size_half_a_megabyte() -> None:
    assert (fetch.WITHIN_S, fetch.MAX_BYTES) == (5.0, 524_288)


async def test_endless_page_is_cut(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", dripping(flood))
    answer = await fetch.get(url, fetch.HTML, internet)
    assert (len(answer.body), answer.is_whole) == (fetch.MAX_BYTES, False)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_bomb_is_unpacked_no_further_than_the_bound(internet: SmallInternet, encoding: str) -> None:
    zeros = b"\0" * (64 * 1024 * 1024)
    packed = gzip.compress(zeros) if encoding == "gzip" else zlib.compress(zeros)
    url = internet.serve("site.example.com/", html(packed, Content_Encoding=encoding))
    answer = await fetch.get(url, fetch.HTML, internet)
    assert (len(answer.body), answer.is_whole) == (fetch.MAX_BYTES, False)


async def test_packed_page_is_read_although_nobody_asked_for_that(internet: SmallInternet) -> None:
    url = internet.serve("site.example.com/", html(gzip.compress(b"<title>Hi"), Content_Encoding="gzip"))
    assert (await fetch.get(url, fetch.HTML, internet)).body == b"<title>Hi"
    broken = internet.serve("site.example.com/broken", html(b"<title>Hi", Content_Encoding="gzip"))
    assert (await fetch.get(broken, fetch.HTML, internet)).is_whole is False
    strange = internet.serve("site.example.com/br", html(b"<title>Hi", Content_Encoding="br"))
    assert await failed(internet, strange) == "encoding"


@pytest.mark.parametrize(("length", "whole"), [("5", True), ("500", False)])
async def test_wrong_length_is_harmless(internet: SmallInternet, length: str, whole: bool) -> None:
    url = internet.serve("site.example.com/", html("<title>Hello", Content_Length=length))
    answer = await fetch.get(url, fetch.HTML, internet)
    assert (b"<title>Hello".startswith(answer.body), answer.is_whole) == (True, whole)


@pytest.mark.parametrize("length", ["-1", "x", "5, 6", "9" * 40])
async def test_length_that_is_none_is_harmless(internet: SmallInternet, length: str) -> None:
    url = internet.serve("site.example.com/", html("<title>Hello", Content_Length=length))
    assert await failed(internet, url) == "unreachable"


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/pdf", "image/svg+xml", "application/xml", "text/html-not", "video/mp4"],
)
async def test_only_some_types_are_read(internet: SmallInternet, kind: str) -> None:
    url = internet.serve("site.example.com/", reply(b"<title>Hello", kind))
    assert await failed(internet, url) == "type"


@pytest.mark.parametrize("code", [204, 206, 304, 400, 401, 404, 500])
async def test_only_a_success_is_read(internet: SmallInternet, code: int) -> None:
    url = internet.serve("site.example.com/", status(code))
    assert await failed(internet, url) == "status"


async def test_who_does_not_speak_http_is_left(internet: SmallInternet) -> None:
    async def noise(writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9\r\n" * 10)

    async def headers(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000)

    for page in (noise, headers):
        url = internet.serve("site.example.com/", page)
        assert await failed(internet, url) == "unreachable"
    assert await failed(internet, "http://nowhere.example.com/") == "unreachable"
