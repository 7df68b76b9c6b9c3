from __future__ import annotations

from typing import Any

import httpx
import pytest
from django.conf import settings as project
from pydantic import TypeAdapter

from chat import database
from chat.api import shapes
from chat.features.notifications.push import keys, subscriptions, trial
from chat.models import OutboxEntry, PushSubscription
from tests.api.conftest import CSRF, ORIGIN, Door, error_of
from tests.cast import Cast
from tests.features.notifications.push.service import Browser, encoded
from tests.make import post

PUSH = TypeAdapter(shapes.Push)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture(autouse=True)
def key(settings: Any) -> str:
    settings.WEB_PUSH = True
    settings.VAPID_PRIVATE_KEY, public = keys.make()
    return public


async def listed(client: httpx.AsyncClient) -> list[Any]:
    return list(PUSH.validate_json((await client.get("me/push")).content)["subscriptions"])


async def test_who_has_no_browser_gets_the_key_for_one(
    door: Door, cast: Cast, key: str, settings: Any
) -> None:
    assert (await door(cast.bob).get("me/push")).json() == {"key": key, "subscriptions": []}
    settings.WEB_PUSH = False
    assert (await door(cast.bob).get("me/push")).json() == {"key": None, "subscriptions": []}


async def test_a_browser_is_added_listed_and_removed(door: Door, cast: Cast) -> None:
    bob = door(cast.bob, user_agent=FIREFOX)
    made = await bob.post("me/push", json=Browser("/a").body)
    assert made.status_code == 201
    shape = TypeAdapter(shapes.PushSubscription).validate_json(made.content)
    assert (shape["label"], shape["last_used_at"], shape["said"]) == ("Firefox · Linux", None, "")
    assert await listed(bob) == [made.json()]
    assert await listed(door(cast.mina)) == []
    for user in (cast.mina, cast.admin):
        assert error_of(await door(user).delete(f"me/push/{shape['id']}")) == (404, "not_found")
    assert (await bob.delete(f"me/push/{shape['id']}")).status_code == 204
    assert await listed(bob) == []
    assert error_of(await bob.delete(f"me/push/{shape['id']}")) == (404, "not_found")


async def test_neither_address_nor_keys_of_a_browser_are_ever_told(door: Door, cast: Cast) -> None:
    bob, browser = door(cast.bob), Browser("/a-secret-path")
    made = await bob.post("me/push", json=browser.body)
    said = made.text + (await bob.get("me/push")).text
    assert not [value for value in browser.body.values() if value in said]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/x", "https://push.example.com:8443/x", "https://localhost/x", "https://127.0.0.1/x",
        "https://10.0.0.1/x", "https://169.254.169.254/x", "https://[::1]/x", "https://[2606:2800:21f:cb07::1]/x",
        "https://93.184.215.14/x", "https://0x7f000001/x", "https://me@push.example.com/x", "https://intranet/x",
        "https://push.example.com\\@10.0.0.1/", "ftp://push.example.com/x", "file:///etc/passwd", "javascript:1",
        "https://푸시.example.com/x", "https://push.example.com/ x", "", "x", "https://push.example.com/" + "x" * 2_000,
    ],
)  # fmt: skip
async def test_an_endpoint_that_is_no_push_service_is_refused(door: Door, cast: Cast, endpoint: str) -> None:
    body = Browser("/a").body | {"endpoint": endpoint}
    assert error_of(await door(cast.bob).post("me/push", json=body)) == (400, "bad_frame")
    assert await database.run(PushSubscription.objects.count) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"p256dh": ""}, {"p256dh": "A" * 87}, {"p256dh": encoded(b"\4" + b"\1" * 64)}, {"p256dh": 5}, {"p256dh": None},
        {"p256dh": "!" * 87}, {"auth": ""}, {"auth": "A" * 21}, {"auth": "A" * 23}, {"auth": "é" * 22}, {"auth": []},
        {"endpoint": 5}, {"endpoint": None},
    ],
)  # fmt: skip
async def test_keys_that_no_browser_gives_are_refused(
    door: Door, cast: Cast, wrong: dict[str, object]
) -> None:
    response = await door(cast.bob).post("me/push", json=Browser("/a").body | wrong)
    assert error_of(response) == (400, "bad_frame")
    assert next(iter(wrong)) in response.json()["error"]["detail"]
    assert await database.run(PushSubscription.objects.count) == 0


