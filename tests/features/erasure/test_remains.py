from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils import timezone

from chat.actions.state import SYSTEM_ID
from chat.features.erasure import beginning, remains
from chat.models import (
    Attachment,
    Avatar,
    BrowserSession,
    Call,
    Change,
    DraftText,
    Erasure,
    Guest,
    Invite,
    InviteUse,
    Letter,
    Membership,
    Mention,
    Message,
    Notification,
    NotificationSettings,
    OutboxEntry,
    Push,
    PushSubscription,
    Reaction,
    Reminder,
    Report,
    Revision,
    Room,
    RoomRetention,
    Saved,
    ScheduledMessage,
    Sidebar,
    ThreadFollow,
    Token,
    User,
    UserGroup,
    UserGroupMember,
)
from chat.pipeline import follow_ups
from chat.pipeline.run import run
from chat.protocol.commands import (
    AddReaction,
    DeleteRoom,
    EditMessage,
    OpenDirect,
    RemoveMember,
    UpdateMember,
)
from chat.protocol.errors import Refused
from chat.protocol.system import EraseMember, EraseMessages
from chat.queries import counts
from tests.cast import Cast, make_room, membership
from tests.make import post
from tests.planted import a_file


def erase(user: User, *, removes: bool = False, running_s: float = 60.0) -> bool:
    beginning.erase(user.pk, None, removes_messages=removes, now=timezone.now())
    return remains.remove(user.pk, running_s=running_s)


def bodies(room: Room) -> list[str]:
    return list(Message.objects.filter(room=room).order_by("seq").values_list("body", flat=True))


# What is kept under an account that is nobody's: what was said and done among others.
KEPT = {
    ("change", "actor"), ("change", "subject"), ("membership", "user"), ("message", "sender"),
    ("reaction", "user"), ("vote", "user"), ("erasure", "user"), ("erasure", "asked_by"), ("invite", "created_by"),
    ("workspace", "held_by"), ("usergroup", "made_by"), ("roomretention", "held_by"), ("logentry", "user"),
    # Of messages that stay; what no message has goes with its files (attachments/follow_up.py, forget).
    ("attachment", "uploader"),
    ("message", "pinned_by"),
    # What others have written with goes on meaning it.
    ("customemoji", "made_by"),
    # The record of deeds, and what was seen to; from where somebody acted goes at once (erasure/beginning.py).
    ("auditentry", "actor"), ("auditentry", "subject"), ("removal", "by"), ("report", "resolved_by"),
    # That somebody has taken the workspace; own data go with their files (exports/service.py, forget).
    ("export", "user"),
}  # fmt: skip
REMOVED = {
    ("token", "user"), ("guest", "user"), ("mention", "user"), ("letter", "user"), ("notification", "user"),
    ("notificationsettings", "user"), ("reminder", "user"), ("scheduledmessage", "author"),
    ("pushsubscription", "user"), ("avatar", "user"), ("saved", "user"), ("sidebar", "user"), ("inviteuse", "user"),
    ("report", "reporter"), ("threadfollow", "user"), ("drafttext", "user"), ("browsersession", "user"),
    ("usergroupmember", "user"),
    ("authenticator", "user"), ("socialaccount", "user"),
    ("emailaddress", "user"), ("user_groups", "user"), ("user_user_permissions", "user"),
}  # fmt: skip


def test_everything_that_points_at_an_account_is_thought_of() -> None:
    """Who adds a table decides here what becomes of it, and has it removed if it goes."""
    found = {
        (model._meta.model_name, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is User
    }
    assert found == KEPT | REMOVED


def test_what_was_put_off_and_what_the_ledger_holds_goes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remains, "ROWS_MAX_COUNT", 2)
    message = post(cast.room, cast.alice, "hi @bob")
    soon = timezone.now() + timedelta(days=1)
    for number in range(5):
        Reminder.objects.create(user=cast.bob, text="x", due_at=soon, client_reminder_id=str(number))
        ScheduledMessage.objects.create(
            author=cast.bob, room=cast.room, body="x", due_at=soon, client_scheduled_id=str(number)
        )
    Notification.objects.create(user=cast.bob, message=message, rule="mention", way="mail", outcome="sent")
    Letter.objects.create(user=cast.bob, kind="missed", claimed_until=soon)
    Reminder.objects.create(user=cast.alice, text="mine", due_at=soon, client_reminder_id="mine")
    assert erase(cast.bob)
    for kind in (ScheduledMessage, Notification, Letter, Mention):
        assert kind._default_manager.count() == 0, kind
    assert [row.text for row in Reminder.objects.all()] == ["mine"]
    assert Erasure.objects.get().finished_at is not None


