from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from structlog.testing import capture_logs

from chat.actions.state import SYSTEM_ID, Request
from chat.features.attachments import follow_up
from chat.features.previews import service as previews
from chat.features.retention import expiring, policy, removal
from chat.features.retention.commands import SetRoomRetention
from chat.files import storage
from chat.models import (
    Attachment,
    Change,
    Mention,
    Message,
    Notification,
    OutboxEntry,
    Preview,
    PreviewImage,
    Reaction,
    Reminder,
    Revision,
    Room,
    ScheduledMessage,
)
from chat.pipeline.execute import execute
from chat.pipeline.run import run
from chat.protocol.commands import AddReaction, DeleteRoom, EditMessage, GetHistory
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import AttachPreviews, ExpireMessages, FoundLink
from chat.queries import counts, messages
from tests.aging import age, left
from tests.cast import Cast
from tests.features.attachments.conftest import Upload, files_of
from tests.make import post, post_command
from tests.pictures.drawing import photo
from tests.pipeline.threads import at_once

pytestmark = pytest.mark.usefixtures("ten_days")


def test_what_is_past_its_time_goes_and_what_is_young_stays(cast: Cast) -> None:
    for number in range(3):
        post(cast.room, cast.alice, f"old {number}")
    age(cast.room, 11)
    post(cast.room, cast.bob, "young")
    removed = removal.sweep()
    assert (removed.messages, removed.has_more) == (3, False)
    assert left(cast.room) == ["young"]
    room = Room.objects.get(pk=cast.room.pk)
    log = Change.objects.filter(room=room).order_by("seq")
    assert list(log.values_list("seq", flat=True)) == list(range(room.expired_seq + 1, room.last_seq + 1))
    assert list(log.values_list("kind", flat=True)) == ["message.posted", "message.expired"]
    # Numbers go on, so unread stays a subtraction.
    assert room.last_msg_no == 4
    assert counts.wrong(room.pk) == Counter()
    assert removal.sweep().messages == 0


def test_everything_that_hangs_on_a_message_goes_with_it(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "look @bob http://a.example.com")
    run(cast.bob.pk, AddReaction(message=message.pk, emoji="👍"))
    image = PreviewImage.objects.create(
        file=default_storage.save("previews/a.webp", ContentFile(b"a picture")), width=1, height=1,
        at=timezone.now() - timedelta(days=20),
    )  # fmt: skip
    found = [FoundLink(url="http://a.example.com", title="t", description="", site="", image=image.pk)]
    run(SYSTEM_ID, AttachPreviews(message=message.pk, edited_at=None, found=found))
    run(cast.alice.pk, EditMessage(message=message.pk, body="look @bob http://a.example.com !"))
    Notification.objects.create(user=cast.bob, message=message, rule="mention", way="mail", outcome="sent")
    age(cast.room, 11)
    assert removal.sweep().messages == 1
    for kind in (Message, Reaction, Mention, Revision, Preview, Notification):
        assert kind._default_manager.count() == 0, kind
    # The picture goes with the next cleaning, as any that nobody points at.
    assert default_storage.exists(image.file)
    assert previews.tidy() == 1
    assert not default_storage.exists(image.file)


def test_files_of_messages_go_with_them_and_free_their_place(cast: Cast, upload: Upload, media: Path) -> None:
    old = post(
        cast.room,
        cast.alice,
        "",
        attachments=[upload(cast.alice, b"x").pk, upload(cast.alice, photo(), "a.jpg").pk],
    )
    follow_up.prepare(cast.room.pk, old.seq)
    age(cast.room, 11)
    young = upload(cast.bob, b"stays")
    post(cast.room, cast.bob, "young", attachments=[young.pk])
    policy.hold_room(cast.admin, cast.room.pk, timezone.now())
    assert removal.sweep().messages == 0
    assert follow_up.tidy() == 0
    assert Attachment.objects.filter(message=old, dropped_at=None).count() == 2
    policy.release_room(cast.admin, cast.room.pk)
    assert removal.sweep().messages == 1
    # What is left of them is found by what follows the change, in whatever order the rest of the night comes.
    (work,) = OutboxEntry.objects.filter(task=follow_up.REMOVE).values_list("payload", flat=True)
    for _ in range(2):
        follow_up.remove(**work)
    assert list(Attachment.objects.all()) == [young]
    assert files_of(media) == {"raw"}
    assert [path.read_bytes() for path in media.rglob("*.raw")] == [b"stays"]


def test_files_of_which_nothing_was_told_are_tidied_away(cast: Cast, upload: Upload, media: Path) -> None:
    post(cast.room, cast.alice, "", attachments=[upload(cast.alice, b"x").pk])
    age(cast.room, 11)
    assert removal.sweep().messages == 1
    OutboxEntry.objects.all().delete()
    assert follow_up.tidy() == 0
    assert follow_up.tidy(timezone.now() + timedelta(hours=2)) == 1
    assert files_of(media) == set()
    assert not Attachment.objects.exists()


