"""Tell everybody who is connected that the workspace is called otherwise, or has another picture."""

from __future__ import annotations

from django.db import transaction

from chat.live.envelope import EVERYBODY, UserEvent
from chat.models import Workspace
from chat.pipeline import accounts
from chat.protocol import codec, ephemeral
from chat.queries import workspace


def changed(row: Workspace) -> None:
    """Tell it after COMMIT."""
    event: ephemeral.WorkspaceChanged = {
        "type": "workspace.changed",
        "name": row.name,
        "logo": workspace.logo_at(row.logo),
    }
    frame = codec.encode(event)
    transaction.on_commit(lambda: accounts.tell([UserEvent(EVERYBODY, frame)]))
