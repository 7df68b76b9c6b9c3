"""What workers do with files: make pictures anew, take out of the storage what nobody has any more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.db.models import Q
from django.utils import timezone

from chat import metrics
from chat.actions.state import SYSTEM_ID
from chat.features.attachments import arrival, pieces
from chat.features.attachments.service import UNPOSTED_FOR
from chat.files import storage
from chat.models import Attachment, Change
from chat.pictures import workshop
from chat.pipeline.run import run
from chat.protocol.changes import ChangeKind
from chat.protocol.errors import ERRORS, Refused
from chat.protocol.system import FinishAttachment

_log = structlog.get_logger(__name__)

PREPARE = "chat.attachments.prepare"
REMOVE = "chat.attachments.remove"
FORGET = "chat.attachments.forget"
TIDY = "chat.attachments.tidy"
# Of one run of the tidying.
_TIDY_COUNT = 500
# What should have taken the files out comes before.
_LEFT_FOR = timedelta(hours=1)
# A picture that has waited for so long has worn out its worker's tries.
_STUCK_AFTER = timedelta(hours=6)


def prepare(room: int, seq: int) -> None:
    """Make the pictures anew that a message has been posted with, one after the other. May run twice.

    Raises what the outbox tries again for: the database, the storage, a write path that is busy.
    """
    change = Change.objects.filter(room=room, seq=seq).first()
    if change is None or change.message_id is None:
        return
    waiting = Attachment.objects.filter(message=change.message_id, state=Attachment.State.WAITING)
    for row in waiting.filter(dropped_at=None).order_by("place"):
        _prepare(row)


def _prepare(row: Attachment) -> None:
    assert row.message_id is not None
    with tempfile.TemporaryDirectory(prefix="maru-picture-") as name:
        folder = Path(name)
        source = folder / "source"
        try:
            storage.take_out(row.key, source)
        except FileNotFoundError:
            # The message was deleted, or somebody has been at the storage: there is nothing to be shown.
            _finish(FinishAttachment(message=row.message_id, attachment=row.pk, is_ready=False))
            return
        made = workshop.make(source, folder)
        if made is None:
            metrics.PICTURES.labels("failed").inc()
            _finish(FinishAttachment(message=row.message_id, attachment=row.pk, is_ready=False))
            return
        size = (folder / storage.WHOLE).stat().st_size
        for rendition in storage.RENDITIONS:
            storage.put(row.key, rendition, folder / rendition)
    told = FinishAttachment(
        message=row.message_id, attachment=row.pk, is_ready=True, file_type=made.type, size_bytes=size,
        width=made.width, height=made.height,
    )  # fmt: skip
    if _finish(told):
        metrics.PICTURES.labels("ready").inc()
        # With all that it carried: where it was taken, by whom, with what.
        storage.drop(row.key, storage.RAW)
    else:
        storage.drop(row.key)


def _finish(command: FinishAttachment) -> bool:
    """Enter what has become of a picture; False when its message is gone."""
    try:
        run(SYSTEM_ID, command)
    except Refused as refused:
        _log.info("attachments.not_finished", code=refused.code.value)
        if ERRORS[refused.code].retry:
            raise
        return False
    return True


def remove(room: int, seq: int) -> None:
    """Take the files of a message that was deleted, or of those that have expired, out of the storage.

    May run twice. What it does not find, the tidying does.
    """
    change = Change.objects.filter(room=room, seq=seq).first()
    if change is None:
        return
    if change.kind == ChangeKind.MESSAGE_EXPIRED.value:
        _erase(Attachment.objects.filter(message=None, dropped_at=change.at))
    elif change.message_id is not None:
        _erase(Attachment.objects.filter(message=change.message_id).exclude(dropped_at=None))


def forget(user: int, now: datetime | None = None) -> int:
    """Take out what an erased account has uploaded and no message has; return how many files. May run twice.

    One that is under way just now is tidied away like any that no message names.
    """
    own = Attachment.objects.filter(uploader=user)
    unposted = own.filter(message=None, dropped_at=None)
    unposted = unposted.exclude(state=Attachment.State.ARRIVING, pieced=None)
    unposted.update(dropped_at=now or timezone.now())
    return _erase(own.exclude(dropped_at=None)[:_TIDY_COUNT])


def tidy(now: datetime | None = None) -> int:
    """Take out what no message names after a day and what was left behind; return how many files."""
    now = now or timezone.now()
    old = Attachment.objects.filter(message=None, dropped_at=None, uploaded_at__lt=now - UNPOSTED_FOR)
    # In one statement, row by row locked: a message that names one of them either has it or finds it gone.
    pks = list(old.order_by("uploaded_at").values_list("pk", flat=True)[:_TIDY_COUNT])
    Attachment.objects.filter(pk__in=pks, message=None, dropped_at=None).update(dropped_at=now)
    left = Q(pk__in=pks) | Q(dropped_at__lt=now - _LEFT_FOR)
    count = _erase(Attachment.objects.filter(left).exclude(dropped_at=None)[:_TIDY_COUNT])
    for row in Attachment.objects.filter(
        state=Attachment.State.WAITING, message__at__lt=now - _STUCK_AFTER, dropped_at=None
    )[:_TIDY_COUNT]:
        assert row.message_id is not None
        _finish(FinishAttachment(message=row.message_id, attachment=row.pk, is_ready=False))
    for row in pieces.left_behind(now - _LEFT_FOR, _TIDY_COUNT):
        storage.drop_pieces(row.key, pieces.names_of(row))
        pieces.forget(row)
    return count + arrival.sweep(now.timestamp())


def _erase(rows: Iterable[Attachment]) -> int:
    """Delete files and then their rows: what is left at a failure is found by its row."""
    count = 0
    for row in rows:
        storage.drop_pieces(row.key, pieces.names_of(row))
        storage.drop(row.key)
        row.delete()
        count += 1
    return count
