from __future__ import annotations

import pytest

from chat.actions.levels import LevelSet
from chat.protocol.commands import SetLevel
from chat.protocol.errors import ErrorCode
from tests.actions.world import ADMIN, HIDDEN_ROOM, LEFT, MEMBER, MISSING, MUTED, NOW, OUTSIDER, World


@pytest.mark.parametrize("actor", [MEMBER, MUTED])
def test_a_level_is_of_who_chooses_it(actor: int) -> None:
    world = World(archived_at=NOW)
    decision = world.decide(actor, SetLevel(room=5, level="none"))
    (draft,) = decision.drafts
    assert isinstance(draft, LevelSet)
    assert (world.place.members[actor].level, world.room.last_seq) == ("none", 40)
    assert list(draft.own_events()) == [(draft.actor.pk, {"type": "level", "room": 5, "level": "none"})]
    assert decision.result() == {"room": 5, "level": "none"}


def test_the_level_that_one_has_changes_nothing() -> None:
    world = World()
    decision = world.decide(MEMBER, SetLevel(room=5, level="all"))
    assert not decision.drafts
    assert decision.result() == {"room": 5, "level": "all"}


@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, ADMIN])
def test_nobody_has_a_level_in_a_room_of_others(actor: int) -> None:
    assert World().refused(actor, SetLevel(room=5, level="none")) == HIDDEN_ROOM
    assert World().refused(actor, SetLevel(room=MISSING, level="none")) == HIDDEN_ROOM
    assert World("open").refused(actor, SetLevel(room=5, level="none"))[0] is ErrorCode.FORBIDDEN
