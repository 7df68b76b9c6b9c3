"""The books of uploads that come in pieces: how far each is, who adds to it, when it is whole."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from chat.features.attachments import service
from chat.files import kinds, names
from chat.models import Attachment, PiecedUpload, UploadPiece, User
from chat.protocol.errors import ErrorCode, ProtocolError, Refused

# Of one person, begun and not yet whole; they may be paused, so they are not among those under way.
OPEN_MAX_COUNT = 10
# What has come of a body is put into the storage whenever so much is there: a server that dies loses no more.
PIECE_BYTES = 4 * 1024 * 1024
# Less is not worth a row, unless it is the end of the file.
PIECE_LEAST_BYTES = 256 * 1024
# So long a begun one waits for the rest: as long as a whole one for its message.
OPEN_FOR = service.UNPOSTED_FOR


class WrongOffset(Exception):
    """The piece does not begin where the last one has ended."""

    def __init__(self, offset_bytes: int) -> None:
        super().__init__(f"the upload is at {offset_bytes:,} bytes")
        self.offset_bytes = offset_bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is; `row` is still arriving unless `is_whole`."""

    row: Attachment
    offset_bytes: int

    @property
    def is_whole(self) -> bool:
        """Whether messages may have it."""
        return self.row.state != Attachment.State.ARRIVING

    @property
    def left_bytes(self) -> int:
        """How much is still to come."""
        return self.row.bytes - self.offset_bytes

    @property
    def ends_at(self) -> datetime:
        """When it is thrown away, in the state it is in."""
        return self.row.uploaded_at + OPEN_FOR


@transaction.atomic
def begin(user: User, size_bytes: int, name: str, alt: str, sha256: str, now: datetime) -> Attachment:
    """Take the place of a file that will come in pieces. Raises ProtocolError, and Refused like `service.reserve`."""
    if not size_bytes:
        raise ProtocolError(ErrorCode.EMPTY, "the file has 0 bytes")
    service.check_length(size_bytes)
    said = service.checked_alt(alt)
    row = service.reserve(user, size_bytes, now)
    begun = PiecedUpload.objects.filter(
        attachment__uploader=user, attachment__dropped_at=None, attachment__state=Attachment.State.ARRIVING
    )
    if (count := begun.count()) >= OPEN_MAX_COUNT:
        detail = f"{count} of your uploads have not come as a whole yet, at most {OPEN_MAX_COUNT}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    row.name, row.alt = names.safe(name), said
    row.save(update_fields=["name", "alt"])
    PiecedUpload.objects.create(attachment=row, sha256=sha256)
    return row


def progress(user: User, pk: int) -> Progress:
    """Tell how far one's own upload is, also when it is whole and no message names it. Raises Refused: not_found."""
    row = _own(user, pk).select_related("pieced").first()
    if row is None:
        raise _missing()
    if row.state == Attachment.State.ARRIVING:
        return Progress(row, row.pieced.offset_bytes)
    return Progress(row, row.bytes)


@transaction.atomic
def claim(user: User, pk: int, offset_bytes: int) -> tuple[Progress, str]:
    """Become the one who adds to an upload, whoever was it before; return how far it is and the writer's name.

    The one of before is on a line that has broken, more often than not; what it still adds is refused.

    Raises:
        Refused: not_found.
        WrongOffset: the piece begins elsewhere.
    """
    found = progress(user, pk)
    if found.is_whole:
        if offset_bytes != found.offset_bytes:
            raise WrongOffset(found.offset_bytes)
        return found, ""
    pieced = PiecedUpload.objects.select_for_update().filter(pk=pk).first()
    if pieced is None:
        raise _missing()
    if pieced.offset_bytes != offset_bytes:
        raise WrongOffset(pieced.offset_bytes)
    pieced.writer = uuid.uuid4().hex
    pieced.save(update_fields=["writer"])
    return Progress(found.row, pieced.offset_bytes), pieced.writer


def announce(pk: int, writer: str, start_bytes: int) -> UploadPiece:
    """Note a piece before it is put into the storage. Raises Refused: not_found."""
    with transaction.atomic():
        _held(pk, writer)
        return UploadPiece.objects.create(upload_id=pk, start_bytes=start_bytes, name=uuid.uuid4().hex)


@transaction.atomic
def add(piece: UploadPiece, writer: str, size_bytes: int) -> int:
    """Count a piece that lies in the storage; return how far the upload is now.

    Raises:
        Refused: not_found, the upload was taken back.
        WrongOffset: somebody else adds to it now.
    """
    pieced = _held(piece.upload_id, writer)
    piece.bytes = size_bytes
    piece.save(update_fields=["bytes"])
    pieced.offset_bytes = piece.start_bytes + size_bytes
    pieced.save(update_fields=["offset_bytes"])
    return pieced.offset_bytes


def counted(pk: int, writer: str) -> tuple[list[str], str]:
    """Return the names of all pieces in order, and the sum that was said of the whole. Raises as `add` does."""
    with transaction.atomic():
        sha256 = _held(pk, writer).sha256
        pieces = UploadPiece.objects.filter(upload=pk, bytes__gt=0).order_by("start_bytes")
        return [piece.name for piece in pieces], sha256


@transaction.atomic
def finish(row: Attachment, writer: str, head: bytes, now: datetime) -> None:
    """Let messages have an upload whose file lies in the storage as a whole; its pieces may go.

    It waits for its message from now on. Raises as `add` does.
    """
    pieced = _held(row.pk, writer)
    row.type = kinds.of(head, row.name)
    row.uploaded_at = now
    # Whoever still adds to it finds that nobody does.
    pieced.writer = ""
    pieced.save(update_fields=["writer"])
    service.stored(row)
    row.save(update_fields=["uploaded_at"])


def give_up(user: User, pk: int, now: datetime) -> Attachment:
    """Take back one's own upload, whole or not, that no message names. Raises Refused: not_found."""
    if not _own(user, pk).update(dropped_at=now):
        raise _missing()
    return Attachment.objects.get(pk=pk)


def names_of(row: Attachment) -> list[str]:
    """Return the names of all pieces that may lie in the storage."""
    return list(UploadPiece.objects.filter(upload=row.pk).values_list("name", flat=True))


def forget(row: Attachment) -> None:
    """Delete the books of an upload that is whole, and whose pieces are out of the storage."""
    PiecedUpload.objects.filter(pk=row.pk).delete()


def left_behind(before: datetime, most_count: int) -> list[Attachment]:
    """Return uploads that were whole before a time and whose pieces should have gone since."""
    rows = Attachment.objects.exclude(pieced=None).exclude(state=Attachment.State.ARRIVING)
    return list(rows.filter(uploaded_at__lt=before)[:most_count])


def _own(user: User, pk: int) -> QuerySet[Attachment]:
    rows = Attachment.objects.filter(pk=pk, uploader=user, message=None, dropped_at=None)
    # One that comes in a single request is that request's own until it is whole.
    return rows.exclude(state=Attachment.State.ARRIVING, pieced=None)


def _held(pk: int, writer: str) -> PiecedUpload:
    pieced = PiecedUpload.objects.select_for_update().filter(pk=pk, attachment__dropped_at=None).first()
    if pieced is None:
        raise _missing()
    if pieced.writer != writer:
        raise WrongOffset(pieced.offset_bytes)
    return pieced


def _missing() -> Refused:
    return Refused(ErrorCode.NOT_FOUND, "no such upload")
