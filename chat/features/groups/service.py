"""List, make, change and delete groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from chat.actions import audit
from chat.features.groups.commands import MakeGroup, UpdateGroup
from chat.models import AuditDeed, User, UserGroup, UserGroupMember, Workspace
from chat.models.groups import is_taken
from chat.protocol import limits
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import payloads


def browse(user: User) -> list[dict[str, Any]]:
    """Return all groups by handle; a guest of the workspace knows none."""
    if user.is_guest:
        return []
    rows = UserGroup.objects.annotate(count=Count("members", filter=Q(members__user__is_active=True)))
    mine = set(UserGroupMember.objects.filter(user=user).values_list("group_id", flat=True))
    return [
        {**_shape(row), "members": row.count, "mine": row.pk in mine, "may_change": may_change(user, row)}
        for row in rows.order_by("handle")[: limits.GROUPS_MAX_COUNT]
    ]


def one(user: User, group_id: int) -> dict[str, Any]:
    """Return a group with its people. Raises Refused: not_found, for a guest too."""
    row = UserGroup.objects.filter(pk=group_id).first()
    if row is None or user.is_guest:
        raise _missing()
    people = _people([row.pk]).get(row.pk, [])
    return {
        **_shape(row),
        "members": len(people),
        "mine": any(person.pk == user.pk for person in people),
        "may_change": may_change(user, row),
        "people": [payloads.user(person) for person in people],
    }


def may_make(user: User) -> bool:
    """Tell whether somebody may make groups: admins, and members where the workspace says so."""
    if user.is_guest or user.is_bot:
        return False
    return user.is_admin or Workspace.objects.filter(pk=1, group_makers=Workspace.Who.MEMBERS).exists()


def may_change(user: User, row: UserGroup) -> bool:
    """Tell whether somebody may change a group: admins, and who has made it."""
    return user.is_admin or (row.made_by_id == user.pk and not user.is_guest)


@transaction.atomic
def make(user: User, asked: MakeGroup) -> dict[str, Any]:
    """Make a group.

    Raises:
        Refused: forbidden; conflict, for a handle that is taken and for too many groups; not_found, for people who
            are not there.
    """
    if not may_make(user):
        raise Refused(ErrorCode.FORBIDDEN, "you may not make groups here")
    if UserGroup.objects.count() >= limits.GROUPS_MAX_COUNT:
        raise Refused(ErrorCode.CONFLICT, f"there are {limits.GROUPS_MAX_COUNT} groups, and no more may be")
    people = _existing(asked.members)
    _require_free(asked.handle)
    row = _stored(UserGroup(handle=asked.handle, name=asked.name, made_by=user))
    UserGroupMember.objects.bulk_create(UserGroupMember(group=row, user_id=pk) for pk in people)
    audit.record(user, AuditDeed.GROUP_MADE, group=row.pk, handle=row.handle, members=len(people))
    return one(user, row.pk)


@transaction.atomic
def update(user: User, group_id: int, asked: UpdateGroup) -> dict[str, Any]:
    """Change what is given. Raises Refused as `make` does."""
    row = _locked(user, group_id)
    said: dict[str, Any] = {}
    if asked.handle is not None and asked.handle != row.handle:
        _require_free(asked.handle)
        said |= {"was": row.handle}
        row.handle = asked.handle
    if asked.name is not None and asked.name != row.name:
        said["name"] = row.name = asked.name
    if said:
        _stored(row)
    if asked.members is not None:
        said |= _set_members(row, _existing(asked.members))
    if said:
        audit.record(user, AuditDeed.GROUP_CHANGED, group=row.pk, handle=row.handle, **said)
    return one(user, row.pk)


@transaction.atomic
def delete(user: User, group_id: int) -> None:
    """Delete a group; what it was called by stays a word. Raises Refused: not_found, forbidden."""
    row = _locked(user, group_id)
    audit.record(user, AuditDeed.GROUP_DELETED, group=row.pk, handle=row.handle)
    row.delete()


def _locked(user: User, group_id: int) -> UserGroup:
    row = UserGroup.objects.select_for_update(of=("self",)).filter(pk=group_id).first()
    if row is None or user.is_guest:
        raise _missing()
    if not may_change(user, row):
        raise Refused(ErrorCode.FORBIDDEN, "only admins and who has made a group may change it")
    return row


def _set_members(row: UserGroup, wanted: Sequence[int]) -> dict[str, Any]:
    """Let exactly these be in a group; who was in it stays as they are."""
    before = set(UserGroupMember.objects.filter(group=row).values_list("user_id", flat=True))
    gone, new = before - set(wanted), set(wanted) - before
    UserGroupMember.objects.filter(group=row, user__in=gone).delete()
    UserGroupMember.objects.bulk_create(UserGroupMember(group=row, user_id=pk) for pk in sorted(new))
    return {"added": sorted(new), "removed": sorted(gone)} if gone or new else {}


def _existing(ids: Collection[int]) -> list[int]:
    """Return who is meant, each once. Refuses with not_found."""
    found = set(User.objects.filter(pk__in=ids, is_active=True).values_list("pk", flat=True))
    if found != set(ids):
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    return list(dict.fromkeys(ids))


def _require_free(handle: str) -> None:
    if is_taken(handle):
        raise Refused(ErrorCode.CONFLICT, f"@{handle} is taken")


def _stored(row: UserGroup) -> UserGroup:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Refused(ErrorCode.CONFLICT, f"@{row.handle} is taken") from None
    return row


def _people(groups: Sequence[int]) -> dict[int, list[User]]:
    """Return the active people of groups, by name."""
    found: dict[int, list[User]] = defaultdict(list)
    rows = UserGroupMember.objects.filter(group__in=groups, user__is_active=True).select_related("user")
    for row in rows.order_by("user__name", "user"):
        found[row.group_id].append(row.user)
    return found


def _shape(row: UserGroup) -> dict[str, Any]:
    return {"id": row.pk, "handle": row.handle, "name": row.name, "made_by": row.made_by_id}


def _missing() -> Refused:
    return Refused(ErrorCode.NOT_FOUND, "no such group")
