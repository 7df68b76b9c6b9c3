"""The old end of a room's log: where it begins, and the rows before that."""

from __future__ import annotations

from django.db import transaction

from chat.models import Change, Room
from chat.pipeline import holds
from chat.protocol.errors import ErrorCode, Refused


@transaction.atomic
def begin_after(room_id: int, seq: int) -> bool:
    """Let the log of a room begin after a change, and tell whether it began earlier.

    From here on who holds less reads the room anew. Messages up to there may go, and the rows of the log too.

    Raises:
        Refused: conflict, when a legal hold stands; not_found.
    """
    room = _locked(room_id)
    if seq <= room.expired_seq:
        return False
    room.expired_seq = min(seq, room.last_seq)
    room.save(update_fields=["expired_seq"])
    return True


@transaction.atomic
def cut(room_id: int, count: int) -> int:
    """Remove the oldest rows from before the log's beginning, at most so many; return how many went.

    Raises:
        Refused: conflict, when a legal hold stands; not_found.
    """
    room = _locked(room_id)
    rows = Change.objects.filter(room=room_id, seq__lte=room.expired_seq).order_by("seq")
    seqs = list(rows.values_list("seq", flat=True)[:count])
    if not seqs:
        return 0
    Change.objects.filter(room=room_id, seq__lte=seqs[-1]).delete()
    return len(seqs)


def _locked(room_id: int) -> Room:
    room = Room.objects.select_for_update(of=("self",)).filter(pk=room_id).first()
    if room is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such room")
    if holds.stands(room_id):
        raise Refused(ErrorCode.CONFLICT, "a legal hold stands")
    return room
