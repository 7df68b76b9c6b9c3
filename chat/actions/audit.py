"""What was done by who runs something: rows in the transaction of the deed, and a line of the log after COMMIT."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from django.db import transaction

from chat.actions import permissions
from chat.actions.state import Draft
from chat.models import AuditDeed, AuditEntry, Membership, Room, User
from chat.models.rows import values
from chat.models.statements import Statement, insert
from chat.protocol import codec

_log = structlog.get_logger(__name__)

_COLUMNS = ("at", "actor_id", "deed", "subject_id", "room_id", "message", "reason", "origin", "facts")


def of(
    deed: AuditDeed, draft: Draft, *, subject: User | None = None, message: int | None = None,
    reason: str | None = None, **facts: object,
) -> AuditEntry | None:  # fmt: skip
    """Return the entry for a change of a room; None for what people do to themselves and the server does to anybody."""
    if not draft.actor.pk or (subject is not None and draft.actor.pk == subject.pk):
        return None
    return AuditEntry(
        at=draft.at, actor_id=draft.actor.pk, deed=deed.value, subject_id=subject.pk if subject else None,
        room_id=draft.room.room.pk, message=message, reason=reason or "", origin=draft.origin,
        facts={**facts, "seq": draft.seq, "as_admin": _is_of_workspace(draft)},
    )  # fmt: skip


def written(entries: Sequence[AuditEntry | None]) -> list[Statement]:
    """Return what puts entries into the record, for a writer of the pipeline."""
    found = [entry for entry in entries if entry is not None]
    if not found:
        return []
    for entry in found:
        transaction.on_commit(partial(_tell, entry))
    facts = [codec.encode_object(entry.facts).decode() for entry in found]
    rows = zip(values(found, _COLUMNS[:-1]), facts, strict=True)
    return [insert(AuditEntry, _COLUMNS, [(*row, said) for row, said in rows])]


def record(
    actor: User | None, deed: AuditDeed, *, subject: User | int | None = None, room: Room | int | None = None,
    message: int | None = None, reason: str = "", origin: str | None = None, **facts: Any,
) -> AuditEntry:  # fmt: skip
    """Put what was done outside of the rooms' log into the record; call it inside the transaction that does it.

    `actor`: None for a script; its `origin` counts unless one is given.
    """
    entry = AuditEntry.objects.create(
        actor_id=actor.pk if actor is not None else None,
        deed=deed.value,
        subject_id=subject.pk if isinstance(subject, User) else subject,
        room_id=room.pk if isinstance(room, Room) else room,
        message=message,
        reason=reason,
        origin=(getattr(actor, "origin", "") if origin is None else origin),
        facts=facts,
    )
    transaction.on_commit(partial(_tell, entry))
    return entry


def _is_of_workspace(draft: Draft) -> bool:
    """Tell whether only an admin of the workspace may have done it."""
    own = draft.room.member(draft.actor.pk)
    rank = permissions.RANK[Membership.Role(own.role)] if own is not None else -1
    return draft.actor.is_admin and rank < permissions.RANK[Membership.Role.MODERATOR]


def _tell(entry: AuditEntry) -> None:
    # Reasons and texts stay in the database.
    _log.info(
        "audit.noted", deed=entry.deed, actor=entry.actor_id, subject=entry.subject_id, room=entry.room_id,
        message=entry.message, **entry.facts,
    )  # fmt: skip
