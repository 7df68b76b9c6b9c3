"""Find accounts among thousands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from chat.models import Erasure, Membership, Token, User
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import payloads

# Of one account, shown with it; more than anybody may have.
TOKENS_MAX_COUNT = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose name, handle or address holds `text`; with a role; `state` is active, off, bots or all."""

    text: str = ""
    role: str | None = None
    state: str = "active"


def browse(wanted: Wanted, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None, int]:
    """Return a page by name, where the next one goes on, and how many there are in all."""
    rows = _rows(wanted)
    found = list(rows.order_by(Lower("name"), "pk")[after : after + limit + 1])
    return [shape(row) for row in found[:limit]], after + limit if len(found) > limit else None, rows.count()


def one(user_id: int) -> dict[str, Any]:
    """Return an account with its tokens and in how many rooms it is. Raises Refused: not_found."""
    row = _known().filter(pk=user_id).first()
    if row is None:
        raise missing()
    tokens = Token.objects.filter(user=row, revoked_at=None).order_by("-pk")
    rooms = Membership.objects.filter(user=row, left_seq=None, room__deleted_at=None).aggregate(
        rooms=Count("pk", filter=~Q(room__kind="direct")),
        owned=Count("pk", filter=Q(role=Membership.Role.OWNER)),
    )
    return {
        **shape(row),
        **rooms,
        "tokens": [
            {
                "id": token.pk,
                "label": token.label,
                "created_at": payloads.time(token.created_at),
                "last_used_at": payloads.time(token.last_used_at) if token.last_used_at else None,
            }
            for token in tokens[:TOKENS_MAX_COUNT]
        ],
    }


def shape(row: User) -> dict[str, Any]:
    """Return an account as those see it who run the workspace."""
    return {
        **payloads.user(row),
        "email": row.email,
        "role": row.role,
        "is_active": row.is_active,
        "is_erased": bool(getattr(row, "is_erased", False)),
        "created_at": payloads.time(row.created_at),
        "last_login_at": payloads.time(row.last_login) if row.last_login else None,
    }


def missing() -> Refused:
    """Return the refusal for an account that is not there."""
    return Refused(ErrorCode.NOT_FOUND, "no such user")


def _known() -> QuerySet[User]:
    return User.objects.annotate(is_erased=Exists(Erasure.objects.filter(user=OuterRef("pk"))))


def _rows(wanted: Wanted) -> QuerySet[User]:
    rows = _known()
    if wanted.state == "active":
        rows = rows.filter(is_active=True, is_bot=False)
    elif wanted.state == "off":
        rows = rows.filter(is_active=False, is_bot=False, erasure=None)
    elif wanted.state == "bots":
        rows = rows.filter(is_bot=True)
    else:
        rows = rows.filter(erasure=None)
    if wanted.role is not None:
        rows = rows.filter(role=wanted.role)
    for word in wanted.text.split():
        holds = Q(name__icontains=word) | Q(handle__icontains=word) | Q(email__icontains=word)
        rows = rows.filter(holds)
    return rows
