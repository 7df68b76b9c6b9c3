"""What the changes of a message write: the rows themselves and what hangs on them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count

from chat.actions import audit, ballots, calls, quotes, reads, threads
from chat.actions.messages import MessageDeleted, MessageEdited, MessagePosted
from chat.models import (
    Attachment,
    AuditDeed,
    Call,
    Membership,
    Mention,
    Message,
    Poll,
    Preview,
    Quote,
    Reaction,
    Removal,
    Revision,
    Saved,
    rows,
    statements,
)
from chat.models.statements import Statement
from chat.protocol import limits

_COLUMNS = rows.names_of(Message)


def write_posted(drafts: Sequence[MessagePosted]) -> list[Statement]:
    """Insert the messages, their mentions and the read markers of their authors."""
    messages = rows.values([draft.message for draft in drafts], _COLUMNS)
    markers = {
        (member := draft.room.members[draft.actor.id]).id: (member.read_backs, draft.message.msg_no)
        for draft in drafts
        if draft.message.msg_no
    }
    written = [statements.insert(Message, _COLUMNS, messages), *_insert_mentions(drafts)]
    written += calls.insert([call for draft in drafts for call in draft.calls])
    claimed = [
        (one.pk, one.message_id, one.place)
        for draft in drafts
        if draft.attachments
        for one in draft.attachments
    ]
    if claimed:
        written.append(statements.update(Attachment, ("id", "message_id", "place"), claimed))
    if slowed := [draft.room.members[draft.actor.id] for draft in drafts if draft.room.room.slow_s]:
        last = {row.id: (row.id, row.slow_at) for row in slowed}
        written.append(statements.update(Membership, ("id", "slow_at"), sorted(last.values())))
    if polls := [draft.poll for draft in drafts if draft.poll is not None]:
        written.append(ballots.insert(polls))
    if follows := [row for draft in drafts for row in draft.follows]:
        written += threads.written(follows)
    quoted = [draft.quote for draft in drafts if draft.quote is not None]
    if quoted:
        written.append(quotes.insert(quoted))
    return [*written, reads.move_markers(markers)] if markers else written


def write_edited(drafts: Sequence[MessageEdited]) -> None:
    """Update the messages, keep their earlier texts, renew their mentions, drop previews of links that are gone."""
    messages = list({draft.message.pk: draft.message for draft in drafts}.values())
    Message.objects.bulk_update(messages, ["body", "html", "edited_at"])
    Revision.objects.bulk_create([draft.earlier for draft in drafts if draft.earlier])
    _forget_oldest(messages)
    Mention.objects.filter(message__in=messages).delete()
    if any(draft.had_calls for draft in drafts):
        Call.objects.filter(message__in=messages).delete()
    last = {draft.message.pk: draft for draft in drafts}
    called = [call for draft in last.values() for call in draft.calls]
    statements.send([*_insert_mentions(list(last.values())), *calls.insert(called)])
    shown = Preview.objects.filter(message__in=messages, removed_at=None)
    gone = [
        pk for pk, message, url in shown.values_list("pk", "message", "url") if url not in last[message].links
    ]
    if gone:
        Preview.objects.filter(pk__in=gone).delete()


def write_deleted(drafts: Sequence[MessageDeleted]) -> list[Statement]:
    """Empty the messages and drop what hangs on them; what others have deleted keeps who it was and why."""
    messages = [draft.message for draft in drafts]
    emptied = ["body", "html", "deleted_at", "attachment_count", "quote_chars", "pinned_at", "pinned_by"]
    emptied.append("has_poll")
    Message.objects.bulk_update(messages, emptied)
    with_files = [draft.message for draft in drafts if draft.had_attachments]
    if with_files:
        # The rows stay until what follows has taken their files out of the storage.
        Attachment.objects.filter(message__in=with_files).update(dropped_at=drafts[0].at)
    for related in (Revision, Mention, Call, Reaction, Preview, Quote, Saved, Poll):
        related._default_manager.filter(message__in=messages).delete()
    quoted = quotes.empty([message.pk for message in messages], drafts[0].at)
    for draft in drafts:
        draft.was_quoted = draft.message.pk in quoted
    others = [draft for draft in drafts if draft.is_of_another]
    if not others:
        return []
    Removal.objects.bulk_create(
        [Removal(message=draft.message, by=draft.actor, reason=draft.reason or "") for draft in others]
    )
    return audit.written(
        [
            audit.of(
                AuditDeed.MESSAGE_REMOVED, draft,
                subject=draft.message.sender, message=draft.message.pk, reason=draft.reason,
            )
            for draft in others
        ]
    )  # fmt: skip


def _forget_oldest(messages: Sequence[Message]) -> None:
    """Keep so many earlier texts of each message."""
    held = (
        Revision.objects.filter(message__in=messages).order_by().values_list("message").annotate(Count("pk"))
    )
    for message, count in held:
        if count > limits.VERSIONS_MAX_COUNT:
            newest = Revision.objects.filter(message=message).order_by("-pk")
            old = list(newest.values_list("pk", flat=True)[limits.VERSIONS_MAX_COUNT :])
            Revision.objects.filter(pk__in=old).delete()


def _insert_mentions(drafts: Sequence[MessagePosted | MessageEdited]) -> list[Statement]:
    mentions = [
        (draft.message.id, user_id, draft.room.room.id, draft.message.msg_no)
        for draft in drafts
        for user_id in dict.fromkeys(draft.mentioned)
    ]
    names = ("message_id", "user_id", "room_id", "msg_no")
    return [statements.insert(Mention, names, mentions)] if mentions else []