async def test_our_own_address_bots_and_a_server_without_push_are_refused(
    door: Door, cast: Cast, settings: Any, configure: Any
) -> None:
    configure(ALLOWED_ORIGINS=[ORIGIN, "https://push.example.com"])
    assert error_of(await door(cast.bob).post("me/push", json=Browser("/a").body)) == (403, "forbidden")
    configure(ALLOWED_ORIGINS=[ORIGIN])
    assert error_of(await door(cast.beep).post("me/push", json=Browser("/a").body)) == (403, "forbidden")
    settings.WEB_PUSH = False
    refused = await door(cast.bob).post("me/push", json=Browser("/a").body)
    assert (error_of(refused), refused.json()["error"]["detail"]) == (
        (403, "forbidden"),
        "push is off on this server",
    )


async def test_the_eleventh_pushes_the_oldest_out(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    made = [(await bob.post("me/push", json=Browser(f"/{n}").body)).json()["id"] for n in range(11)]
    assert [row["id"] for row in await listed(bob)] == made[1:]
    assert len(made) == subscriptions.PER_USER_MAX_COUNT + 1


async def test_a_browser_is_held_by_the_session_that_added_it(door: Door, cast: Cast, session: str) -> None:
    page = door(None, cookie=f"{project.SESSION_COOKIE_NAME}={session}; {project.CSRF_COOKIE_NAME}={CSRF}")
    headers = {"x-csrftoken": CSRF, "origin": ORIGIN, "content-type": "application/json"}
    refused = await page.post("me/push", json=Browser("/a").body, headers={"origin": "https://evil.example"})
    assert error_of(refused) == (403, "forbidden")
    made = await page.post("me/push", json=Browser("/a").body, headers=headers)
    assert made.status_code == 201
    row = await database.run(PushSubscription.objects.select_related("user").get)
    assert (row.session_key, row.session_auth) == (session, row.user.get_session_auth_hash())
    assert await database.run(subscriptions.holding, [row], row.created_at) == [row]
    await door(cast.bob).post("me/push", json=Browser("/b").body)
    of_token = await database.run(PushSubscription.objects.get, user=cast.bob)
    assert (of_token.session_key, of_token.session_auth, len(of_token.proof)) == ("", "", 64)


async def test_a_test_push_is_asked_for_and_not_too_often(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    made = (await bob.post("me/push", json=Browser("/a").body)).json()
    asked = await bob.post(f"me/push/{made['id']}/test")
    assert (asked.status_code, asked.json()) == (202, made)
    again = await bob.post(f"me/push/{made['id']}/test")
    assert error_of(again) == (429, "rate_limited")
    assert 0 < again.json()["error"]["after_ms"] <= 30_001
    assert error_of(await door(cast.mina).post(f"me/push/{made['id']}/test")) == (404, "not_found")
    assert await database.run(OutboxEntry.objects.filter(task=trial.TASK).count) == 1


@pytest.mark.parametrize("word", ["0", "-1", "x", "9" * 30])
async def test_what_is_no_id_is_no_subscription(door: Door, cast: Cast, word: str) -> None:
    for response in (
        await door(cast.bob).delete(f"me/push/{word}"),
        await door(cast.bob).post(f"me/push/{word}/test"),
    ):
        assert error_of(response) == (404, "not_found")
        assert response.json()["error"]["detail"] == "no such subscription"


def told(cast: Cast) -> None:
    from chat.tasks import sweep_outbox

    post(cast.room, cast.alice, "hello @bob")
    sweep_outbox("fast")


async def test_the_ledger_tells_both_ways(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    await bob.post("me/push", json=Browser("/a").body)
    await database.run(told, cast)
    response = await bob.get("notifications")
    rows = TypeAdapter(shapes.Page[shapes.Notification]).validate_json(response.content)["items"]
    assert {(row["way"], row["outcome"], row["why"]) for row in rows} == {
        ("mail", "suppressed", "no_address"), ("push", "waiting", "unread_yet"),
    }  # fmt: skip
