"""Attach what was found behind links, and take it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, cast

from chat.actions import audit, permissions
from chat.actions.messages import MessageDraft, existing, visible
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Request, State, already, decided, system
from chat.models import AuditDeed, Preview
from chat.models.statements import Statement
from chat.protocol import limits
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import RemovePreview
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import AttachPreviews


@dataclass(slots=True)
class PreviewsAttached(MessageDraft):
    """What stands behind one or more links of a message."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.PREVIEW_ATTACHED
    previews: Sequence[Preview] = ()
    # What the message has at the end of the batch.
    standing: list[Preview] = field(default_factory=list)

    def apply(self, state: State) -> None:
        """Remember them for repeats in the same batch."""
        self.standing = state.previews.setdefault(self.message.pk, [])
        self.standing += self.previews


@dataclass(slots=True)
class PreviewRemoved(MessageDraft):
    """Somebody took a preview away."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.PREVIEW_REMOVED
    preview: Preview = None  # type: ignore[assignment]  # after the defaults of Draft; always given

    def apply(self, state: State) -> None:
        """Keep nothing but that it was taken away."""
        self.preview.removed_at = self.at
        self.preview.title = self.preview.description = self.preview.site = ""
        self.preview.image_id = None


def attach(state: State, request: Request) -> Decision:
    """Attach what is not attached and was not removed; a repeat changes nothing. For the server alone.

    Refuses with not_found, archived, forbidden (the room shows none), conflict (another text by now).
    """
    command = cast(AttachPreviews, request.command)
    room, message = existing(state, command.message)
    if room.room.archived_at is not None:
        raise Refused(ErrorCode.ARCHIVED, "the room is archived")
    if not room.room.previews:
        raise Refused(ErrorCode.FORBIDDEN, "the room shows no previews")
    if message.edited_at != command.edited_at:
        raise Refused(ErrorCode.CONFLICT, "the message has another text by now")
    held = state.previews.get(message.pk, [])
    known = {preview.url for preview in held}
    free_count = limits.PREVIEWS_PER_MESSAGE_MAX_COUNT - sum(one.removed_at is None for one in held)
    found = {one.url: one for one in command.found if one.url not in known}
    new = [
        Preview(
            message=message, url=one.url, title=one.title, description=one.description, site=one.site,
            image_id=one.image,
        )
        for one in list(found.values())[:free_count]
    ]  # fmt: skip
    if not new:
        return already(room)
    return decided(
        PreviewsAttached(room=room, actor=system(), at=state.at(room), message=message, previews=new)
    )


def remove(state: State, request: Request) -> Decision:
    """Take a preview away for good; a repeat changes nothing. Refuses with not_found (also the preview), forbidden."""
    command = cast(RemovePreview, request.command)
    room, message = visible(state, request, command.message)
    actor = state.users[request.actor_id]
    deed = Deed.DELETE_OWN if message.sender_id == actor.pk else Deed.DELETE_OTHERS
    permissions.require(deed, actor, room.room, room.members.get(actor.pk), state.now)
    held = state.previews.get(message.pk, ())
    preview = next((one for one in held if one.url == command.url), None)
    if preview is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such preview")
    if preview.removed_at is not None:
        return already(room)
    return decided(
        PreviewRemoved(room=room, actor=actor, at=state.at(room), message=message, preview=preview)
    )


def write_attached(drafts: Sequence[PreviewsAttached]) -> None:
    """Insert the previews whose links still stand in the texts at the end of the batch."""
    Preview.objects.bulk_create(
        [one for draft in drafts for one in draft.previews if any(one is other for other in draft.standing)]
    )


def write_removed(drafts: Sequence[PreviewRemoved]) -> list[Statement]:
    """Empty the rows; one attached in the same batch was inserted before."""
    previews = [draft.preview for draft in drafts if draft.preview.pk]
    Preview.objects.bulk_update(previews, ["title", "description", "site", "image", "removed_at"])
    return audit.written(
        [
            audit.of(
                AuditDeed.PREVIEW_REMOVED, draft, subject=draft.message.sender, message=draft.message.pk,
                url=draft.preview.url,
            )
            for draft in drafts
        ]
    )  # fmt: skip
