from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from structlog.testing import capture_logs

from chat.features.retention import policy
from chat.features.retention.commands import SetRetention, SetRoomRetention
from chat.models import Room, RoomRetention
from chat.protocol.errors import ProtocolError, Refused
from tests.cast import Cast


def days_of(room: Room) -> int | None:
    (rule,) = policy.rules([room])
    return rule.days


def test_everything_is_kept_until_somebody_says_otherwise(cast: Cast) -> None:
    assert policy.read() == {"days": None, "hold": None}
    assert days_of(cast.room) is None
    assert policy.browse(0, 100) == ([], None)


def test_a_room_is_kept_as_the_workspace_says_or_as_it_says_itself(cast: Cast) -> None:
    policy.set_days(cast.admin, SetRetention(days=30))
    policy.set_room(cast.admin, cast.plaza.pk, SetRoomRetention(keep="days", days=90))
    assert (days_of(cast.room), days_of(cast.plaza)) == (30, 90)
    policy.set_room(cast.admin, cast.plaza.pk, SetRoomRetention(keep="forever"))
    assert (days_of(cast.room), days_of(cast.plaza)) == (30, None)
    policy.set_days(cast.admin, SetRetention(days=None))
    policy.set_room(cast.admin, cast.room.pk, SetRoomRetention(keep="days", days=7))
    assert (days_of(cast.room), days_of(cast.plaza)) == (7, None)
    policy.set_room(cast.admin, cast.room.pk, SetRoomRetention(keep="workspace"))
    assert days_of(cast.room) is None


@pytest.mark.parametrize(
    "fields", [{"keep": "days"}, {"keep": "forever", "days": 9}, {"keep": "workspace", "days": 9}]
)
def test_days_go_with_days_alone(fields: dict[str, object]) -> None:
    with pytest.raises(ProtocolError, match="days"):
        SetRoomRetention.model_validate(fields)


def test_the_database_takes_no_room_that_is_kept_for_ever_and_for_days(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RoomRetention.objects.create(room=cast.room, days=9, is_forever=True)


def test_a_hold_keeps_who_set_it_first_and_when(cast: Cast) -> None:
    now = timezone.now()
    with capture_logs() as logs:
        first = policy.hold_room(cast.admin, cast.room.pk, now)
        again = policy.hold_room(cast.alice, cast.room.pk, now + timedelta(days=1))
    assert first == again
    assert first["hold"] == {"by": cast.admin.pk, "at": first["hold"]["at"]}
    held = [line for line in logs if line["event"].startswith("retention.")]
    assert [(line["event"], line["actor"]) for line in held] == [("retention.held", cast.admin.pk)]
    with capture_logs() as logs:
        ended = policy.release_room(cast.alice, cast.room.pk)
        policy.release_room(cast.alice, cast.room.pk)
    assert (ended["hold"], ended["is_held"]) == (None, False)
    released = [line for line in logs if line["event"].startswith("retention.")]
    assert [(line["event"], line["was_held_by"]) for line in released] == [
        ("retention.released", cast.admin.pk)
    ]


def test_a_hold_of_the_workspace_holds_every_room(cast: Cast) -> None:
    policy.set_days(cast.admin, SetRetention(days=30))
    policy.hold(cast.admin, timezone.now())
    (rule,) = policy.rules([cast.room])
    assert rule.is_held
    assert rule.cutoff(timezone.now()) is None
    assert policy.read_room(cast.room.pk)["is_held"]
    policy.release(cast.admin)
    (rule,) = policy.rules([cast.room])
    assert not rule.is_held


def test_rooms_that_say_something_are_listed_in_pages(cast: Cast) -> None:
    policy.set_room(cast.admin, cast.room.pk, SetRoomRetention(keep="days", days=9))
    policy.hold_room(cast.admin, cast.plaza.pk, timezone.now())
    # Said once, and taken back.
    lobby = Room.objects.get(slug="lobby")
    policy.set_room(cast.admin, lobby.pk, SetRoomRetention(keep="forever"))
    policy.set_room(cast.admin, lobby.pk, SetRoomRetention(keep="workspace"))
    first, after = policy.browse(0, 1)
    assert after is not None
    second, end = policy.browse(after, 1)
    assert [(item["room"], item["keep"], item["is_held"]) for item in [*first, *second]] == [
        (cast.room.pk, "days", False), (cast.plaza.pk, "workspace", True),
    ]  # fmt: skip
    assert end is None


def test_what_is_no_room_is_not_found(cast: Cast) -> None:
    asked: list[Callable[[], object]] = [
        lambda: policy.read_room(987_654),
        lambda: policy.set_room(cast.admin, 987_654, SetRoomRetention(keep="forever")),
        lambda: policy.hold_room(cast.admin, 987_654, timezone.now()),
        lambda: policy.release_room(cast.admin, 987_654),
    ]
    for ask in asked:
        with pytest.raises(Refused, match="not_found"):
            ask()
    assert RoomRetention.objects.count() == 0
