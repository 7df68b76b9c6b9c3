from __future__ import annotations

from datetime import timedelta

import pytest

from chat.actions.members import MemberChanged, MemberLeft
from chat.actions.moderation import MemberBanned, MemberUnbanned
from chat.protocol.commands import (
    AddMember,
    BanMember,
    Command,
    DeleteMessage,
    EditMessage,
    JoinRoom,
    LeaveRoom,
    MuteMember,
    PostMessage,
    UnbanMember,
    UnmuteMember,
    UpdateMember,
)
from chat.protocol.errors import ErrorCode
from chat.protocol.fields import NO_END
from tests.actions.world import (
    ADMIN,
    BANNED,
    GUEST,
    HIDDEN_MEMBER,
    HIDDEN_ROOM,
    HIDDEN_USER,
    LEFT,
    MEMBER,
    MISSING,
    MODERATOR,
    MUTED,
    NOW,
    OUTSIDER,
    OWNER,
    STRANGER,
    World,
)


def mute(user: int, minutes: int | None = 10, reason: str | None = None) -> MuteMember:
    return MuteMember(room=5, user=user, minutes=minutes, reason=reason)


def unmute(user: int) -> UnmuteMember:
    return UnmuteMember(room=5, user=user)


def ban(user: int, reason: str | None = None) -> BanMember:
    return BanMember(room=5, user=user, reason=reason)


def unban(user: int) -> UnbanMember:
    return UnbanMember(room=5, user=user)


def post(body: str = "hi") -> PostMessage:
    return PostMessage(room=5, client_message_id=f"message-{body}", body=body)


@pytest.mark.parametrize(
    ("actor", "subject"),
    [(OWNER, MODERATOR), (OWNER, MEMBER), (MODERATOR, MEMBER), (MODERATOR, GUEST), (ADMIN, MODERATOR)],
)
def test_who_stands_above_mutes_unmutes_and_bans(actor: int, subject: int) -> None:
    world = World()
    (muted,) = world.decide(actor, mute(subject, reason="rest")).drafts
    assert isinstance(muted, MemberChanged)
    assert world.place.members[subject].muted_until == NOW + timedelta(minutes=10)
    assert muted.row().payload["reason"] == "rest"
    assert world.refused(subject, post())[0] is ErrorCode.MUTED
    world.decide(actor, unmute(subject))
    assert world.place.members[subject].muted_until is None
    assert world.decide(subject, post()).drafts
    (left,) = world.decide(actor, ban(subject)).drafts
    assert isinstance(left, MemberLeft)
    assert left.row().payload["is_banned"] is True
    assert world.place.member(subject) is None
    assert world.refused(subject, post("again")) == HIDDEN_ROOM


@pytest.mark.parametrize(
    ("actor", "subject"),
    [
        (MODERATOR, MODERATOR),
        (MODERATOR, OWNER),
        (OWNER, OWNER),
        (ADMIN, ADMIN),
        (MEMBER, GUEST),
        (MUTED, MEMBER),
        (MUTED, MUTED),
        (GUEST, MEMBER),
    ],
)
def test_nobody_mutes_or_bans_an_equal_a_higher_one_or_oneself(actor: int, subject: int) -> None:
    world = World()
    if subject == ADMIN:
        world.member(ADMIN)
    for command in (mute(subject), unmute(subject), ban(subject)):
        assert world.refused(actor, command)[0] is ErrorCode.FORBIDDEN


def test_an_owner_is_not_muted_by_who_runs_the_workspace_either() -> None:
    assert World().refused(ADMIN, mute(OWNER))[0] is ErrorCode.FORBIDDEN


