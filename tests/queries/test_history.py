import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.pipeline.run import run
from chat.protocol.commands import AddReaction, GetChanges, GetHistory
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import changes, messages
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def seqs(cast: Cast) -> list[int]:
    return [post(cast.room, cast.alice, f"message {number}").seq for number in range(10)]


def page(cast: Cast, **fields: int) -> tuple[list[int], bool, bool]:
    found = messages.history(cast.bob, GetHistory.model_validate({"room": cast.room.pk, **fields}))
    return [item["seq"] for item in found["items"]], found["has_before"], found["has_after"]


def test_without_an_anchor_it_is_the_newest_page_ascending(cast: Cast, seqs: list[int]) -> None:
    assert page(cast, limit=3) == (seqs[-3:], True, False)
    assert page(cast, limit=50) == (seqs, False, False)


def test_before_and_after_leave_the_anchor_out(cast: Cast, seqs: list[int]) -> None:
    assert page(cast, before=seqs[5], limit=3) == (seqs[2:5], True, True)
    assert page(cast, after=seqs[5], limit=3) == (seqs[6:9], True, True)
    assert page(cast, before=seqs[2], limit=3) == (seqs[:2], False, True)
    assert page(cast, after=seqs[7], limit=3) == (seqs[8:], True, False)


def test_around_holds_the_anchor_and_both_sides(cast: Cast, seqs: list[int]) -> None:
    assert page(cast, around=seqs[5], limit=4) == (seqs[3:7], True, True)


def test_an_empty_room_has_an_empty_page(cast: Cast) -> None:
    assert page(cast) == ([], False, False)


def test_a_page_of_many_costs_as_many_queries_as_one_of_few(cast: Cast, seqs: list[int]) -> None:
    def count(limit: int) -> int:
        with CaptureQueriesContext(connection) as caught:
            messages.history(cast.bob, GetHistory(room=cast.room.pk, limit=limit))
        return len(caught)

    mentioned = post(cast.room, cast.alice, "hi @bob")
    run(cast.bob.pk, AddReaction(message=mentioned.pk, emoji="👍"))
    assert count(1) == count(11)


@pytest.mark.parametrize("room", ["hidden", "missing"])
def test_carol_gets_the_same_answer_for_a_hidden_and_a_missing_room(cast: Cast, room: str) -> None:
    room_id = cast.room.pk if room == "hidden" else 999_999
    for read in (
        lambda: messages.history(cast.carol, GetHistory(room=room_id)),
        lambda: changes.page(cast.carol, GetChanges(room=room_id, after=0)),
    ):
        with pytest.raises(Refused) as caught:
            read()
        assert (caught.value.code, caught.value.detail) == (ErrorCode.NOT_FOUND, "no such room")


def test_carol_reads_an_open_room_without_joining(cast: Cast) -> None:
    post(cast.plaza, cast.alice, "hello")
    found = messages.history(cast.carol, GetHistory(room=cast.plaza.pk))
    assert [item["body"] for item in found["items"]] == ["hello"]
