"""Which change leads to which task: one table, by name, because the pipeline does not know the features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat import conf
from chat.actions.messages import MessageDeleted, MessageDraft, MessagePosted
from chat.actions.retention import MessagesExpired
from chat.actions.state import Draft
from chat.models import Attachment
from chat.protocol.changes import ChangeKind
from chat.text import links


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task that runs after a change, at least once.

    `applies` looks at the change as it was decided, which is in memory: a message that nothing follows costs nothing.
    """

    kind: ChangeKind
    applies: Callable[[Draft], bool]
    task: str


def _tells_somebody(draft: Draft) -> bool:
    """Tell whether a message names or calls anybody, stands in a direct conversation or answers in a thread."""
    return isinstance(draft, MessagePosted) and (
        bool(draft.mentioned or draft.calls)
        or draft.message.parent_id is not None
        or draft.room.room.is_direct
    )


def _may_have_links(draft: Draft) -> bool:
    # Asked for each message under its room's lock: nearly all end at the first look at their text.
    return isinstance(draft, MessageDraft) and links.may_have(draft.message.body) and conf.get().LINK_PREVIEWS


def _has_pictures(draft: Draft) -> bool:
    return isinstance(draft, MessagePosted) and any(
        one.state == Attachment.State.WAITING for one in draft.attachments
    )


def _had_files(draft: Draft) -> bool:
    return isinstance(draft, MessageDeleted | MessagesExpired) and draft.had_attachments


def _was_quoted(draft: Draft) -> bool:
    return isinstance(draft, MessageDeleted | MessagesExpired) and draft.was_quoted


# A house test checks that each name is a task.
FOLLOW_UPS: tuple[FollowUp, ...] = (
    FollowUp(ChangeKind.MESSAGE_POSTED, _may_have_links, "chat.previews.attach"),
    FollowUp(ChangeKind.MESSAGE_EDITED, _may_have_links, "chat.previews.attach"),
    FollowUp(ChangeKind.MESSAGE_POSTED, _tells_somebody, "chat.notifications.note"),
    FollowUp(ChangeKind.MESSAGE_POSTED, _has_pictures, "chat.attachments.prepare"),
    FollowUp(ChangeKind.MESSAGE_DELETED, _had_files, "chat.attachments.remove"),
    FollowUp(ChangeKind.MESSAGE_EXPIRED, _had_files, "chat.attachments.remove"),
    FollowUp(ChangeKind.MESSAGE_DELETED, _was_quoted, "chat.quotes.withdraw"),
    FollowUp(ChangeKind.MESSAGE_EXPIRED, _was_quoted, "chat.quotes.withdraw"),
)
# What follows the erasing of an account, with its id: files, to which only their feature knows the way.
AFTER_ERASURE: tuple[str, ...] = ("chat.attachments.forget", "chat.exports.forget")


def of(draft: Draft) -> list[str]:
    """Return the names of the tasks that follow a change."""
    return [row.task for row in FOLLOW_UPS if row.kind == draft.kind and row.applies(draft)]
