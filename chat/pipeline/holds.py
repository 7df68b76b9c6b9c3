"""Legal holds, looked at in the transaction that removes something."""

from __future__ import annotations

from chat.models import RoomRetention, Workspace


def stands(room_id: int) -> bool:
    """Tell whether nothing may be removed in a room; the caller has locked the room's row and removes at once.

    The row of the workspace stays locked until the transaction ends: a hold that somebody sets meanwhile waits for it,
    and from then on nothing goes.
    """
    workspace = Workspace.objects.select_for_update(of=("self",)).filter(pk=1).first()
    if workspace is not None and workspace.held_at is not None:
        return True
    return RoomRetention.objects.filter(room=room_id, held_at__isnull=False).exists()
