"""The picture of the workspace, beside its name and on the pages of the door."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from chat.actions import audit
from chat.features.workspace import deciding, telling
from chat.models import AuditDeed, Logo, User, Workspace
from chat.pictures import workshop

# A picture as it comes, below what a request may have.
PICTURE_MAX_BYTES = 1_000_000


class Drawn(NamedTuple):
    """A logo as it is kept, WebP."""

    picture: bytes
    width: int
    height: int


def draw(body: bytes) -> Drawn | None:
    """Have a logo made of a picture by the workshop's process; None for what is none. Blocks for up to 20 s.

    Raises:
        OSError: the process could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="maru-logo-") as name:
        folder = Path(name)
        source = folder / "source"
        source.write_bytes(body)
        made = workshop.make_logo(source, folder)
        return Drawn((folder / "whole").read_bytes(), made.width, made.height) if made else None


@transaction.atomic
def keep(admin: User, drawn: Drawn) -> dict[str, Any]:
    """Give the workspace a picture in the place of the one before; return the settings."""
    row = _locked()
    row.logo = secrets.token_hex(16)
    fields = {"key": row.logo, **drawn._asdict()}
    Logo.objects.update_or_create(workspace=row, defaults=fields)
    return _stored(admin, row, "set")


@transaction.atomic
def drop(admin: User) -> dict[str, Any]:
    """Take the picture away; a repeat changes nothing. Return the settings."""
    row = _locked()
    if not row.logo:
        return deciding.shape(row)
    row.logo = ""
    Logo.objects.filter(workspace=row).delete()
    return _stored(admin, row, None)


def _locked() -> Workspace:
    return Workspace.objects.select_for_update(of=("self",)).get(pk=1)


def _stored(admin: User, row: Workspace, said: str | None) -> dict[str, Any]:
    row.save(update_fields=["logo"])
    audit.record(admin, AuditDeed.WORKSPACE_CHANGED, fields={"logo": said})
    telling.changed(row)
    return deciding.shape(row)
