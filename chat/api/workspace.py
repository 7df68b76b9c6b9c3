"""What the workspace's admins decide."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api import pictures, rank
from chat.api.admin_shapes import WorkspaceSettings
from chat.api.openapi import body
from chat.api.requests import answer, command
from chat.features.workspace import deciding, logo
from chat.features.workspace.commands import UpdateWorkspace

router = Router(tags=["workspace"])


@router.get("/admin/workspace", response=WorkspaceSettings, summary="Read the workspace's settings")
async def read(request: HttpRequest) -> HttpResponse:
    """Admins only."""
    rank.admin(request)
    return answer(await database.run(deciding.read))


@router.patch("/admin/workspace", response=WorkspaceSettings, summary="Change the workspace's settings",
              openapi_extra=body(UpdateWorkspace))  # fmt: skip
async def update(request: HttpRequest) -> HttpResponse:
    """Fields that are left out stay as they are. Sign-up by `domain` needs domains, and confirmed addresses."""
    admin = rank.admin(request)
    return answer(await database.run(deciding.update, admin, command(request, UpdateWorkspace)))


@router.put("/admin/workspace/logo", response=WorkspaceSettings, summary="Give the workspace a logo",
            openapi_extra=pictures.SENT)  # fmt: skip
async def put_logo(request: HttpRequest) -> HttpResponse:
    """A PNG, JPEG, GIF or WebP of at most 1,000,000 bytes; made anew, at most 512 pixels a side."""
    admin = rank.admin(request)
    drawn = await pictures.make(admin.pk, pictures.read(request, logo.PICTURE_MAX_BYTES), logo.draw)
    return answer(await database.run(logo.keep, admin, drawn))


@router.delete("/admin/workspace/logo", response=WorkspaceSettings, summary="Take the logo away")
async def drop_logo(request: HttpRequest) -> HttpResponse:
    """A repeat changes nothing."""
    return answer(await database.run(logo.drop, rank.admin(request)))
