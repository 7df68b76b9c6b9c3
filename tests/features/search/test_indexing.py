from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from chat.actions.state import SYSTEM_ID
from chat.features.search import facts, indexing, tasks
from chat.models import Change, Message, Room, SearchEntry, SearchRoom
from chat.pipeline import trim
from chat.pipeline.run import run
from chat.protocol.commands import AddReaction, DeleteMessage, EditMessage
from chat.protocol.system import AttachPreviews, ExpireMessages, FoundLink
from tests.cast import Cast
from tests.features.search.conftest import has_fact, indexed, post_file
from tests.make import post


def test_what_was_posted_is_indexed_once(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "내일 회의 at nine")
    second = post(cast.room, cast.bob, "no 회사")
    assert tasks.index() > 0
    assert indexed("회의") == [first.pk]
    assert indexed("회") == [first.pk, second.pk]
    assert indexed("nin", "ine") == [first.pk]
    assert SearchRoom.objects.get(room=cast.room).seq == Room.objects.get(pk=cast.room.pk).last_seq
    assert tasks.index() == 0
    assert SearchEntry.objects.filter(message__room=cast.room).count() == 2


def test_facts_of_a_message_are_indexed(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "see http://site.example.com/ and `code` @bob")
    reply = post(cast.room, cast.bob, "seen", parent=first.pk)
    indexing.go_on()
    for fact in (facts.by(cast.alice.pk), facts.in_room(cast.room.pk), facts.naming(cast.bob.pk)):
        assert has_fact(first.pk, fact)
    assert has_fact(first.pk, facts.having("link"))
    assert has_fact(first.pk, facts.having("code"))
    assert not has_fact(first.pk, facts.IN_THREAD)
    assert not has_fact(first.pk, facts.having("preview"))
    assert has_fact(reply.pk, facts.IN_THREAD)
    found = FoundLink(url="http://site.example.com/", title="A site", description="", site="")
    run(SYSTEM_ID, AttachPreviews(message=first.pk, edited_at=None, found=[found]))
    indexing.go_on()
    assert has_fact(first.pk, facts.having("preview"))


def test_edited_message_is_found_by_its_new_text_alone(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "before")
    indexing.go_on()
    run(cast.alice.pk, EditMessage(message=message.pk, body="afterwards"))
    indexing.go_on()
    assert indexed("bef") == []
    assert indexed("aft") == [message.pk]


def test_nothing_is_left_of_a_deleted_message(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "a secret word")
    indexing.go_on()
    run(cast.alice.pk, DeleteMessage(message=message.pk))
    indexing.go_on()
    assert indexed("sec") == []
    assert not SearchEntry.objects.filter(pk=message.pk).exists()


def test_nothing_is_left_of_an_expired_message_in_the_same_transaction(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "an old word")
    post(cast.room, cast.alice, "a new word")
    indexing.go_on()
    trim.begin_after(cast.room.pk, message.seq)
    run(
        SYSTEM_ID,
        ExpireMessages(room=cast.room.pk, before=timezone.now() + timedelta(days=1), messages=[message.pk]),
    )
    assert not Message.objects.filter(pk=message.pk).exists()
    assert indexed("old") == []
    assert not SearchEntry.objects.filter(pk=message.pk).exists()
    indexing.go_on()
    assert len(indexed("wor")) == 1


def test_batches_go_on_where_the_last_one_ended(cast: Cast) -> None:
    messages = [post(cast.room, cast.alice, f"word{number:03}") for number in range(7)]
    run(cast.bob.pk, AddReaction(message=messages[0].pk, emoji="👍"))
    steps = 0
    while indexing.index(cast.room.pk, batch=3):
        steps += 1
    assert steps >= 3
    assert indexed("wor", "ord") == [message.pk for message in messages]


def test_messages_whose_log_has_gone_are_indexed(cast: Cast) -> None:
    messages = [post(cast.room, cast.alice, f"early {number}") for number in range(5)]
    trim.begin_after(cast.room.pk, messages[-1].seq)
    assert trim.cut(cast.room.pk, 1_000) > 0
    while indexing.index(cast.room.pk, batch=2):
        pass
    assert indexed("ear") == [message.pk for message in messages]
    assert not Change.objects.filter(room=cast.room, seq__lte=messages[-1].seq).exists()
    assert not indexing.behind().filter(pk=cast.room.pk).exists()


def test_file_names_are_indexed(cast: Cast) -> None:
    message = post_file(cast.room, cast.alice, "see the plan", "회의록_final.pdf")
    indexing.go_on()
    assert indexed("회의") == indexed("fin") == [message.pk]
    assert has_fact(message.pk, facts.having("file"))
    assert not has_fact(message.pk, facts.having("image"))


@pytest.mark.parametrize("others", [1, 3])
def test_several_at_once_index_everything_once(cast: Cast, others: int) -> None:
    messages = [post(cast.room, cast.alice, f"word{number:03}") for number in range(30)]
    failures: list[BaseException] = []

    def work() -> None:
        try:
            while indexing.index(cast.room.pk, batch=4):
                pass
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while indexing.index(cast.room.pk, batch=4):
        pass
    assert failures == []
    assert indexed("wor", "ord") == [message.pk for message in messages]


def test_whole_index_can_be_written_anew(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "once more")
    indexing.go_on()
    indexing.begin_anew()
    assert indexed("mor") == []
    assert indexing.behind_count() > 0
    indexing.go_on()
    assert indexed("mor") == [message.pk]
    assert indexing.behind_count() == 0


def test_number_of_queries_does_not_grow_with_the_batch(
    cast: Cast, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(40):
        post(cast.room, cast.alice, f"word {number} @bob http://site.example.com/")
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        assert indexing.index(cast.room.pk) >= 40
    assert connection.vendor in ("sqlite", "postgresql")