def test_who_is_erased_is_called_by_nothing(cast: Cast) -> None:
    group = UserGroup.objects.create(handle="design", name="Design", made_by=cast.bob)
    UserGroupMember.objects.bulk_create(
        UserGroupMember(group=group, user=user) for user in (cast.bob, cast.mina)
    )
    post(cast.room, cast.alice, "@design")
    post(cast.room, cast.alice, "@bob @room")
    assert erase(cast.bob)
    assert [(row.kind, row.ids) for row in Call.objects.order_by("pk")] == [
        ("group", [cast.mina.pk]),
        ("room", []),
    ]
    assert list(group.members.values_list("user_id", flat=True)) == [cast.mina.pk]


def test_of_what_is_removed_no_row_stays(cast: Cast) -> None:
    """Who sorts a table under REMOVED plants a row here."""
    bob, soon = cast.bob, timezone.now() + timedelta(days=1)
    message = post(cast.room, cast.alice, "hi @bob")
    Token.objects.create(user=bob, digest="x", label="bot")
    Report.objects.create(message=message, room=cast.room, reporter=bob, kind="spam")
    Guest.objects.create(user=bob, room=cast.room, network="x")
    EmailAddress.objects.create(user=bob, email="bob@example.org")
    NotificationSettings.objects.create(user=bob)
    Notification.objects.create(user=bob, message=message, rule="mention", way="mail", outcome="sent")
    ThreadFollow.objects.create(user=bob, message=message)
    UserGroupMember.objects.create(user=bob, group=UserGroup.objects.create(handle="design", name="Design"))
    DraftText.objects.create(user=bob, room=cast.room, body="x", written_at=soon)
    Letter.objects.create(user=bob, kind="missed", claimed_until=soon)
    Reminder.objects.create(user=bob, text="x", due_at=soon, client_reminder_id="x")
    ScheduledMessage.objects.create(
        author=bob, room=cast.room, body="x", due_at=soon, client_scheduled_id="x"
    )
    BrowserSession.objects.create(user=bob, session_key="x")
    TOTP.activate(bob, "JBSWY3DPEHPK3PXP")
    SocialAccount.objects.create(user=bob, provider="oidc", uid="x")
    Avatar.objects.create(user=bob, key="x", small=b"x", large=b"x")
    Saved.objects.create(user=bob, message=message)
    PushSubscription.objects.create(user=bob, digest="x", endpoint="https://push.example.com/x", label="x")
    invite = Invite.objects.create(digest="x", created_by=cast.alice, expires_at=soon)
    InviteUse.objects.create(invite=invite, user=bob)
    Sidebar.objects.create(user=bob, body={"sections": [{"id": "a", "name": "x", "rooms": []}]})
    bob.groups.add(Group.objects.create(name="x"))
    bob.user_permissions.add(Permission.objects.all()[0])

    def rows() -> dict[tuple[str, str], int]:
        tables = {model._meta.model_name: model for model in apps.get_models(include_auto_created=True)}
        return {
            (name, field): tables[name]._default_manager.filter(**{field: bob.pk}).count()
            for name, field in REMOVED
        }

    assert 0 not in rows().values(), rows()
    assert erase(bob)
    assert rows() == dict.fromkeys(REMOVED, 0)


def test_features_are_told_to_remove_files_at_the_beginning_and_again_at_the_end(cast: Cast) -> None:
    def told() -> set[str]:
        keys = OutboxEntry.objects.filter(task__in=follow_ups.AFTER_ERASURE).values_list("key", flat=True)
        return set(keys)

    beginning.erase(cast.bob.pk, None, removes_messages=True, now=timezone.now())
    begun = {f"{task}:{cast.bob.pk}:begun" for task in follow_ups.AFTER_ERASURE}
    assert told() == begun
    assert remains.remove(cast.bob.pk)
    assert told() == begun | {f"{task}:{cast.bob.pk}:emptied" for task in follow_ups.AFTER_ERASURE}
    assert {row.payload["user"] for row in OutboxEntry.objects.filter(key__in=told())} == {cast.bob.pk}


