"""Files of messages: claim the uploads that a message names, tell what has become of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from chat.actions.messages import MessageDraft, existing
from chat.actions.state import Decision, Request, State, already, decided, system
from chat.files.kinds import PLAIN_TYPE
from chat.models import Attachment, Change
from chat.protocol.changes import ChangeKind
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import FinishAttachment

_FINISHED = ["state", "type", "bytes", "width", "height"]


@dataclass(slots=True)
class AttachmentReady(MessageDraft):
    """A picture can be shown, or never will be."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.ATTACHMENT_READY
    attachment: Attachment = None  # type: ignore[assignment]  # after the defaults of Draft; always given
    command: FinishAttachment = None  # type: ignore[assignment]

    def apply(self, state: State) -> None:
        """Keep what was found, so that a repeat in the same batch finds it."""
        found, said = self.attachment, self.command
        if said.is_ready:
            found.state, found.type, found.bytes = Attachment.State.READY, said.file_type, said.size_bytes
            found.width, found.height = said.width, said.height
        else:
            found.state, found.type = Attachment.State.FAILED, PLAIN_TYPE

    def row(self) -> Change:
        """Return the log row with the attachment."""
        row = MessageDraft.row(self)
        row.payload = {"attachment": self.attachment.pk}
        return row


def finish(state: State, request: Request) -> Decision:
    """Tell what has become of a picture that waits; a repeat changes nothing. For the server alone.

    Also in an archived room: nothing is added to what was said there. Refuses with not_found.
    """
    command = cast(FinishAttachment, request.command)
    room, message = existing(state, command.message)
    attachment = state.attachments.get(command.attachment)
    if attachment is None or attachment.message_id != message.pk or attachment.dropped_at is not None:
        raise Refused(ErrorCode.NOT_FOUND, "no such attachment")
    if attachment.state != Attachment.State.WAITING:
        return already(room)
    return decided(
        AttachmentReady(
            room=room, actor=system(), at=state.at(room), message=message, attachment=attachment,
            command=command,
        )
    )  # fmt: skip


def write_ready(drafts: Sequence[AttachmentReady]) -> None:
    """Update the rows."""
    Attachment.objects.bulk_update([draft.attachment for draft in drafts], _FINISHED)
