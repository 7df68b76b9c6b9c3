"""What people ask for themselves: an export, how far it is, its file, and to be rid of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

import structlog
from django.core import signing
from django.db import transaction
from django.db.models import F

from chat.actions import audit
from chat.features.exports import keeping, rights
from chat.features.exports.commands import AskForExport
from chat.models import AuditDeed, Export, User
from chat.protocol.errors import ErrorCode, ProtocolError, Refused

_log = structlog.get_logger(__name__)

# Files of a person that are kept at a time, and exports that one may ask for within an hour.
KEPT_MAX_COUNT = 3
PER_H_MAX_COUNT = 10
LINK_S = 3_600
_HOUR = timedelta(hours=1)
_OPEN = (Export.State.WAITING, Export.State.RUNNING)
_SALT = "chat.exports.link"


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent."""

    path: Path
    name: str
    size_bytes: int


@transaction.atomic
def ask(user: User, asked: AskForExport, now: datetime) -> Export:
    """Put an export into the line.

    Raises:
        Refused: forbidden; conflict, while another one of the same person is under way; too_many files that are
            kept; rate_limited.
        ProtocolError: bad_frame, for direct conversations without a reason or outside of the workspace.
    """
    # The lock keeps two requests at once from both seeing room for one more.
    fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    kind = Export.Kind(asked.kind)
    if asked.directs and kind is Export.Kind.OWN:
        raise ProtocolError(ErrorCode.BAD_FRAME, "directs: only with the kind workspace")
    role = User.Role(fresh.role)
    if not rights.may_ask(kind, has_directs=asked.directs, is_active=fresh.is_active, role=role):
        detail = "only the owner of the workspace may take direct conversations" if asked.directs else ""
        raise Refused(ErrorCode.FORBIDDEN, detail or "only who runs the workspace may take all of it")
    if asked.directs and not asked.reason:
        raise ProtocolError(ErrorCode.BAD_FRAME, "reason: is required for direct conversations, it is kept")
    _check_room(fresh, now)
    row = Export.objects.create(
        user=fresh, kind=kind, has_directs=asked.directs, reason=asked.reason, created_at=now, served_at=now
    )
    if kind is Export.Kind.WORKSPACE:
        audit.record(user, AuditDeed.EXPORT_ASKED, reason=asked.reason, export=row.pk, directs=asked.directs)
    said = {"export": row.pk, "actor": fresh.pk, "kind": kind.value, "has_directs": asked.directs}
    transaction.on_commit(partial(_log.info, "exports.asked", **said))
    return row


def browse(user: User, scope: str, before: int, limit: int) -> tuple[list[Export], int | None]:
    """Return one's own exports or all of the workspace, the newest first, and where the next page goes on.

    Raises:
        Refused: forbidden, when somebody else than who runs the workspace asks for those of the workspace.
    """
    rows = Export.objects.select_related("user").order_by("-pk")
    if scope == "workspace":
        if not user.is_admin:
            raise Refused(ErrorCode.FORBIDDEN, "only who runs the workspace sees who took it")
        rows = rows.filter(kind=Export.Kind.WORKSPACE)
    else:
        rows = rows.filter(user=user)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def one(user: User, pk: int) -> Export:
    """Return one's own export. Raises Refused: not_found."""
    row = Export.objects.select_related("user").filter(pk=pk, user=user).first()
    if row is None:
        raise _missing()
    return row


@transaction.atomic
def remove(user: User, pk: int, now: datetime) -> None:
    """Cancel an export that is not ready, also in the middle, or delete its file; again is the same.

    Raises:
        Refused: not_found.
    """
    row = one(user, pk)
    _end(row, now)
    if row.kind == Export.Kind.WORKSPACE:
        audit.record(user, AuditDeed.EXPORT_ENDED, export=pk)