def test_a_moderator_does_nothing_to_another_moderator() -> None:
    world = World()
    world.member(STRANGER, role="moderator")
    for command in (mute(STRANGER), unmute(STRANGER), ban(STRANGER)):
        assert world.refused(MODERATOR, command)[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("command", [mute(MEMBER), unmute(MEMBER), ban(STRANGER), unban(BANNED)])
def test_a_hidden_room_is_refused_like_a_missing_one(command: Command) -> None:
    missed = command.model_copy(update={"room": MISSING})
    for actor in (OUTSIDER, LEFT, BANNED):
        assert World().refused(actor, command) == World().refused(actor, missed) == HIDDEN_ROOM
    assert World("open").refused(BANNED, command) == HIDDEN_ROOM
    assert World("direct").refused(MEMBER, command)[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("subject", [LEFT, BANNED, STRANGER, MISSING])
def test_who_is_not_in_is_not_muted(subject: int) -> None:
    assert World().refused(OWNER, mute(subject)) == HIDDEN_MEMBER
    assert World().refused(OWNER, unmute(subject)) == HIDDEN_MEMBER


def test_a_mute_lasts_until_a_time_or_some_minutes_or_for_ever() -> None:
    world = World()
    own = world.place.members[MEMBER]
    world.decide(OWNER, MuteMember(room=5, user=MEMBER, until="2026-01-02T05:04:05+01:00"))
    assert own.muted_until == NOW + timedelta(hours=1)
    world.decide(OWNER, MuteMember(room=5, user=MEMBER))
    assert own.muted_until == NO_END
    assert world.decide(OWNER, MuteMember(room=5, user=MEMBER)).drafts == ()
    past = MuteMember(room=5, user=MEMBER, until="2026-01-02T03:04:05Z")
    assert world.refused(OWNER, past)[0] is ErrorCode.BAD_FRAME


def test_a_mute_lasts_through_leaving_and_coming_back() -> None:
    world = World("open")
    world.decide(MEMBER, JoinRoom(room=5))
    world.decide(OWNER, mute(MEMBER))
    world.decide(MEMBER, LeaveRoom(room=5))
    (draft,) = world.decide(MEMBER, JoinRoom(room=5)).drafts
    assert "muted_until" in draft.row().payload
    assert world.refused(MEMBER, post())[0] is ErrorCode.MUTED


def test_the_muted_delete_what_they_said_and_change_nothing_of_it() -> None:
    world = World()
    world.message(9, MUTED)
    assert world.refused(MUTED, EditMessage(message=9, body="x"))[0] is ErrorCode.MUTED
    assert world.decide(MUTED, DeleteMessage(message=9)).drafts


def test_unmuting_who_is_not_muted_changes_nothing() -> None:
    assert World().decide(OWNER, unmute(MEMBER)).drafts == ()


def test_whoever_becomes_an_owner_may_write() -> None:
    world = World()
    world.decide(OWNER, UpdateMember(room=5, user=MUTED, role="owner"))
    assert world.place.members[MUTED].muted_until is None
    assert world.decide(MUTED, post()).drafts


@pytest.mark.parametrize("subject", [LEFT, STRANGER])
def test_who_is_not_in_is_kept_out(subject: int) -> None:
    world = World("open")
    (draft,) = world.decide(MODERATOR, ban(subject, reason="spam")).drafts
    assert isinstance(draft, MemberBanned)
    assert draft.row().payload["reason"] == "spam"
    assert world.refused(subject, JoinRoom(room=5))[0] is ErrorCode.FORBIDDEN
    assert world.decide(MODERATOR, ban(subject)).drafts == ()
    assert world.refused(MEMBER, AddMember(room=5, user=subject))[0] is ErrorCode.FORBIDDEN


def test_a_lifted_ban_lets_come_and_does_not_bring_in() -> None:
    world = World("open")
    (draft,) = world.decide(MODERATOR, unban(BANNED)).drafts
    assert isinstance(draft, MemberUnbanned)
    assert world.place.member(BANNED) is None
    assert world.decide(MODERATOR, unban(BANNED)).drafts == ()
    assert world.decide(BANNED, JoinRoom(room=5)).drafts


@pytest.mark.parametrize("command", [ban(MISSING), unban(MISSING)])
def test_a_user_who_is_missing_or_disabled_and_was_never_in_is_refused_alike(command: Command) -> None:
    world = World()
    world.state.users[STRANGER].is_active = False
    hidden = world.refused(OWNER, command.model_copy(update={"user": STRANGER}))
    assert hidden == world.refused(OWNER, command) == HIDDEN_USER


def test_a_disabled_member_can_be_banned() -> None:
    world = World()
    world.state.users[MEMBER].is_active = False
    assert world.decide(OWNER, ban(MEMBER)).drafts


def test_a_ban_ends_by_itself_at_its_time() -> None:
    world = World("open")
    (draft,) = world.decide(OWNER, BanMember(room=5, user=MEMBER, minutes=10)).drafts
    until = NOW + timedelta(minutes=10)
    assert draft.row().payload["banned_until"] == until.isoformat()
    assert world.refused(MEMBER, JoinRoom(room=5))[0] is ErrorCode.FORBIDDEN
    world.state.now = until
    assert world.decide(MEMBER, JoinRoom(room=5)).drafts
    own = world.place.members[MEMBER]
    assert (own.banned_at, own.banned_until) == (None, None)


def test_a_ban_gets_another_end_and_a_repeat_changes_nothing() -> None:
    world = World("open")
    short = BanMember(room=5, user=STRANGER, until="2026-01-03T00:00:00Z")
    assert world.decide(OWNER, short).drafts
    assert world.decide(OWNER, short).drafts == ()
    assert world.decide(OWNER, ban(STRANGER)).drafts
    assert world.place.members[STRANGER].banned_until is None
    assert world.decide(OWNER, ban(STRANGER)).drafts == ()
    past = BanMember(room=5, user=STRANGER, until="2026-01-02T03:04:05Z")
    assert world.refused(OWNER, past)[0] is ErrorCode.BAD_FRAME


def test_lifting_a_ban_that_is_over_changes_nothing() -> None:
    world = World("open")
    world.decide(OWNER, BanMember(room=5, user=STRANGER, minutes=10))
    world.state.now = NOW + timedelta(minutes=11)
    assert world.decide(OWNER, unban(STRANGER)).drafts == ()
