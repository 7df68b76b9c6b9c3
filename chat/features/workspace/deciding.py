"""Read and set what the workspace is to be."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction

from chat.actions import audit
from chat.features.workspace import telling
from chat.features.workspace.commands import UpdateWorkspace
from chat.models import AuditDeed, User, Workspace
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.queries import workspace

# What may be told as null; of the others null means that nothing was said.
_NULLABLE = {"audit_days"}


def read() -> dict[str, Any]:
    """Return what is set, and what the operator has set where the workspace says nothing."""
    return shape(Workspace.objects.get(pk=1))


@transaction.atomic
def update(admin: User, asked: UpdateWorkspace) -> dict[str, Any]:
    """Change what is given; what is another now stands in the record.

    Raises:
        ProtocolError: bad_frame, for sign-up by domain without one.
        Refused: conflict, for sign-up by domain where addresses are not confirmed.
    """
    row = Workspace.objects.select_for_update(of=("self",)).get(pk=1)
    given = _given(asked)
    changed = {name: value for name, value in given.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if row.signup == Workspace.Signup.DOMAIN:
        _require_domain(row)
    if changed:
        row.save(update_fields=list(changed))
        audit.record(admin, AuditDeed.WORKSPACE_CHANGED, fields=changed)
    if "name" in changed:
        telling.changed(row)
    return shape(row)


def _given(asked: UpdateWorkspace) -> dict[str, Any]:
    said = {
        name: value
        for name, value in asked.model_dump(exclude_unset=True, exclude={"type"}).items()
        if value is not None or name in _NULLABLE
    }
    if "signup_domains" in said:
        said["signup_domains"] = " ".join(said["signup_domains"])
    return said


def _require_domain(row: Workspace) -> None:
    if not row.signup_domains:
        raise ProtocolError(ErrorCode.BAD_FRAME, "signup_domains: sign-up by domain needs one")
    if not confirms_addresses():
        # Anybody could claim to have an address there.
        detail = "sign-up by domain needs addresses to be confirmed: EMAIL_VERIFICATION=mandatory"
        raise Refused(ErrorCode.CONFLICT, detail)


def confirms_addresses() -> bool:
    """Tell whether a new account must confirm its address before it is let in."""
    return bool(settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory")


def shape(row: Workspace) -> dict[str, Any]:
    """Return the settings as those see them who run the workspace."""
    return {
        "name": row.name,
        "signup": row.signup,
        "signup_default": settings.SIGNUP,
        "signup_domains": row.signup_domains.split(),
        "confirms_addresses": confirms_addresses(),
        "room_makers": row.room_makers,
        "inviters": row.inviters,
        "group_makers": row.group_makers,
        "emoji_makers": row.emoji_makers,
        "logo": workspace.logo_at(row.logo),
        "language": row.language,
        "language_default": settings.LANGUAGE_CODE,
        "audit_days": row.audit_days,
    }
