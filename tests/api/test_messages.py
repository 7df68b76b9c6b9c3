from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from chat import database
from chat.live.bucket import Buckets
from chat.models import Message
from chat.protocol.shapes import Message as WireMessage
from tests.api.conftest import Door, Queries, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def talk(cast: Cast) -> list[Message]:
    return [post(cast.room, cast.alice, f"message {number}") for number in range(7)]


async def test_posted_message_comes_back_whole(door: Door, cast: Cast) -> None:
    response = await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", json={"body": "**hi** @alice"})
    assert response.status_code == 201
    message = TypeAdapter(WireMessage).validate_json(response.content)
    assert (message["body"], message["sender"]["handle"]) == ("**hi** @alice", "bob")
    assert "<strong>hi</strong>" in (message["html"] or "")
    assert message["mentions"] == [cast.alice.pk]
    assert (await door(cast.alice).get(f"messages/{message['id']}")).json() == message


async def test_posted_message_reaches_the_sockets(door: Door, cast: Cast, connect: Any) -> None:
    socket = await connect(cast.token(cast.alice))
    await socket.resume()
    sent = (await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", json={"body": "over REST"})).json()
    change = await socket.until("message.posted")
    assert change["message"] == sent
    assert change["seq"] == sent["seq"]


async def test_same_client_message_id_is_the_same_message(door: Door, cast: Cast) -> None:
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/messages"
    body = {"body": "once", "client_message_id": "abcdefgh-1"}
    first, again = await bob.post(path, json=body), await bob.post(path, json=body)
    assert first.json() == again.json()
    assert await database.run(Message.objects.count) == 1
    assert error_of(await bob.post(path, json={**body, "body": "twice"})) == (409, "conflict")


async def test_without_an_id_a_repeat_is_a_second_message(door: Door, cast: Cast) -> None:
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/messages"
    ids = {(await bob.post(path, json={"body": "hi"})).json()["client_message_id"] for _ in range(2)}
    assert len(ids) == 2


async def test_too_many_messages_are_told_when_to_come_again(door: Door, cast: Cast, runtime: Any) -> None:
    # So slow a refill that no pause of the machine decides the test.
    runtime.send_buckets = Buckets(rate_per_s=0.001, burst=3, max_count=10)
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/messages"
    statuses = [(await bob.post(path, json={"body": "hi"})).status_code for _ in range(3)]
    assert statuses == [201, 201, 201]
    response = await bob.post(path, json={"body": "hi"})
    assert error_of(response) == (429, "rate_limited")
    after_ms = response.json()["error"]["after_ms"]
    assert 900_000 < after_ms <= 1_000_001
    assert 900 < int(response.headers["retry-after"]) <= 1_001
    assert (await door(cast.mina).post(path, json={"body": "I may"})).status_code == 201


async def test_sockets_and_rest_share_one_allowance(door: Door, cast: Cast, runtime: Any) -> None:
    runtime.send_buckets = Buckets(rate_per_s=0.001, burst=3, max_count=10)
    for _ in range(3):
        runtime.check_send_rate(cast.bob.pk)
    response = await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", json={"body": "hi"})
    assert error_of(response) == (429, "rate_limited")


async def test_open_room_is_read_but_not_written_by_an_outsider(door: Door, cast: Cast) -> None:
    carol, path = door(cast.carol), f"rooms/{cast.plaza.pk}/messages"
    assert (await carol.get(path)).status_code == 200
    assert error_of(await carol.post(path, json={"body": "hi"})) == (403, "forbidden")


async def test_newest_page_without_an_anchor(door: Door, cast: Cast, talk: list[Message]) -> None:
    page = (await door(cast.bob).get(f"rooms/{cast.room.pk}/messages?limit=3")).json()
    assert [item["body"] for item in page["items"]] == ["message 4", "message 5", "message 6"]
    assert (page["has_before"], page["has_after"]) == (True, False)


async def pages_of(client: Any, path: str, first: str) -> list[dict[str, Any]]:
    pages = [(await client.get(f"{path}{first}")).json()]
    while (cursor := pages[-1]["next"]) is not None:
        pages.append((await client.get(f"{path}&cursor={cursor}")).json())
    return pages


async def test_cursor_goes_back_to_the_first(door: Door, cast: Cast, talk: list[Message]) -> None:
    pages = await pages_of(door(cast.bob), f"rooms/{cast.room.pk}/messages?limit=3", "")
    bodies = [item["body"] for page in reversed(pages) for item in page["items"]]
    assert bodies == [f"message {number}" for number in range(7)]


async def test_cursor_goes_forward_to_the_last(door: Door, cast: Cast, talk: list[Message]) -> None:
    pages = await pages_of(door(cast.bob), f"rooms/{cast.room.pk}/messages?limit=3", "&after=0")
    bodies = [item["body"] for page in pages for item in page["items"]]
    assert bodies == [f"message {number}" for number in range(7)]


async def test_page_around_a_message_holds_it(door: Door, cast: Cast, talk: list[Message]) -> None:
    page = (await door(cast.bob).get(f"rooms/{cast.room.pk}/messages?around={talk[3].seq}&limit=4")).json()
    assert [item["seq"] for item in page["items"]] == [message.seq for message in talk[1:5]]
    assert (page["has_before"], page["has_after"], page["next"]) == (True, True, None)


async def test_more_messages_are_not_more_queries(
    queries: Queries, talk: list[Message], door: Door, cast: Cast
) -> None:
    bob = door(cast.bob)
    await bob.get("me")
    counts = []
    for limit in (1, 7):
        queries.clear()
        await bob.get(f"rooms/{cast.room.pk}/messages?limit={limit}")
        counts.append(queries.count())
    assert counts[0] == counts[1] <= 5


async def test_own_message_is_edited(door: Door, cast: Cast, talk: list[Message]) -> None:
    path = f"messages/{talk[0].pk}"
    edited = await door(cast.alice).patch(path, json={"body": "better"})
    assert (edited.status_code, edited.json()["body"]) == (200, "better")
    assert edited.json()["edited_at"] is not None
    assert error_of(await door(cast.bob).patch(path, json={"body": "mine"})) == (403, "forbidden")


async def test_deleted_message_keeps_its_place(door: Door, cast: Cast, talk: list[Message]) -> None:
    path = f"messages/{talk[0].pk}"
    assert error_of(await door(cast.bob).delete(path)) == (403, "forbidden")
    place = (await door(cast.alice).delete(path)).json()
    assert place == {"room": cast.room.pk, "seq": talk[-1].seq + 1}
    left = (await door(cast.bob).get(path)).json()
    assert (left["body"], left["html"], left["seq"]) == ("", None, talk[0].seq)
    assert left["deleted_at"] is not None
    # A repeat of whoever deleted it gets the first answer; to everybody else there is nothing left to delete.
    assert (await door(cast.alice).delete(path)).json() == place
    assert error_of(await door(cast.mina).delete(path)) == (404, "not_found")


async def test_moderator_deletes_messages_of_others(door: Door, cast: Cast, talk: list[Message]) -> None:
    assert (await door(cast.mina).delete(f"messages/{talk[0].pk}")).status_code == 200


async def test_thread_is_read_in_pages(door: Door, cast: Cast, talk: list[Message]) -> None:
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/messages"
    for number in range(3):
        reply = await bob.post(path, json={"body": f"reply {number}", "parent": talk[0].pk})
        assert (reply.json()["parent"], reply.json()["msg_no"]) == (talk[0].pk, None)
    first = (await bob.get(f"messages/{talk[0].pk}/thread?limit=2")).json()
    assert [item["body"] for item in first["items"]] == ["reply 0", "reply 1"]
    second = (await bob.get(f"messages/{talk[0].pk}/thread?limit=2&cursor={first['next']}")).json()
    assert [item["body"] for item in second["items"]] == ["reply 2"]
    assert second["next"] is None
    assert (await bob.get(f"messages/{talk[0].pk}")).json()["reply_count"] == 3


async def test_parent_of_another_room_is_not_found(door: Door, cast: Cast, talk: list[Message]) -> None:
    response = await door(cast.alice).post(
        f"rooms/{cast.plaza.pk}/messages", json={"body": "hi", "parent": talk[0].pk}
    )
    assert error_of(response) == (404, "not_found")