def forget(user: int, now: datetime) -> None:
    """Be rid of all exports of an erased account and their files. May run twice.

    That it has taken the workspace stays on record.
    """
    rows = Export.objects.filter(user=user)
    for row in rows.filter(state__in=[*_OPEN, Export.State.READY]):
        _end(row, now)
    rows.filter(kind=Export.Kind.OWN).delete()


def link(row: Export, now: datetime) -> str | None:
    """Return the address of the file for its person, good for an hour; None where there is no file."""
    if row.state != Export.State.READY or row.expires_at is None or row.expires_at <= now:
        return None
    key = signing.dumps([row.pk, row.user_id], salt=_SALT)
    return f"/api/v1/exports/{row.pk}/file?key={quote(key)}"


def fetch(user: User, pk: int, key: str, now: datetime, *, is_begin: bool) -> Download:
    """Return the file of one's own export, and note that it was fetched when it is from its beginning.

    Raises:
        Refused: not_found, also for one that is not ready or over; forbidden, when the link is old or another
            one's, or the person may not have it any more.
    """
    row = one(user, pk)
    if link(row, now) is None:
        raise _missing()
    try:
        is_good = signing.loads(key, salt=_SALT, max_age=LINK_S) == [row.pk, user.pk]
    except signing.BadSignature:
        is_good = False
    if not is_good:
        raise Refused(ErrorCode.FORBIDDEN, "this link has ended: read the export again for a new one")
    if not rights.may_have(row, is_active=user.is_active, role=User.Role(user.role)):
        raise Refused(ErrorCode.FORBIDDEN, "you may not have this export any more")
    path = keeping.path_of(row)
    try:
        size_bytes = path.stat().st_size
    except FileNotFoundError:
        # On another machine, or put away by hand.
        _log.warning("exports.file_missing", export=pk)
        raise _missing() from None
    if is_begin:
        with transaction.atomic():
            Export.objects.filter(pk=pk).update(downloads_count=F("downloads_count") + 1, downloaded_at=now)
            if row.kind == Export.Kind.WORKSPACE:
                audit.record(user, AuditDeed.EXPORT_FETCHED, export=pk, directs=row.has_directs)
        _log.info("exports.fetched", export=pk, actor=user.pk, kind=row.kind, has_directs=row.has_directs)
    name = "my-data" if row.kind == Export.Kind.OWN else "workspace"
    return Download(path, f"maru-{name}-{row.created_at:%Y-%m-%d}.zip", size_bytes)


def _end(row: Export, now: datetime) -> None:
    cancelled = {"state": Export.State.CANCELLED, "ended_at": now, "claimed_until": None, "claim": ""}
    if Export.objects.filter(pk=row.pk, state__in=_OPEN).update(**cancelled, place={}, size_bytes=0):
        # Whoever is writing it has it open still, notices at the next page and ends.
        keeping.discard(row)
        _log.info("exports.cancelled", export=row.pk, actor=row.user_id)
    else:
        # Ready a moment ago, perhaps.
        keeping.remove(row)


def _check_room(user: User, now: datetime) -> None:
    rows = Export.objects.filter(user=user)
    if rows.filter(state__in=_OPEN).exists():
        raise Refused(ErrorCode.CONFLICT, "an export of yours is under way")
    kept = rows.filter(state=Export.State.READY, expires_at__gt=now).count()
    if kept >= KEPT_MAX_COUNT:
        detail = f"{kept} exports of yours are kept, at most {KEPT_MAX_COUNT}: delete one"
        raise Refused(ErrorCode.TOO_MANY, detail)
    recent = list(rows.filter(created_at__gt=now - _HOUR).order_by("-created_at")[:PER_H_MAX_COUNT])
    if len(recent) >= PER_H_MAX_COUNT:
        after = recent[-1].created_at + _HOUR - now
        raise Refused(
            ErrorCode.RATE_LIMITED,
            f"{len(recent)} exports in an hour, at most {PER_H_MAX_COUNT}",
            int(after.total_seconds() * 1_000) + 1,
        )


def _missing() -> Refused:
    return Refused(ErrorCode.NOT_FOUND, "no such export")
