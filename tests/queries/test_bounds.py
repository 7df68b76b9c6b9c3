import pytest

from chat.models import Membership, Room, User
from chat.protocol.commands import GetChanges, GetHistory
from chat.protocol.errors import Refused
from chat.queries import changes, members, messages, payloads, rooms, snapshot, visibility
from tests.cast import Cast
from tests.make import make_room, make_user, post


@pytest.mark.parametrize(
    ("sizes", "count"),
    [([], 0), ([1], 1), ([10**9], 1), ([10**9, 1], 1), ([50_000, 50_000, 50_000], 2), ([0] * 1_000, 327)],
)
def test_a_page_holds_one_message_at_least_and_what_fits(sizes: list[int], count: int) -> None:
    assert payloads.fitting_count(sizes) == count


def test_a_page_of_long_messages_goes_on_where_it_ends(cast: Cast) -> None:
    seqs = [post(cast.room, cast.alice, f"{number} " + "x" * 7_900).seq for number in range(40)]
    found: list[int] = []
    before = seqs[-1] + 1
    while True:
        page = messages.history(cast.bob, GetHistory(room=cast.room.pk, before=before, limit=200))
        found = [item["seq"] for item in page["items"]] + found
        if not page["has_before"]:
            break
        before = found[0]
    assert found == seqs


def test_changes_of_long_messages_are_read_to_the_end(cast: Cast) -> None:
    for number in range(40):
        post(cast.room, cast.alice, f"{number} " + "x" * 7_900)
    command = GetChanges(room=cast.room.pk, after=0, limit=500)
    page = changes.page(cast.bob, command)
    assert 0 < len(page) < cast.room.last_seq + 40
    assert [change["seq"] for change in page] == list(range(1, len(page) + 1))
    assert changes.since(cast.room.pk, cast.room.last_seq + 40, 500) == []
    assert [change["seq"] for change in changes.since(cast.room.pk, 2, 500, up_to=4)] == [3, 4]


def test_what_a_replay_cannot_hold_is_told_as_behind(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    late = make_room(cast.alice, cast.bob, name="Late")
    for room in (cast.room, late):
        for number in range(3):
            post(room, cast.alice, str(number))
    heads = changes.heads([cast.room.pk, late.pk])
    cursors = {room: head - 3 for room, head in heads.items()}
    for count, reached in ((6, {}), (4, {late.pk: heads[late.pk] - 2}), (3, {late.pk: heads[late.pk] - 3})):
        monkeypatch.setattr(snapshot, "_REPLAY_COUNT", count)
        taken = snapshot.take(cast.bob, None, cursors, 6)
        assert (taken.reset, taken.behind) == ([], reached)
        assert sum(len(missed) for missed in taken.replay.values()) == count


def test_long_texts_are_replayed_in_pages(cast: Cast) -> None:
    for number in range(40):
        post(cast.room, cast.alice, f"{number} " + "x" * 7_900)
    late = make_room(cast.alice, cast.bob, name="Late")
    post(late, cast.alice, "short")
    heads = changes.heads([cast.room.pk, late.pk])
    head = heads[cast.room.pk]
    cursors = {cast.room.pk: head - 40, late.pk: heads[late.pk] - 1}
    taken = snapshot.take(cast.bob, None, cursors, 100)
    first = taken.replay[cast.room.pk]
    assert 0 < len(first) < 40
    assert taken.behind == {cast.room.pk: head - 40 + len(first), late.pk: heads[late.pk] - 1}
    assert taken.reset == []


def test_a_guest_sees_the_own_rooms_and_their_people(cast: Cast) -> None:
    guest = make_user("gast", role=User.Role.GUEST)
    room = make_room(cast.alice, guest, name="Guests", kind="closed")
    assert set(visibility.rooms(guest)) == {room}
    assert {user.handle for user in visibility.users(guest)} == {"alice", "gast"}
    assert members.known_to(guest) == frozenset({cast.alice.pk, guest.pk})
    assert members.known_to(cast.bob) is None
    with pytest.raises(Refused):
        visibility.room(guest, cast.plaza.pk)


def test_the_banned_do_not_see_an_open_room(cast: Cast) -> None:
    Membership.objects.create(room=cast.plaza, user=cast.carol, left_seq=1, banned_at=cast.plaza.created_at)
    assert cast.plaza not in visibility.rooms(cast.carol)
    assert cast.plaza in visibility.rooms(cast.bob)


def test_a_message_is_hidden_with_its_room(cast: Cast) -> None:
    secret, open_one = post(cast.room, cast.alice, "secret"), post(cast.plaza, cast.alice, "open")
    assert visibility.message(cast.carol, open_one.pk) == open_one
    refusals = []
    for message_id in (secret.pk, 10**9):
        with pytest.raises(Refused) as caught:
            visibility.message(cast.carol, message_id)
        refusals.append((caught.value.code, caught.value.detail))
    assert refusals[0] == refusals[1]


def test_a_deleted_room_is_nowhere(cast: Cast) -> None:
    Room.objects.filter(pk=cast.room.pk).update(deleted_at=cast.room.created_at)
    assert cast.room.pk not in [room["id"] for room in rooms.mine(cast.bob)]
    assert rooms.mine(cast.bob) == []
    assert rooms.by_slug(str(cast.room.slug)) is None
    with pytest.raises(Refused):
        visibility.room(cast.bob, cast.room.pk)


@pytest.mark.parametrize("slug", ["\0", "no-such-room", "x" * 300, ""])
def test_a_slug_that_is_none_finds_nothing(cast: Cast, slug: str) -> None:
    assert rooms.by_slug(slug) is None
