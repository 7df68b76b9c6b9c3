from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from chat.features.notifications.push import keys, sealing, wire
from chat.features.notifications.push.parcels import TTL_S
from chat.features.notifications.push.wire import Answer, Outcome, Parcel
from tests.features.notifications.push.service import HOST, ORIGIN, SLOW, Browser, PushService
from tests.outside.internet import OTHER, PUBLIC


def parcel(browser: Browser, endpoint: str = "") -> Parcel:
    headers = {
        "Authorization": keys.authorization(ORIGIN, datetime.now(UTC)),
        "Content-Encoding": "aes128gcm",
        "TTL": str(TTL_S),
        "Topic": "room-1",
        "Urgency": "high",
    }
    body = sealing.seal(b'{"body": "hi"}', browser.body["p256dh"], browser.body["auth"])
    return Parcel(endpoint or browser.body["endpoint"], headers, body)


async def send(service: PushService, *lines: Sequence[Parcel]) -> list[list[Answer]]:
    return await asyncio.wait_for(wire.all_of(lines, service, ["chat.example.org"]), 20)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (201, "taken"), (200, "taken"), (202, "taken"), (404, "gone"), (410, "gone"), (429, "later"), (408, "later"),
        (500, "later"), (503, "later"), (400, "refused"), (401, "refused"), (403, "refused"), (413, "refused"),
        (301, "refused"), (307, "refused"),
    ],
)  # fmt: skip
async def test_each_status_means_something(service: PushService, status: int, outcome: str) -> None:
    browser = service.subscribe("a", (status, {"Location": "http://169.254.169.254/"}))
    ((answer,),) = await send(service, [parcel(browser)])
    assert answer.outcome == outcome
    if status >= 300:
        # On one line, and no tab.
        assert answer.said == f"{status} the push service says no"
    # Nobody was led anywhere.
    assert (service.tries, service.lookups.count(HOST)) == (["/a"], 1)


@pytest.mark.parametrize(
    ("given", "after_s"),
    [
        ("120", 120),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("1e9", 0),
        ("9" * 30, 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
async def test_a_push_service_may_say_when_to_come_again(
    service: PushService, given: str, after_s: int
) -> None:
    browser = service.subscribe("a", (429, {"Retry-After": given}))
    ((answer,),) = await send(service, [parcel(browser)])
    assert answer.after_s == after_s


async def test_a_date_is_as_good_as_seconds(service: PushService) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    browser = service.subscribe("a", (503, {"Retry-After": at}))
    ((answer,),) = await send(service, [parcel(browser)])
    assert 60 < answer.after_s <= 90


async def test_a_push_service_that_does_not_answer_is_left_soon(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "WITHIN_S", 0.5)
    slow, quick = service.subscribe("slow", SLOW), service.subscribe("quick")
    (first,), (second,) = await send(service, [parcel(slow)], [parcel(quick)])
    assert first == Answer(Outcome.LATER, "no answer within 0.5 s")
    assert second.outcome == Outcome.TAKEN


async def test_a_name_that_leads_into_a_private_network_is_not_connected_to(service: PushService) -> None:
    browser = service.subscribe("a")
    for number, addresses in enumerate((["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["fd00:ec2::254"])):
        host = f"inner{number}.example.com"
        service.names[host] = [addresses]
        ((answer,),) = await send(service, [parcel(browser, f"https://{host}/x")])
        assert answer == Answer(Outcome.REFUSED, "not asked: address")
    assert service.connected == []


async def test_a_name_that_is_another_one_the_second_time_is_looked_up_once(service: PushService) -> None:
    browser = service.subscribe("a")
    service.names[HOST] = [[PUBLIC], ["127.0.0.1"]]
    ((answer,),) = await send(service, [parcel(browser)])
    assert answer.outcome == Outcome.TAKEN
    assert service.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ("https://chat.example.org/x", "own"),
        ("https://localhost/x", "name"),
        ("https://10.0.0.1/x", "address"),
    ],
)
async def test_what_was_stored_is_checked_again(service: PushService, endpoint: str, reason: str) -> None:
    ((answer,),) = await send(service, [parcel(service.subscribe("a"), endpoint)])
    assert answer == Answer(Outcome.REFUSED, f"not asked: {reason}")
    assert service.connected == []


async def test_a_push_service_that_is_away_or_somebody_else_is_asked_later(service: PushService) -> None:
    browser = service.subscribe("a")
    service.names["other.example.com"] = [[OTHER]]
    service.dead.add(PUBLIC)
    for endpoint in ("", "https://gone.example.com/a", "https://other.example.com/a"):
        ((answer,),) = await send(service, [parcel(browser, endpoint)])
        # Nobody there, no such name, and a certificate for another name.
        assert answer == Answer(Outcome.LATER, "ConnectError")
    assert service.tries == []


async def test_of_a_line_nothing_is_tried_after_a_failure_that_concerns_all_of_it(
    service: PushService,
) -> None:
    gone, busy, strict = (
        service.subscribe("gone", 410), service.subscribe("busy", 201, 500), service.subscribe("strict", 413)
    )  # fmt: skip
    answers = await send(service, *([parcel(browser)] * 3 for browser in (gone, busy, strict)))
    assert [[answer.outcome.value for answer in line] for line in answers] == [
        ["gone"], ["taken", "later"], ["refused", "taken", "taken"],
    ]  # fmt: skip
