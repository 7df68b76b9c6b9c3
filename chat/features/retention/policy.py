"""What is kept for how long, and what is held: read and set. Each change is an entry of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q

from chat.actions import audit, permissions
from chat.features.retention.commands import SetRetention, SetRoomRetention
from chat.models import AuditDeed, Room, RoomRetention, User, Workspace
from chat.queries import payloads

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for a room at this moment: `days` is None where everything is kept."""

    room: Room
    days: int | None
    is_held: bool

    def cutoff(self, now: datetime) -> datetime | None:
        """Return from before which messages go; None when none do."""
        return None if self.days is None or self.is_held else now - timedelta(days=self.days)


def rules(rooms: Sequence[Room]) -> list[Rule]:
    """Return what holds for rooms, in their order, in two queries."""
    workspace = Workspace.objects.get(pk=1)
    own = {row.room_id: row for row in RoomRetention.objects.filter(room__in=rooms)}
    return [_rule(room, workspace, own.get(room.pk)) for room in rooms]


def read() -> dict[str, Any]:
    """Return what holds for the workspace."""
    workspace = Workspace.objects.get(pk=1)
    return {"days": workspace.retention_days, "hold": _hold(workspace)}


def read_room(room_id: int) -> dict[str, Any]:
    """Return what holds for a room, whoever may read it. Raises Refused: not_found."""
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise permissions.missing_room()
    return _shape(room, Workspace.objects.get(pk=1), RoomRetention.objects.filter(room=room).first())


def browse(after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of the rooms that say something for themselves, by id, and the cursor of the next page."""
    rows = RoomRetention.objects.filter(_says_something(), room__gt=after).select_related("room")
    found = list(rows.order_by("room_id")[: limit + 1])
    workspace = Workspace.objects.get(pk=1)
    items = [_shape(row.room, workspace, row) for row in found[:limit]]
    return items, found[limit - 1].room_id if len(found) > limit else None


@transaction.atomic
def set_days(admin: User, asked: SetRetention) -> dict[str, Any]:
    """Set how long messages are kept where a room says nothing else."""
    Workspace.objects.select_for_update().filter(pk=1).update(retention_days=asked.days)
    _note("retention.set", AuditDeed.RETENTION_SET, admin, days=asked.days)
    return read()


@transaction.atomic
def set_room(admin: User, room_id: int, asked: SetRoomRetention) -> dict[str, Any]:
    """Set how long the messages of a room are kept. Raises Refused: not_found."""
    row = _locked(room_id)
    row.days, row.is_forever = asked.days, asked.keep == "forever"
    row.save(update_fields=["days", "is_forever"])
    _note("retention.set", AuditDeed.RETENTION_SET, admin, room=room_id, keep=asked.keep, days=asked.days)
    return read_room(room_id)


@transaction.atomic
def hold(admin: User, now: datetime) -> dict[str, Any]:
    """Hold the whole workspace; who did so first stays on record."""
    workspace = Workspace.objects.select_for_update(of=("self",)).get(pk=1)
    if workspace.held_at is None:
        workspace.held_at, workspace.held_by = now, admin
        workspace.save(update_fields=["held_at", "held_by"])
        _note("retention.held", AuditDeed.HOLD_SET, admin)
    return read()


@transaction.atomic
def release(admin: User) -> dict[str, Any]:
    """End the hold of the workspace; rooms with one of their own stay held."""
    workspace = Workspace.objects.select_for_update(of=("self",)).get(pk=1)
    if workspace.held_at is not None:
        _note("retention.released", AuditDeed.HOLD_ENDED, admin, was_held_by=workspace.held_by_id)
        workspace.held_at = workspace.held_by = None
        workspace.save(update_fields=["held_at", "held_by"])
    return read()


@transaction.atomic
def hold_room(admin: User, room_id: int, now: datetime) -> dict[str, Any]:
    """Hold a room; who did so first stays on record. Raises Refused: not_found."""
    row = _locked(room_id)
    if row.held_at is None:
        row.held_at, row.held_by = now, admin
        row.save(update_fields=["held_at", "held_by"])
        _note("retention.held", AuditDeed.HOLD_SET, admin, room=room_id)
    return read_room(room_id)


@transaction.atomic
def release_room(admin: User, room_id: int) -> dict[str, Any]:
    """End the hold of a room. Raises Refused: not_found."""
    row = _locked(room_id)
    if row.held_at is not None:
        _note("retention.released", AuditDeed.HOLD_ENDED, admin, room=room_id, was_held_by=row.held_by_id)
        row.held_at = row.held_by = None
        row.save(update_fields=["held_at", "held_by"])
    return read_room(room_id)


def _locked(room_id: int) -> RoomRetention:
    """Lock a room, under whose lock messages expire, and return what it says for itself."""
    # A room that was deleted is kept for as long as its rule says, too.
    if Room.objects.select_for_update(of=("self",)).filter(pk=room_id).first() is None:
        raise permissions.missing_room()
    return RoomRetention.objects.get_or_create(room_id=room_id)[0]


def _rule(room: Room, workspace: Workspace, own: RoomRetention | None) -> Rule:
    is_held = workspace.held_at is not None or (own is not None and own.held_at is not None)
    days = workspace.retention_days
    if own is not None and (own.is_forever or own.days is not None):
        days = own.days
    return Rule(room, days, is_held)


def _says_something() -> Q:
    return Q(days__isnull=False) | Q(is_forever=True) | Q(held_at__isnull=False)


def _shape(room: Room, workspace: Workspace, own: RoomRetention | None) -> dict[str, Any]:
    rule = _rule(room, workspace, own)
    keep = "forever" if own and own.is_forever else "days" if own and own.days is not None else "workspace"
    return {
        "room": room.pk,
        "name": room.name,
        "kind": room.kind,
        "keep": keep,
        "days": rule.days,
        "hold": _hold(own) if own else None,
        "is_held": rule.is_held,
    }


def _hold(row: Workspace | RoomRetention) -> dict[str, Any] | None:
    return {"by": row.held_by_id, "at": payloads.time(row.held_at)} if row.held_at is not None else None


def _note(event: str, deed: AuditDeed, admin: User, room: int | None = None, **facts: Any) -> None:
    audit.record(admin, deed, room=room, **facts)
    said = facts if room is None else {"room": room, **facts}
    transaction.on_commit(lambda: _log.info(event, actor=admin.pk, **said))
