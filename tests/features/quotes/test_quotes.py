from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.actions.state import SYSTEM_ID, Request
from chat.features.quotes import service
from chat.models import Change, Message, OutboxEntry, Quote, Room
from chat.pipeline.execute import execute
from chat.pipeline.run import run
from chat.protocol import codec
from chat.protocol.commands import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    OpenDirect,
    PinMessage,
    PostMessage,
    RemoveMember,
)
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.protocol.system import ExpireMessages
from chat.queries import attachments, changes, messages, payloads
from tests.cast import Cast, make_room
from tests.make import client_message_id, post
from tests.planted import a_file


@pytest.fixture
def hall(cast: Cast) -> Room:
    return make_room(cast.bob, cast.carol, name="Hall", kind="closed")


def quoted(message: Message) -> Any:
    message.refresh_from_db()
    return payloads.messages([message])[0].get("quote")


def code(actor: int, command: Any) -> ErrorCode:
    with pytest.raises(Refused) as found:
        run(actor, command)
    return found.value.code


def asked(room: Room, quote: int, body: str = "") -> PostMessage:
    return PostMessage(room=room.pk, client_message_id=client_message_id(), body=body, quote=quote)


def withdrawn() -> list[tuple[int, int]]:
    entries = OutboxEntry.objects.filter(task=service.WITHDRAW).order_by("pk")
    return [(entry.payload["room"], entry.payload["seq"]) for entry in entries]


def test_a_forward_shows_text_author_place_and_files_to_who_does_not_see_the_source(
    cast: Cast, hall: Room
) -> None:
    file = a_file(cast.alice)
    said = post(cast.room, cast.alice, "**plans** for @bob", attachments=[file.pk])
    sent = post(hall, cast.bob, "look", quote=said.pk)
    shape = messages.one(cast.carol, sent.pk)["quote"]
    assert (shape["message"], shape["room"], shape["seq"]) == (said.pk, cast.room.pk, said.seq)
    assert (shape["body"], shape["html"]) == ("**plans** for @bob", said.html)
    assert shape["sender"] is not None
    assert shape["sender"]["handle"] == "alice"
    assert [one["id"] for one in shape["attachments"]] == [file.pk]
    assert attachments.readable(cast.carol, file.pk).pk == file.pk
    assert messages.one(cast.carol, sent.pk)["mentions"] == []


def test_it_goes_live_as_it_is_read(cast: Cast, hall: Room) -> None:
    said = post(cast.room, cast.alice, "plans", attachments=[a_file(cast.alice).pk])
    (item,) = execute([Request(cast.bob.pk, asked(hall, said.pk))]).items
    live = codec.decode_own(item.frames[0])  # type: ignore[union-attr]
    (read,) = changes.since(hall.pk, Room.objects.get(pk=hall.pk).last_seq - 1, 1)
    assert live == dict(read)
    assert live["message"]["quote"]["body"] == "plans"