def test_browsers_go_with_what_waits_for_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remains, "ROWS_MAX_COUNT", 1)
    message = post(cast.room, cast.alice, "hi @bob @mina")
    for user, names in ((cast.bob, "ab"), (cast.mina, "c")):
        waiting = Notification.objects.create(
            user=user, message=message, rule="mention", way="push", outcome="waiting"
        )
        for name in names:
            browser = PushSubscription.objects.create(
                user=user, digest=name, endpoint=f"https://push.example.com/{name}", label=name
            )
            Push.objects.create(subscription=browser, notification=waiting)
    assert erase(cast.bob)
    assert [row.label for row in PushSubscription.objects.all()] == ["c"]
    assert [row.subscription.user for row in Push.objects.all()] == [cast.mina]
    assert [row.user for row in Notification.objects.all()] == [cast.mina]


def test_messages_stay_under_nobodys_name(cast: Cast) -> None:
    message = post(cast.room, cast.bob, "I said this")
    run(cast.bob.pk, AddReaction(message=message.pk, emoji="👍"))
    assert erase(cast.bob)
    assert bodies(cast.room) == ["I said this"]
    assert Reaction.objects.count() == 1
    assert Message.objects.get().sender.name == "Deleted user"


def test_messages_are_emptied_and_keep_their_place_if_asked_for(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.protocol.limits.ERASURE_MAX_COUNT", 2)
    first = post(cast.room, cast.bob, "one")
    run(cast.bob.pk, EditMessage(message=first.pk, body="two"))
    post(cast.room, cast.alice, "not mine", parent=first.pk)
    for room in (cast.room, make_room(cast.alice, cast.bob, name="Other")):
        for number in range(3):
            post(room, cast.bob, str(number))
    assert erase(cast.bob, removes=True)
    assert set(Message.objects.filter(sender=cast.bob).values_list("body", "html")) == {("", None)}
    assert bodies(cast.room) == ["", "not mine", "", "", ""]
    assert Revision.objects.count() == 0
    for room in Room.objects.all():
        assert counts.wrong(room.pk) == Counter()


def test_messages_in_a_room_that_was_deleted_are_emptied_too(cast: Cast) -> None:
    room = make_room(cast.alice, cast.bob, name="Short")
    said = post(room, cast.bob, "said", attachments=[a_file(cast.bob).pk])
    run(cast.bob.pk, EditMessage(message=said.pk, body="said anew"))
    kept = post(room, cast.alice, "", attachments=[a_file(cast.alice).pk])
    run(cast.alice.pk, DeleteRoom(room=room.pk))
    assert erase(cast.bob, removes=True)
    assert bodies(room) == ["", ""]
    assert Revision.objects.count() == 0
    # Files too: what follows takes them out of the storage.
    dropped = dict(Attachment.objects.values_list("message", "dropped_at"))
    assert dropped[kept.pk] is None
    assert dropped[said.pk] is not None
    assert counts.wrong(room.pk) == Counter()


def test_a_hold_of_a_deleted_room_that_is_set_in_the_middle_keeps_what_was_said_there(cast: Cast) -> None:
    room = make_room(cast.alice, cast.bob, name="Short")
    post(room, cast.bob, "said", attachments=[a_file(cast.bob).pk])
    run(cast.alice.pk, DeleteRoom(room=room.pk))
    beginning.erase(cast.bob.pk, None, removes_messages=True, now=timezone.now())
    RoomRetention.objects.create(room=room, held_at=timezone.now())
    with pytest.raises(Refused, match="hold"):
        remains.remove(cast.bob.pk)
    assert bodies(room) == ["said"]
    assert Attachment.objects.get().dropped_at is None
    RoomRetention.objects.update(held_at=None)
    assert remains.remove(cast.bob.pk)
    assert bodies(room) == [""]


def test_they_are_out_of_rooms_by_a_change_and_still_in_directs(cast: Cast) -> None:
    direct = run(cast.alice.pk, OpenDirect(users=[cast.bob.pk]))["room"]
    assert erase(cast.bob)
    assert membership(cast.room, cast.bob).left_seq is not None
    last = Change.objects.filter(room=cast.room).latest("seq")
    assert (last.kind, last.subject_id, last.actor_id) == ("member.left", cast.bob.pk, None)
    assert Membership.objects.get(room=direct, user=cast.bob).left_seq is None


def test_a_room_keeps_an_owner(cast: Cast) -> None:
    assert erase(cast.alice)
    # The moderator, before members who came earlier.
    assert membership(cast.room, cast.mina).role == "owner"
    kinds = Change.objects.filter(room=cast.room).order_by("-seq").values_list("kind", "subject")[:2]
    assert list(kinds) == [("member.left", cast.alice.pk), ("member.changed", cast.mina.pk)]
    # Nobody was there.
    assert not Membership.objects.filter(room=cast.plaza, left_seq=None).exists()


def test_who_came_first_runs_a_room_without_moderators_and_bots_and_guests_never_do(cast: Cast) -> None:
    User.objects.filter(pk=cast.carol.pk).update(role=User.Role.GUEST)
    room = make_room(cast.alice, cast.beep, cast.carol, cast.jiwoo, cast.bob, name="Four")
    run(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.mina.pk))
    assert erase(cast.alice)
    owners = Membership.objects.filter(room=room, role="owner", left_seq=None)
    assert list(owners.values_list("user", flat=True)) == [cast.jiwoo.pk]


