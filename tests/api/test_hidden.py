from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat import database
from chat.api import openapi
from chat.api.api import api
from chat.models import Change, Message, Room, Token, User
from tests.api.conftest import Door
from tests.cast import Cast
from tests.make import make_user, post

MISSING = 987_654_321
BODIES: dict[str, dict[str, Any]] = {
    "POST /rooms/{room}/messages": {"body": "hi"},
    "PATCH /messages/{message}": {"body": "hi"},
    "PATCH /rooms/{room}": {"name": "Mine"},
    "POST /rooms/{room}/members": {"user": 1},
    "POST /rooms/{room}/read": {"msg_no": 1},
    "POST /rooms/{room}/unread": {"msg_no": 1, "backs": 0},
    "PUT /rooms/{room}/level": {"level": "none"},
    "PATCH /rooms/{room}/members/{user}": {"role": "owner"},
    "POST /messages/{message}/thread/read": {"seq": 1},
    "PUT /messages/{message}/vote": {"choices": [0]},
    "POST /messages/{message}/report": {"kind": "spam"},
    "POST /messages/{message}/resolve": {"resolution": "dismissed"},
}
QUERIES = {"DELETE /messages/{message}/previews": "?url=https://chat.example/"}


def routes(*named: str) -> list[str]:
    found = [
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in openapi.describe(api)["paths"].items()
        for method in operations
        if set(named) & set(re.findall(r"{(\w+)}", path))
    ]
    assert found
    return found


@pytest.fixture
def secret(cast: Cast) -> Message:
    return post(cast.room, cast.alice, "between us")


@pytest.mark.parametrize("route", routes("room", "message"))
async def test_hidden_from_an_outsider_looks_like_missing(
    door: Door, cast: Cast, secret: Message, route: str
) -> None:
    method, path = route.split()
    carol, body = door(cast.carol), BODIES.get(route)
    before = await database.run(Change.objects.count)

    async def ask(room: int, message: int) -> tuple[int, bytes]:
        address = path.format(room=room, message=message, user=cast.bob.pk, emoji="👍", preview=1)
        address += QUERIES.get(route, "")
        response = await carol.request(method, address.lstrip("/"), json=body)
        return response.status_code, response.content

    hidden = await ask(cast.room.pk, secret.pk)
    # What is for admins alone is the same for every room, there or not.
    assert hidden[0] == (403 if "/retention" in route else 404)
    assert hidden == await ask(MISSING, MISSING)
    assert await database.run(Change.objects.count) == before
    assert (await database.run(Room.objects.get, pk=cast.room.pk)).name == "Maru team"


@pytest.mark.parametrize(
    "route",
    routes("room", "message", "user", "token", "invite", "scheduled", "reminder", "upload", "attachment"),
)
async def test_every_address_needs_sign_in(door: Door, cast: Cast, route: str) -> None:
    method, path = route.split()
    address = path.format_map(defaultdict(lambda: "1"))
    response = await door().request(method, address.lstrip("/"), json=BODIES.get(route))
    assert response.status_code == 401


@pytest.mark.parametrize("path", ["rooms", "rooms?scope=all", "rooms?q=maru", "rooms?scope=all&q=maru"])
async def test_closed_room_is_in_no_list_of_an_outsider(door: Door, cast: Cast, path: str) -> None:
    items = (await door(cast.carol).get(path)).json()["items"]
    assert cast.room.pk not in [item["id"] for item in items]


async def test_room_of_an_invite_is_hidden_too(door: Door, cast: Cast) -> None:
    carol = door(cast.carol)
    hidden = await carol.post("invites", json={"room": cast.room.pk})
    missing = await carol.post("invites", json={"room": MISSING})
    assert (hidden.status_code, hidden.content) == (404, missing.content)


async def test_token_of_another_looks_like_missing(door: Door, cast: Cast) -> None:
    token = await database.run(lambda: Token.objects.get(user=cast.alice).pk)
    hidden = await door(cast.carol).delete(f"tokens/{token}")
    missing = await door(cast.carol).delete(f"tokens/{MISSING}")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert (await door(cast.alice).get("me")).status_code == 200


async def test_scheduled_messages_and_reminders_of_another_look_like_missing(door: Door, cast: Cast) -> None:
    at = (timezone.now() + timedelta(days=1)).isoformat()
    alice, carol = door(cast.alice), door(cast.carol)
    later = await alice.post("scheduled", json={"room": cast.room.pk, "body": "secret", "due_at": at})
    reminder = await alice.post("reminders", json={"text": "secret", "due_at": at})
    ids = {"scheduled": later.json()["id"], "reminder": reminder.json()["id"]}
    for route in routes("scheduled", "reminder"):
        method, path = route.split()

        async def ask(method: str = method, path: str = path, **named: int) -> tuple[int, bytes]:
            response = await carol.request(method, path.format(**named).lstrip("/"), json={})
            return response.status_code, response.content

        hidden = await ask(**ids)
        assert hidden[0] == 404, route
        assert hidden == await ask(scheduled=MISSING, reminder=MISSING), route
    for path in ("scheduled", "reminders"):
        assert (await carol.get(path)).json()["items"] == []
        assert len((await alice.get(path)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("hidden", "missing"),
    [
        ({"q": "between", "room": "{room}"}, {"q": "between", "room": str(MISSING)}),
        ({"q": 'between in:"maru team"'}, {"q": 'between in:"no such team"'}),
        ({"q": "between from:alice"}, {"q": "between from:nobody-at-all"}),
        ({"q": "between"}, {"q": "nothing-like-this"}),
        ({"q": "has:link", "from": "alice"}, {"q": "has:link", "from": "nobody-at-all"}),
    ],
)
async def test_search_of_an_outsider_tells_nothing_of_what_is_hidden(
    door: Door, cast: Cast, secret: Message, hidden: dict[str, str], missing: dict[str, str]
) -> None:
    carol = door(cast.carol)
    found = await carol.get(
        "search", params={name: value.format(room=cast.room.pk) for name, value in hidden.items()}
    )
    assert found.status_code == 200
    assert found.content == (await carol.get("search", params=missing)).content
    assert found.json()["items"] == []


async def test_guest_does_not_know_people_of_other_rooms(door: Door, cast: Cast) -> None:
    guest = await database.run(_guest, cast)
    hidden = await door(guest).get(f"users/{cast.carol.pk}")
    missing = await door(guest).get(f"users/{MISSING}")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert (await door(guest).get("users?q=carol")).json()["items"] == []
    direct = await door(guest).post("directs", json={"users": [cast.carol.pk]})
    assert direct.status_code == 404
    assert direct.content == (await door(guest).post("directs", json={"users": [MISSING]})).content


def _guest(cast: Cast) -> User:
    from tests.cast import token_of

    guest = make_user("gast", role=User.Role.GUEST)
    cast.tokens[guest.pk] = token_of(guest)
    return guest
