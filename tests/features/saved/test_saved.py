from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions.state import SYSTEM_ID
from chat.features.saved import service
from chat.models import Message, Saved, User
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.commands import AddMember, DeleteMessage, RemoveMember
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import ExpireMessages
from tests.cast import Cast
from tests.make import post
from tests.pipeline.threads import at_once

NOW = timezone.now()


@pytest.fixture
def said(cast: Cast) -> list[Message]:
    return [post(cast.room, cast.alice, str(number)) for number in range(4)]


def save(user: User, message: Message, *, is_done: bool = False, minutes: int = 0) -> Saved:
    return service.save(user, message.pk, is_done, NOW + timedelta(minutes=minutes))


def bodies(user: User, *, is_done: bool = False) -> list[str]:
    return [row.message.body for row in service.browse(user, is_done, 0, 50)[0]]


def refused(user: User, message_id: int) -> ErrorCode:
    with pytest.raises(Refused) as found:
        service.save(user, message_id, False, NOW)
    return found.value.code


def test_the_newest_first_and_for_oneself_alone(cast: Cast, said: list[Message]) -> None:
    for message in said[:3]:
        save(cast.bob, message)
    assert bodies(cast.bob) == ["2", "1", "0"]
    assert service.ids(cast.bob) == [message.pk for message in said[:3]]
    assert (bodies(cast.alice), service.ids(cast.alice)) == ([], [])


def test_pages_go_on_where_the_last_one_ended(cast: Cast, said: list[Message]) -> None:
    for message in said:
        save(cast.bob, message)
    first, following = service.browse(cast.bob, False, 0, 3)
    assert following == first[-1].pk
    second, end = service.browse(cast.bob, False, following, 3)
    assert ([row.message.body for row in second], end) == (["0"], None)


def test_what_is_done_goes_to_the_other_list_and_back(cast: Cast, said: list[Message]) -> None:
    save(cast.bob, said[0])
    done = save(cast.bob, said[0], is_done=True, minutes=1)
    assert save(cast.bob, said[0], is_done=True, minutes=9).done_at == done.done_at
    assert (bodies(cast.bob), bodies(cast.bob, is_done=True), service.ids(cast.bob)) == ([], ["0"], [])
    save(cast.bob, said[0])
    assert (bodies(cast.bob), bodies(cast.bob, is_done=True)) == (["0"], [])
    assert Saved.objects.get().saved_at == NOW


def test_deleted_and_expired_messages_vanish(cast: Cast, said: list[Message]) -> None:
    for message in said:
        save(cast.bob, message)
    run(cast.alice.pk, DeleteMessage(message=said[0].pk))
    before = timezone.now() + timedelta(days=1)
    run(SYSTEM_ID, ExpireMessages(room=cast.room.pk, before=before, messages=[said[1].pk]))
    assert bodies(cast.bob) == ["3", "2"]
    assert Saved.objects.count() == 2
    assert refused(cast.bob, said[0].pk) is ErrorCode.NOT_FOUND


def test_who_is_out_of_the_room_does_not_see_them_until_the_return(cast: Cast, said: list[Message]) -> None:
    save(cast.bob, said[0])
    run(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    assert (bodies(cast.bob), service.ids(cast.bob)) == ([], [])
    assert refused(cast.bob, said[1].pk) is refused(cast.carol, said[1].pk) is ErrorCode.NOT_FOUND
    run(cast.alice.pk, AddMember(room=cast.room.pk, user=cast.bob.pk))
    assert bodies(cast.bob) == ["0"]
    run(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    service.forget(cast.bob, said[0].pk)
    assert Saved.objects.count() == 0


def test_there_are_so_many_and_what_was_done_first_makes_room(
    cast: Cast, said: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SAVED_MAX_COUNT", 2)
    for message in said[:2]:
        save(cast.bob, message)
    assert refused(cast.bob, said[2].pk) is ErrorCode.TOO_MANY
    save(cast.bob, said[0], is_done=True)
    save(cast.bob, said[2])
    assert (bodies(cast.bob), bodies(cast.bob, is_done=True)) == (["2", "1"], [])


def test_what_is_not_saved_cannot_be_forgotten(cast: Cast, said: list[Message]) -> None:
    save(cast.alice, said[0])
    with pytest.raises(Refused, match="no such message"):
        service.forget(cast.bob, said[0].pk)
    assert bodies(cast.alice) == ["0"]


def test_saved_twice_at_once_it_is_there_once(cast: Cast, said: list[Message]) -> None:
    found = at_once([lambda: save(cast.bob, said[0])] * 3)
    assert len({row.pk for row in found}) == 1
    assert Saved.objects.count() == 1
