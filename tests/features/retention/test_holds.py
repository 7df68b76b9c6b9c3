from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from chat.features.retention import expiring, policy, removal
from chat.models import (
    Change,
    Message,
)
from chat.pipeline import trim
from chat.protocol.errors import Refused
from tests.aging import age, left
from tests.cast import Cast
from tests.make import post
from tests.pipeline.threads import at_once

pytestmark = pytest.mark.usefixtures("ten_days")


@pytest.mark.parametrize("hold", ["room", "workspace"])
def test_nothing_goes_while_a_hold_stands(cast: Cast, hold: str) -> None:
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    now = timezone.now()
    if hold == "room":
        policy.hold_room(cast.admin, cast.room.pk, now)
    else:
        policy.hold(cast.admin, now)
    assert removal.sweep() == removal.Removed()
    assert left(cast.room) == ["old"]
    release: Callable[[], Any] = (
        (lambda: policy.release_room(cast.admin, cast.room.pk))
        if hold == "room"
        else (lambda: policy.release(cast.admin))
    )
    release()
    assert removal.sweep().messages == 1


@pytest.mark.parametrize("hold", ["room", "workspace"])
def test_a_hold_that_is_set_in_the_middle_stops_it_there(
    cast: Cast, hold: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.protocol.limits.EXPIRY_MAX_COUNT", 2)
    for number in range(6):
        post(cast.room, cast.alice, str(number))
    age(cast.room, 11)
    calls = 0

    def after_the_first(room_id: int, cutoff: Any, through: int) -> list[int]:
        nonlocal calls
        found = expiring_next(room_id, cutoff, through)
        if calls == 1:
            # Chosen already, and not removed yet.
            if hold == "room":
                policy.hold_room(cast.admin, cast.room.pk, timezone.now())
            else:
                policy.hold(cast.admin, timezone.now())
        calls += 1
        return found

    expiring_next = expiring.next_batch
    monkeypatch.setattr(expiring, "next_batch", after_the_first)
    assert removal.sweep().messages == 2
    assert left(cast.room) == ["2", "3", "4", "5"]
    # Neither do the rows of the log.
    log = Change.objects.filter(room=cast.room).count()
    with pytest.raises(Refused, match="hold"):
        trim.cut(cast.room.pk, 100)
    with pytest.raises(Refused, match="hold"):
        trim.begin_after(cast.room.pk, 100)
    assert Change.objects.filter(room=cast.room).count() == log


def test_a_hold_is_not_answered_while_something_is_being_removed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.protocol.limits.EXPIRY_MAX_COUNT", 2)
    for number in range(40):
        post(cast.room, cast.alice, str(number))
    age(cast.room, 11)

    def hold() -> int:
        policy.hold(cast.admin, timezone.now())
        return Message.objects.filter(room=cast.room).count()

    def sweep() -> int:
        return removal.sweep().messages

    counted, _ = at_once([hold, sweep])
    assert Message.objects.filter(room=cast.room).count() == counted
