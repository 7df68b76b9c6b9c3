"""Let messages go whose time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from chat.actions import permissions, quotes
from chat.actions.messages import MessageDeleted
from chat.actions.state import Decision, Draft, Request, State, already, decided, system
from chat.models import Attachment, Change, Message, Reminder, ScheduledMessage
from chat.protocol.changes import ChangeKind
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import ExpireMessages


@dataclass(slots=True)
class MessagesExpired(Draft):
    """Messages that are gone, by id."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_EXPIRED
    is_life: ClassVar[bool] = False
    messages: Sequence[int] = ()
    had_attachments: bool = False
    # Found out while it is written.
    was_quoted: bool = False

    def apply(self, state: State) -> None:
        """Forget them for what else stands in the batch."""
        for pk in self.messages:
            state.messages.pop(pk, None)
            state.expiring.pop(pk, None)

    def row(self) -> Change:
        """Return the log row with the ids: nothing else is left to be looked up."""
        row = Draft.row(self)
        row.payload = {"messages": list(self.messages)}
        return row


def expire(state: State, request: Request) -> Decision:
    """Remove what is named and may go; what somebody has answered meanwhile stays. For the server alone.

    Refuses with not_found, conflict (a legal hold stands).
    """
    command = cast(ExpireMessages, request.command)
    room = state.rooms.get(command.room)
    if room is None:
        raise permissions.missing_room()
    if room.room.pk in state.held_rooms:
        raise Refused(ErrorCode.CONFLICT, "a legal hold stands")
    named = {pk: state.expiring[pk] for pk in command.messages if pk in state.expiring}
    replies = Counter(message.parent_id for message in named.values() if message.parent_id is not None)
    gone: list[Message] = []
    closed: list[Message] = []
    for message in named.values():
        root = message.parent_id or message.pk
        if root in state.living or root not in named:
            continue
        if message.parent_id is None and state.reply_counts.get(root, 0) > replies[root]:
            # Not all of it is named: nobody can answer what is deleted, so the rest can follow.
            closed += [message] if message.deleted_at is None else []
        else:
            gone.append(message)
    at = state.at(room)
    drafts: list[Draft] = [
        MessageDeleted(room=room, actor=system(), at=at, message=message) for message in closed
    ]
    if gone:
        drafts.append(
            MessagesExpired(
                room=room, actor=system(), at=at, messages=[message.pk for message in gone],
                had_attachments=any(message.attachment_count for message in gone),
            )
        )  # fmt: skip
    return decided(*drafts) if drafts else already(room)


def write_expired(drafts: Sequence[MessagesExpired]) -> None:
    """Remove the messages with all that hangs on them; what people have put off stays where it says something alone."""
    ids = [pk for draft in drafts for pk in draft.messages]
    ScheduledMessage.objects.filter(message__in=ids).update(message=None)
    ScheduledMessage.objects.filter(parent__in=ids, settled_at__isnull=False).update(parent=None)
    Reminder.objects.filter(message__in=ids).exclude(text="").update(message=None)
    for draft in drafts:
        draft.was_quoted = bool(quotes.empty(draft.messages, draft.at))
        # The rows stay until what follows has taken their files out of the storage, which finds them by this time.
        Attachment.objects.filter(message__in=draft.messages).update(message=None, dropped_at=draft.at)
    Message.objects.filter(pk__in=ids).delete()
