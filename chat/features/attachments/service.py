"""The books of the files: places that are taken, uploads that arrive, and what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet, Sum
from pydantic import TypeAdapter

from chat import conf, metrics
from chat.features.attachments import arrival
from chat.features.attachments.arrival import Arrived
from chat.files import kinds, storage
from chat.models import Attachment, User
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Alt

# Of one person: uploads under way, and those that no message names yet.
ARRIVING_MAX_COUNT = 4
UNPOSTED_MAX_COUNT = 100
# So long an upload waits for its message.
UNPOSTED_FOR = timedelta(hours=24)
# What is slower than the server lets a body be (and a little for the storage) will not arrive any more: one that its
# process could not end holds its place for so long.
_SLOWEST_BYTES_PER_S = 64 * 1024
_ARRIVING_AT_LEAST = timedelta(minutes=10)
_AGAIN_MS = 1_000
_alt: TypeAdapter[str] = TypeAdapter(Alt)


def check_size(size_bytes: int) -> None:
    """Refuse a file that is too large, before any of it is read. Raises ProtocolError: too_long."""
    most = conf.get().UPLOAD_MAX_BYTES
    if size_bytes > most + arrival.BESIDE_MAX_BYTES:
        raise arrival.too_long(f"about {size_bytes:,}", most)


def check_length(size_bytes: int) -> None:
    """Refuse a file whose own length is too large. Raises ProtocolError: too_long."""
    most = conf.get().UPLOAD_MAX_BYTES
    if size_bytes > most:
        raise arrival.too_long(f"{size_bytes:,}", most)


def checked_alt(alt: str) -> str:
    """Return what is said of a picture, as it is stored. Raises ProtocolError."""
    return _alt.validate_python(alt)


@transaction.atomic
def reserve(user: User, size_bytes: int, now: datetime) -> Attachment:
    """Take place for an upload that begins, so that many at once cannot have more than is left.

    Raises:
        Refused: full, too_many, rate_limited.
    """
    # One at a time of this user; how much others take at this moment is a matter of a few files.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    limits = conf.get()
    own = Attachment.objects.filter(uploader=user)
    open_ones = own.filter(message=None, dropped_at=None)
    arriving = open_ones.filter(
        state=Attachment.State.ARRIVING, pieced=None, uploaded_at__gt=now - _arriving_for()
    )
    if (count := arriving.count()) >= ARRIVING_MAX_COUNT:
        detail = f"{count} of your uploads are under way, at most {ARRIVING_MAX_COUNT}"
        raise Refused(ErrorCode.RATE_LIMITED, detail, _AGAIN_MS)
    if (count := open_ones.count()) >= UNPOSTED_MAX_COUNT:
        detail = f"{count} of your uploads are in no message yet, at most {UNPOSTED_MAX_COUNT}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    size_bytes = min(size_bytes, limits.UPLOAD_MAX_BYTES)
    for rows, most, whose in (
        (own, limits.FILES_PER_USER_BYTES, "your files"),
        (Attachment.objects.all(), limits.FILES_TOTAL_BYTES, "the files of all"),
    ):
        taken = rows.aggregate(taken=Sum("bytes"))["taken"] or 0
        if taken + size_bytes > most:
            metrics.UPLOADS_REFUSED.labels("full").inc()
            raise Refused(ErrorCode.FULL, f"{whose} take {taken:,} bytes, at most {most:,}")
    return Attachment.objects.create(
        uploader=user,
        key=storage.new_key(),
        state=Attachment.State.ARRIVING,
        bytes=size_bytes,
        uploaded_at=now,
    )


def keep(row: Attachment, arrived: Arrived) -> Attachment:
    """Move what has arrived into the storage. Not for a thread of the database: it may be another machine."""
    row.name, row.type, row.bytes = arrived.name, arrived.type, arrived.size_bytes
    row.alt = checked_alt(arrived.alt)
    storage.put(row.key, storage.RAW, arrived.path)
    return row


def stored(row: Attachment) -> Attachment:
    """Let messages have an upload that lies in the storage."""
    is_picture = row.type in kinds.PICTURES
    row.state = Attachment.State.WAITING if is_picture else Attachment.State.READY
    row.save(update_fields=["name", "type", "bytes", "alt", "state"])
    metrics.UPLOADS.inc()
    return row


def forget(row: Attachment) -> None:
    """Give the place of an upload back whose files are out of the storage."""
    Attachment.objects.filter(pk=row.pk, message=None).delete()


def describe(user: User, pk: int, alt: str) -> Attachment:
    """Say in words what is to be seen, before a message names it. Raises Refused: not_found. ProtocolError."""
    said = checked_alt(alt)
    if not _unposted(user, pk).update(alt=said):
        raise _missing()
    return Attachment.objects.get(pk=pk)


def discard(user: User, pk: int, now: datetime) -> Attachment:
    """Take back one's own upload that no message names; its files are still there. Raises Refused: not_found."""
    if not _unposted(user, pk).update(dropped_at=now):
        raise _missing()
    return Attachment.objects.get(pk=pk)


def _arriving_for() -> timedelta:
    return _ARRIVING_AT_LEAST + timedelta(seconds=conf.get().UPLOAD_MAX_BYTES / _SLOWEST_BYTES_PER_S)


def _unposted(user: User, pk: int) -> QuerySet[Attachment]:
    rows = Attachment.objects.filter(pk=pk, uploader=user, message=None, dropped_at=None)
    return rows.exclude(state=Attachment.State.ARRIVING)


def _missing() -> Refused:
    return Refused(ErrorCode.NOT_FOUND, "no such upload")