@pytest.mark.parametrize("who", ["carol", "admin"])
def test_who_may_not_read_it_is_told_what_is_said_of_a_missing_one(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    own = make_room(user, name="Own")
    said = post(cast.room, cast.alice, "between us")
    assert code(user.pk, asked(own, said.pk, "x")) is code(user.pk, asked(own, 10**9, "x"))
    assert code(user.pk, asked(own, said.pk, "x")) is ErrorCode.NOT_FOUND
    assert Quote.objects.count() == 0


def test_who_was_removed_and_what_was_deleted_cannot_be_forwarded(cast: Cast, hall: Room) -> None:
    said, gone = (post(cast.room, cast.alice, text) for text in ("kept", "gone"))
    run(cast.alice.pk, DeleteMessage(message=gone.pk))
    assert code(cast.bob.pk, asked(hall, gone.pk)) is ErrorCode.NOT_FOUND
    run(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    assert code(cast.bob.pk, asked(hall, said.pk)) is ErrorCode.NOT_FOUND


def test_a_repeat_is_one_message_and_another_quote_a_conflict(cast: Cast, hall: Room) -> None:
    one, other = (post(cast.room, cast.alice, text) for text in ("one", "other"))
    first = asked(hall, one.pk)
    assert run(cast.bob.pk, first)["id"] == run(cast.bob.pk, first)["id"]
    assert code(cast.bob.pk, first.model_copy(update={"quote": other.pk})) is ErrorCode.CONFLICT
    assert Quote.objects.count() == 1


def test_a_message_needs_words_files_or_a_quote(cast: Cast, hall: Room) -> None:
    with pytest.raises(ProtocolError, match="nothing that can be seen"):
        PostMessage(room=hall.pk, client_message_id=client_message_id(), body=" ")
    said = post(cast.room, cast.alice, "one")
    sent = post(hall, cast.bob, "words", quote=said.pk)
    run(cast.bob.pk, EditMessage(message=sent.pk, body=""))
    assert quoted(sent)["body"] == "one"


def test_a_later_edit_does_not_reach_what_was_quoted(cast: Cast, hall: Room) -> None:
    said = post(cast.room, cast.alice, "one")
    sent = post(hall, cast.bob, "", quote=said.pk)
    run(cast.alice.pk, EditMessage(message=said.pk, body="two"))
    assert quoted(sent)["body"] == "one"


def test_what_says_nothing_else_is_passed_on_with_its_first_author(cast: Cast, hall: Room) -> None:
    said = post(cast.room, cast.alice, "one")
    first = post(hall, cast.bob, "", quote=said.pk)
    with_words = post(hall, cast.bob, "my words", quote=said.pk)
    own = make_room(cast.carol, name="Own")
    assert quoted(post(own, cast.carol, "", quote=first.pk))["message"] == said.pk
    assert quoted(post(own, cast.carol, "", quote=with_words.pk))["message"] == with_words.pk
    run(cast.alice.pk, DeleteMessage(message=said.pk))
    assert code(cast.carol.pk, asked(own, first.pk)) is ErrorCode.EMPTY


def test_when_the_source_is_deleted_the_text_goes_at_once_and_the_rooms_are_told(
    cast: Cast, hall: Room
) -> None:
    file = a_file(cast.alice)
    said = post(cast.room, cast.alice, "one", attachments=[file.pk])
    sent, answer = post(hall, cast.bob, "", quote=said.pk), post(cast.room, cast.bob, "so?", quote=said.pk)
    run(cast.alice.pk, DeleteMessage(message=said.pk))
    assert set(Quote.objects.values_list("body", "html")) == {("", None)}
    for message in (sent, answer):
        assert quoted(message) == {
            "message": None, "room": None, "seq": None, "parent": None, "sender": None, "body": "", "html": None,
            "at": None, "attachments": [], "gone": True,
        }  # fmt: skip
    with pytest.raises(Refused, match="no such attachment"):
        attachments.readable(cast.carol, file.pk)
    ((room, seq),) = withdrawn()
    for _ in range(2):
        service.withdraw(room, seq)
    for place, message in ((hall, sent), (cast.room, answer)):
        told = Change.objects.filter(room=place, kind="quote.withdrawn")
        assert [change.message_id for change in told] == [message.pk]


def test_when_the_source_expires_too(cast: Cast, hall: Room) -> None:
    said = post(cast.room, cast.alice, "one")
    sent = post(hall, cast.bob, "", quote=said.pk)
    before = timezone.now() + timedelta(days=1)
    run(SYSTEM_ID, ExpireMessages(room=cast.room.pk, before=before, messages=[said.pk]))
    assert quoted(sent)["gone"]
    left = Quote.objects.get()
    assert (left.body, left.source_id) == ("", None)
    ((room, seq),) = withdrawn()
    service.withdraw(room, seq)
    assert Change.objects.filter(room=hall, kind="quote.withdrawn").count() == 1


def test_a_quoting_message_that_is_deleted_takes_its_quote_along(cast: Cast, hall: Room) -> None:
    said = post(cast.room, cast.alice, "one")
    sent = post(hall, cast.bob, "", quote=said.pk)
    run(cast.bob.pk, DeleteMessage(message=sent.pk))
    assert Quote.objects.count() == 0
    assert quoted(sent) is None
    run(cast.alice.pk, DeleteMessage(message=said.pk))
    assert withdrawn() == []


def test_a_page_of_quotes_is_bounded_in_size(cast: Cast) -> None:
    said = post(cast.room, cast.alice, "x" * 7_000)
    for _ in range(3):
        post(cast.room, cast.bob, "", quote=said.pk)
    rows = list(Message.objects.filter(room=cast.room))
    assert all(payloads.text_chars(row) >= 7_000 for row in rows)


def test_in_a_direct_conversation_it_works_as_anywhere(cast: Cast) -> None:
    said = post(cast.room, cast.alice, "one")
    direct = run(cast.bob.pk, OpenDirect(users=[cast.carol.pk]))["room"]
    sent = post(Room.objects.get(pk=direct), cast.bob, "", quote=said.pk)
    assert quoted(sent)["body"] == "one"


def test_reacting_to_and_pinning_what_quotes_leaves_the_quote(cast: Cast, hall: Room) -> None:
    sent = post(hall, cast.bob, "", quote=post(cast.room, cast.alice, "one").pk)
    run(cast.carol.pk, AddReaction(message=sent.pk, emoji="👍"))
    run(cast.bob.pk, PinMessage(message=sent.pk))
    assert quoted(sent)["body"] == "one"


def test_without_quotes_nothing_is_asked_for(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        post(cast.room, cast.alice, str(number))
    rows = list(Message.objects.filter(room=cast.room).select_related("sender"))
    with django_assert_max_num_queries(2):
        payloads.messages(rows)
