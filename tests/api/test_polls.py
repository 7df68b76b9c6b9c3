from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat import database
from chat.features.polls import ending
from chat.models import Change, Poll, Vote
from tests.api.conftest import Door, error_of
from tests.cast import Cast


async def ask(door: Door, cast: Cast, **fields: Any) -> dict[str, Any]:
    poll = {"options": ["Mon", "Tue", "수"], **fields}
    made = await door(cast.alice).post(f"rooms/{cast.room.pk}/messages", json={"body": "When?", "poll": poll})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def votes(shape: dict[str, Any]) -> list[tuple[int, list[int]]]:
    return [(option["votes"], option["users"]) for option in shape["poll"]["options"]]


async def test_votes_are_changes_that_show_live(door: Door, cast: Cast, connect: Any) -> None:
    message = await ask(door, cast)
    assert [option["text"] for option in message["poll"]["options"]] == ["Mon", "Tue", "수"]
    assert (message["poll"]["voters"], votes(message)) == (0, [(0, [])] * 3)
    mina = await connect(cast.token(cast.mina))
    await mina.resume()
    bob = door(cast.bob)
    path = f"messages/{message['id']}"
    voted = (await bob.put(f"{path}/vote", json={"choices": [1]})).json()
    assert (voted["room"], voted["choices"]) == (cast.room.pk, [1])
    change = await mina.until("poll.voted")
    assert (change["seq"], change["by"]) == (voted["seq"], cast.bob.pk)
    assert votes(change["message"])[1] == (1, [cast.bob.pk])
    await bob.put(f"{path}/vote", json={"choices": [2]})
    assert (await bob.get(f"{path}/vote")).json() == {"choices": [2]}
    shape = (await bob.get(path)).json()
    assert (shape["poll"]["voters"], votes(shape)) == (1, [(0, []), (0, []), (1, [cast.bob.pk])])
    assert error_of(await bob.post(f"{path}/poll/close")) == (403, "forbidden")
    closed = (await door(cast.alice).post(f"{path}/poll/close")).json()
    assert (await mina.until("poll.closed"))["seq"] == closed["seq"]
    assert error_of(await bob.put(f"{path}/vote", json={"choices": [0]})) == (409, "conflict")
    # A replay tells of the poll as it is now.
    page = (
        await door(cast.mina).get(f"rooms/{cast.room.pk}/changes?after={voted['seq'] - 1}&limit=1")
    ).json()
    assert page["items"][0]["message"]["poll"]["closed_at"] is not None


async def test_of_an_anonymous_poll_nobody_is_told_who_has_chosen_what(
    door: Door, cast: Cast, connect: Any
) -> None:
    message = await ask(door, cast, anonymous=True)
    mina, bob = await connect(cast.token(cast.mina)), await connect(cast.token(cast.bob))
    for socket in (mina, bob):
        await socket.resume()
    path = f"messages/{message['id']}/vote"
    await door(cast.bob).put(path, json={"choices": [1]})
    change = await mina.until("poll.voted")
    assert (change["by"], votes(change["message"])) == (None, [(0, []), (1, []), (0, [])])
    assert (await bob.until("vote"))["choices"] == [1]
    assert (await door(cast.bob).get(path)).json() == {"choices": [1]}
    assert (await door(cast.mina).get(path)).json() == {"choices": []}
    assert [frame for frame in mina.seen if frame.get("type") == "vote"] == []
    row = await database.run(Change.objects.get, room=cast.room.pk, kind="poll.voted")
    assert (row.actor_id, row.subject_id, row.payload) == (None, None, {})


async def test_who_votes_at_once_from_everywhere_has_one_vote(door: Door, cast: Cast) -> None:
    message = await ask(door, cast, multiple=True)
    people = [cast.bob, cast.mina, cast.jiwoo]
    path = f"messages/{message['id']}"
    answers = await asyncio.gather(
        *(
            door(person).put(f"{path}/vote", json={"choices": choices})
            for choices in ([0], [1], [0, 2], [1, 2])
            for person in people
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    shape = (await door(cast.alice).get(path)).json()
    assert shape["poll"]["voters"] == 3
    assert await database.run(Vote.objects.count) == 3
    for person in people:
        own = (await door(person).get(f"{path}/vote")).json()["choices"]
        named = [
            place for place, option in enumerate(shape["poll"]["options"]) if person.pk in option["users"]
        ]
        assert own == named


async def test_at_its_time_it_is_closed_for_good(door: Door, cast: Cast, connect: Any) -> None:
    message = await ask(door, cast, closes_at=(timezone.now() + timedelta(hours=1)).isoformat())
    other = await ask(door, cast)
    mina = await connect(cast.token(cast.mina))
    await mina.resume()
    assert await database.run(ending.sweep) == 0
    later = timezone.now() + timedelta(hours=2)
    # Refused from the time on, whether or not anybody has closed it.
    await database.run(Poll.objects.filter(pk=message["id"]).update, closes_at=timezone.now())
    answer = await door(cast.bob).put(f"messages/{message['id']}/vote", json={"choices": [0]})
    assert error_of(answer) == (409, "conflict")
    assert await database.run(ending.sweep, lambda: later) == 1
    change = await mina.until("poll.closed")
    assert (change["message"]["id"], change["by"]) == (message["id"], None)
    assert await database.run(ending.sweep, lambda: later) == 0
    assert (await door(cast.bob).put(f"messages/{other['id']}/vote", json={"choices": [0]})).is_success


async def test_polls_of_messages_that_are_gone_hold_nothing_up(door: Door, cast: Cast) -> None:
    message = await ask(door, cast, closes_at=(timezone.now() + timedelta(hours=1)).isoformat())
    assert (await door(cast.alice).delete(f"messages/{message['id']}")).is_success
    assert await database.run(Poll.objects.count) == 0
    shape = (await door(cast.bob).get(f"messages/{message['id']}")).json()
    assert "poll" not in shape
    assert error_of(await door(cast.bob).get(f"messages/{message['id']}/vote")) == (404, "not_found")


@pytest.mark.parametrize("door_of", ["vote", "poll/close"])
async def test_outside_it_is_not_there(door: Door, cast: Cast, door_of: str) -> None:
    message = await ask(door, cast)
    carol = door(cast.carol)
    for pk in (message["id"], 987_654):
        answer = (
            await carol.put(f"messages/{pk}/vote", json={"choices": [0]})
            if door_of == "vote"
            else await carol.post(f"messages/{pk}/poll/close")
        )
        assert error_of(answer) == (404, "not_found")
