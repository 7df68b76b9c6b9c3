"""What was done to whom, for the operator's log: one line each, after COMMIT."""

from __future__ import annotations

from functools import partial

import structlog
from django.db import transaction

from chat.actions import permissions
from chat.actions.state import Draft
from chat.models import Membership, User

_log = structlog.get_logger(__name__)


def note(draft: Draft, subject: User, **facts: object) -> None:
    """Log that somebody did something to somebody else, and whether only an admin of the workspace may.

    Reasons and texts stay in the room.
    """
    if draft.actor.pk == subject.pk:
        return
    assert draft.kind is not None
    own = draft.room.member(draft.actor.pk)
    rank = permissions.RANK[Membership.Role(own.role)] if own is not None else -1
    is_of_workspace = draft.actor.is_admin and rank < permissions.RANK[Membership.Role.MODERATOR]
    transaction.on_commit(
        partial(
            _log.info, "moderation.done", deed=draft.kind.value, room=draft.room.room.pk, seq=draft.seq,
            actor=draft.actor.pk, subject=subject.pk, as_admin=is_of_workspace, **facts,
        )
    )  # fmt: skip