def test_a_member_who_goes_makes_nobody_an_owner(cast: Cast) -> None:
    run(cast.alice.pk, UpdateMember(room=cast.room.pk, user=cast.bob.pk, role="moderator"))
    Membership.objects.filter(room=cast.room, user=cast.alice).update(role="member")
    assert erase(cast.bob)
    assert not Membership.objects.filter(room=cast.room, role="owner").exists()


def test_it_goes_on_in_steps_and_after_a_kill(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.protocol.limits.ERASURE_MAX_COUNT", 1)
    for number in range(3):
        post(cast.room, cast.bob, str(number))
    assert not erase(cast.bob, removes=True, running_s=-1)
    steps = 1
    while True:
        entries = OutboxEntry.objects.filter(task=remains.ERASE)
        assert entries.count() == steps + 1
        entry = entries.latest("pk")
        assert entry.payload == {"user": cast.bob.pk, "step": steps}
        # Twice is the same as once.
        done = [remains.remove(entry.payload["user"], steps, running_s=-1) for _ in range(2)]
        if done[-1]:
            break
        steps += 1
    assert bodies(cast.room) == [""] * 3
    assert membership(cast.room, cast.bob).left_seq is not None


def test_a_hold_that_is_set_in_the_middle_stops_it_until_it_ends(cast: Cast) -> None:
    post(cast.room, cast.bob, "said")
    beginning.erase(cast.bob.pk, None, removes_messages=True, now=timezone.now())
    RoomRetention.objects.create(room=cast.room, held_at=timezone.now())
    with pytest.raises(Refused, match="hold"):
        remains.remove(cast.bob.pk)
    assert bodies(cast.room) == ["said"]
    RoomRetention.objects.update(held_at=None)
    assert remains.remove(cast.bob.pk)
    assert bodies(cast.room) == [""]


def test_the_server_erases_nobody_who_is_active(cast: Cast) -> None:
    message = post(cast.room, cast.bob, "said")
    for command in (
        EraseMember(room=cast.room.pk, user=cast.bob.pk),
        EraseMessages(room=cast.room.pk, user=cast.bob.pk, messages=[message.pk]),
    ):
        with pytest.raises(Refused, match="active"):
            run(SYSTEM_ID, command)
        with pytest.raises(Refused, match="signed_out"):
            run(cast.alice.pk, command)
    assert bodies(cast.room) == ["said"]


def test_only_their_own_messages_are_emptied(cast: Cast) -> None:
    own, other = post(cast.room, cast.bob, "own"), post(cast.room, cast.alice, "other")
    elsewhere = post(make_room(cast.alice, cast.bob, name="Other"), cast.bob, "elsewhere")
    beginning.erase(cast.bob.pk, None, removes_messages=True, now=timezone.now())
    named = [own.pk, other.pk, elsewhere.pk, 987_654]
    run(SYSTEM_ID, EraseMessages(room=cast.room.pk, user=cast.bob.pk, messages=named))
    assert sorted(Message.objects.values_list("body", flat=True)) == ["", "elsewhere", "other"]


def test_nothing_is_left_to_do_for_who_was_not_erased(cast: Cast) -> None:
    assert remains.remove(cast.bob.pk)
    assert membership(cast.room, cast.bob).left_seq is None
