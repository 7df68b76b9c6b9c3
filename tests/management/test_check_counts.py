from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from chat.models import Change, Room
from tests.cast import Cast
from tests.make import post


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("check_counts", *arguments, stdout=out)
    return out.getvalue()


def test_all_is_well(cast: Cast) -> None:
    assert said() == f"{Room.objects.count()} rooms, 0 rows wrong\n"


def test_what_is_wrong_is_said_and_ends_with_a_failure(cast: Cast) -> None:
    Room.objects.filter(pk=cast.room.pk).update(last_msg_no=7)
    out = StringIO()
    with pytest.raises(CommandError, match="last_msg_no 1"):
        call_command("check_counts", stdout=out)
    assert f"room {cast.room.pk}: last_msg_no 1: wrong\n" in out.getvalue()
    assert Room.objects.get(pk=cast.room.pk).last_msg_no == 7


def test_it_repairs_when_asked_to(cast: Cast) -> None:
    Room.objects.filter(pk=cast.room.pk).update(last_msg_no=7)
    post(cast.plaza, cast.alice, "hi")
    Change.objects.filter(room=cast.plaza, seq=1).delete()
    told = said("--repair")
    assert f"room {cast.room.pk}: last_msg_no 1: repaired\n" in told
    assert f"room {cast.plaza.pk}: log 1: repaired\n" in told
    assert said().endswith(" 0 rows wrong\n")


def test_one_room_can_be_looked_at_alone(cast: Cast) -> None:
    Room.objects.filter(pk=cast.room.pk).update(last_msg_no=7)
    assert said("--room", str(cast.plaza.pk)) == "1 rooms, 0 rows wrong\n"
    with pytest.raises(CommandError, match="no room 987654"):
        said("--room", "987654")
