"""One request to a push service, through the guard: bounded in time, no redirect, and what the answer means."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

import httpcore
import httpx

from chat import metrics
from chat.models.notifications import SAID_MAX_CHARS
from chat.outside.guard import Forbidden
from chat.outside.network import Network, Transport

# From the name to the end of the answer.
WITHIN_S = 8.0
_SAID_MAX_BYTES = 600
_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429})


class Outcome(StrEnum):
    """What became of a request."""

    TAKEN = "taken"
    # The subscription has ended.
    GONE = "gone"
    # Another try may succeed.
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent for one browser: encrypted, with the headers of RFC 8030 and 8292."""

    endpoint: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a push service has said; `after_s` is for how long it wants to be left alone."""

    outcome: Outcome
    said: str = ""
    after_s: int = 0


async def all_of(
    lines: Sequence[Sequence[Parcel]], network: Network, own_names: Collection[str]
) -> list[list[Answer]]:
    """Send several lines of parcels at the same time, each line one after the other.

    Of a line in which one comes back, or is to come later, the rest is not tried: fewer answers than parcels.
    """
    return await asyncio.gather(*(_line(parcels, network, own_names) for parcels in lines))


async def _line(parcels: Sequence[Parcel], network: Network, own_names: Collection[str]) -> list[Answer]:
    answers: list[Answer] = []
    for parcel in parcels:
        answers.append(await one(parcel, network, own_names))
        if answers[-1].outcome in (Outcome.GONE, Outcome.LATER):
            break
    return answers


async def one(parcel: Parcel, network: Network, own_names: Collection[str]) -> Answer:
    """Send a parcel. Never raises for what the other side does."""
    try:
        async with asyncio.timeout(WITHIN_S):
            answer = await _ask(parcel, network, own_names)
    except Forbidden as refused:
        answer = Answer(Outcome.REFUSED, f"not asked: {refused.reason}")
    except (TimeoutError, httpcore.TimeoutException):
        answer = Answer(Outcome.LATER, f"no answer within {WITHIN_S:g} s")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ConnectionNotAvailable, OSError) as error:
        # Also what is wrong with a certificate.
        answer = Answer(Outcome.LATER, type(error).__name__)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.UnsupportedProtocol, ValueError):
        # It was checked when it was stored; nothing of it may end the turn of the others.
        answer = Answer(Outcome.REFUSED, "not asked: url")
    metrics.PUSHES.labels(answer.outcome.value).inc()
    return answer


async def _ask(parcel: Parcel, network: Network, own_names: Collection[str]) -> Answer:
    request = httpx.Request("POST", parcel.endpoint, headers=dict(parcel.headers), content=parcel.body)
    async with Transport(network, own_names) as transport:
        response = await transport.handle_async_request(request)
        try:
            code = response.status_code
            if 200 <= code < 300:
                return Answer(Outcome.TAKEN)
            said = f"{code} {await _beginning(response)}".strip()[:SAID_MAX_CHARS]
            if code in _GONE:
                return Answer(Outcome.GONE, said)
            if code in _LATER or code >= 500:
                return Answer(Outcome.LATER, said, _after_s(response.headers.get("Retry-After", "")))
            # Redirects too: a push service has none, and where one leads was not checked.
            return Answer(Outcome.REFUSED, said)
        finally:
            await response.aclose()


async def _beginning(response: httpx.Response) -> str:
    """Return the first words of an answer, on one line."""
    found = bytearray()
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    async for part in stream:
        found += part[: _SAID_MAX_BYTES - len(found)]
        if len(found) >= _SAID_MAX_BYTES:
            break
    text = found.decode("utf-8", "replace")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _after_s(text: str) -> int:
    """Read Retry-After: seconds or a date; 0 for neither."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, int((at - datetime.now(UTC)).total_seconds()))