def test_a_picture_that_is_being_made_when_its_message_goes_leaves_nothing(
    cast: Cast, upload: Upload, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = post(cast.room, cast.alice, "", attachments=[upload(cast.alice, photo(), "a.jpg").pk])
    age(cast.room, 11)
    put = storage.put

    def put_late(*given: Any) -> None:
        # Between the making and the telling.
        if removal.sweep().messages:
            (work,) = OutboxEntry.objects.filter(task=follow_up.REMOVE).values_list("payload", flat=True)
            follow_up.remove(**work)
        put(*given)

    monkeypatch.setattr(storage, "put", put_late)
    follow_up.prepare(cast.room.pk, message.seq)
    assert files_of(media) == set()
    assert not Attachment.objects.exists()


def test_what_people_have_put_off_stays_where_it_says_something_alone(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    soon, now = timezone.now() + timedelta(days=1), timezone.now()
    for key, text in (("bare", ""), ("worded", "call Bob")):
        Reminder.objects.create(
            user=cast.bob, message=message, text=text, due_at=soon, client_reminder_id=key
        )
    for key, fields in {
        "sent": {"message": message, "seq": message.seq, "settled_at": now},
        "cancelled": {"parent": message, "settled_at": now},
        "aside": {"parent": message, "failed_at": now},
    }.items():
        ScheduledMessage.objects.create(
            author=cast.bob, room=cast.room, due_at=soon, client_scheduled_id=key, **fields
        )
    assert removal.sweep().messages == 1
    assert [(row.text, row.message) for row in Reminder.objects.all()] == [("call Bob", None)]
    # A client that repeats an old order still gets the first one; a reply that could not be sent has nowhere to go.
    kept = {row.client_scheduled_id: row.state.value for row in ScheduledMessage.objects.all()}
    assert kept == {"sent": "sent", "cancelled": "cancelled"}


def test_a_message_that_has_gone_is_as_missing_as_a_hidden_one(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    removal.sweep()
    said = []
    for user, pk in ((cast.bob, message.pk), (cast.carol, message.pk), (cast.bob, 987_654_321)):
        for ask in (lambda u, m: messages.one(u, m), lambda u, m: messages.thread(u, m, 0, 10)):
            with pytest.raises(Refused) as caught:
                ask(user, pk)
            said.append((caught.value.code, caught.value.detail))
        with pytest.raises(Refused) as caught:
            run(user.pk, AddReaction(message=pk, emoji="👍"))
        said.append((caught.value.code, caught.value.detail))
        with pytest.raises(Refused) as caught:
            run(user.pk, EditMessage(message=pk, body="x"))
        said.append((caught.value.code, caught.value.detail))
    assert set(said) == {(ErrorCode.NOT_FOUND, "no such message")}
    with pytest.raises(Refused):
        run(cast.bob.pk, post_command(cast.room, "re", parent=message.pk))


def test_a_thread_goes_whole_when_its_newest_reply_is_old(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "one")
    post(cast.room, cast.bob, "re", parent=first.pk)
    age(cast.room, 11)
    post(cast.room, cast.bob, "re young", parent=first.pk)
    assert removal.sweep().messages == 0
    assert left(cast.room) == ["one", "re", "re young"]
    # Its place in the history stays too, in a log that begins later.
    page = messages.history(cast.bob, GetHistory(room=cast.room.pk, limit=10))
    assert [item["body"] for item in page["items"]] == ["one", "re", "re young"]
    assert page["items"][0]["reply_count"] == 2
    age(cast.room, 11)
    assert removal.sweep().messages == 3
    assert left(cast.room) == []


def test_a_thread_too_large_for_one_transaction_is_closed_and_goes_in_steps(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.protocol.limits.EXPIRY_MAX_COUNT", 3)
    first = post(cast.room, cast.alice, "one")
    for number in range(6):
        post(cast.room, cast.bob, str(number), parent=first.pk)
    age(cast.room, 11)
    assert removal.sweep(running_s=-1).has_more
    assert left(cast.room) == ["", "2", "3", "4", "5"]
    with pytest.raises(Refused, match="no such message"):
        run(cast.bob.pk, post_command(cast.room, "late", parent=first.pk))
    assert not removal.sweep().has_more
    assert left(cast.room) == []
    kinds = Change.objects.filter(room=cast.room).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["message.deleted", *["message.expired"] * 3]


def test_a_reply_that_is_posted_meanwhile_saves_its_thread(cast: Cast) -> None:
    first, second = post(cast.room, cast.alice, "one"), post(cast.room, cast.alice, "two")
    cutoff = age(cast.room, 11) + timedelta(days=1)
    batch = expiring.next_batch(cast.room.pk, cutoff, 100)
    assert batch == [first.pk, second.pk]
    post(cast.room, cast.bob, "wait", parent=first.pk)
    run(SYSTEM_ID, ExpireMessages(room=cast.room.pk, before=cutoff, messages=batch))
    assert left(cast.room) == ["one", "wait"]


def test_a_reply_in_the_same_batch_saves_its_thread_and_one_behind_it_comes_too_late(cast: Cast) -> None:
    first, second = post(cast.room, cast.alice, "one"), post(cast.room, cast.alice, "two")
    cutoff = age(cast.room, 11) + timedelta(days=1)
    both = [first.pk, second.pk]
    executed = execute(
        [
            Request(cast.bob.pk, post_command(cast.room, "wait", parent=first.pk)),
            Request(SYSTEM_ID, ExpireMessages(room=cast.room.pk, before=cutoff, messages=both)),
            Request(cast.bob.pk, post_command(cast.room, "late", parent=second.pk)),
        ]
    )
    assert isinstance(executed.outcomes[2], Refused)
    assert left(cast.room) == ["one", "wait"]


def test_the_server_alone_lets_messages_go(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "one")
    cutoff = age(cast.room, 11) + timedelta(days=1)
    with pytest.raises(Refused, match="signed_out"):
        run(cast.alice.pk, ExpireMessages(room=cast.room.pk, before=cutoff, messages=[message.pk]))
    assert left(cast.room) == ["one"]


def test_what_is_named_and_stands_elsewhere_or_is_young_stays(cast: Cast) -> None:
    other, young = post(cast.plaza, cast.alice, "elsewhere"), post(cast.room, cast.alice, "young")
    age(cast.plaza, 11)
    cutoff = timezone.now() - timedelta(days=1)
    head = Room.objects.get(pk=cast.room.pk).last_seq
    named = [other.pk, young.pk, 987_654_321]
    run(SYSTEM_ID, ExpireMessages(room=cast.room.pk, before=cutoff, messages=named))
    assert (left(cast.room), left(cast.plaza)) == (["young"], ["elsewhere"])
    assert Room.objects.get(pk=cast.room.pk).last_seq == head


def test_messages_posted_during_the_removal_stay_and_the_log_has_no_hole(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.protocol.limits.EXPIRY_MAX_COUNT", 2)
    for number in range(12):
        post(cast.room, cast.alice, f"old {number}")
    age(cast.room, 11)

    def write() -> int:
        for number in range(12):
            post(cast.room, cast.bob, f"new {number}")
        return 0

    def sweep() -> int:
        return removal.sweep().messages

    assert at_once([sweep, write, sweep]).pop(0) <= 12
    while removal.sweep().messages:
        pass
    assert left(cast.room) == [f"new {number}" for number in range(12)]
    assert counts.wrong(cast.room.pk) == Counter()


def test_a_room_that_cannot_be_looked_at_does_not_keep_those_behind_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (cast.room, cast.plaza):
        post(room, cast.alice, "old")
        age(room, 11)

    def fail(room: Room, cutoff: Any) -> int:
        if room.pk == cast.room.pk:
            raise ValueError("broken")
        return last_before(room, cutoff)

    last_before = expiring.last_before
    monkeypatch.setattr(expiring, "last_before", fail)
    with capture_logs() as logs:
        assert removal.sweep().messages == 1
    assert [line["room"] for line in logs if line["event"] == "retention.failed"] == [cast.room.pk]


def test_a_room_that_was_deleted_is_emptied_in_its_time(cast: Cast) -> None:
    post(cast.plaza, cast.alice, "old")
    run(cast.alice.pk, DeleteRoom(room=cast.plaza.pk))
    assert removal.sweep().messages == 0
    age(cast.plaza, 11)
    assert removal.sweep().messages == 1
    assert left(cast.plaza) == []


@contextmanager
def written() -> Iterator[list[str]]:
    """Note the beginnings of transactions and what is deleted in them."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def test_nothing_is_written_where_nothing_is_due(cast: Cast) -> None:
    post(cast.room, cast.alice, "young")
    with written() as seen:
        removal.sweep()
    assert [sql for sql in seen if not sql.startswith(("SELECT", "PRAGMA"))] == []
    # One look at all rooms and what they keep.
    assert len(seen) <= 5


def test_a_room_of_its_own_days_is_emptied_by_them(cast: Cast) -> None:
    for room in (cast.room, cast.plaza):
        post(room, cast.alice, "old")
        age(room, 11)
    policy.set_room(cast.admin, cast.room.pk, SetRoomRetention(keep="forever"))
    policy.set_room(cast.admin, cast.plaza.pk, SetRoomRetention(keep="days", days=20))
    assert removal.sweep().messages == 0
    age(cast.plaza, 21)
    assert removal.sweep().messages == 1
    assert (left(cast.room), left(cast.plaza)) == (["old"], [])
