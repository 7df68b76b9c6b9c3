"""The workspace's picture, for whoever comes to the door."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chat import database
from chat.queries import workspace


@require_safe
async def logo(request: HttpRequest, key: str) -> HttpResponse:
    """Serve it, signed in or not; another picture has another address."""
    picture = await database.run(workspace.logo_picture, key)
    if picture is None:
        raise Http404
    response = HttpResponse(picture, content_type="image/webp")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Disposition"] = "inline"
    return response
