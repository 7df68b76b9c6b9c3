"""The service worker of the page, at the root: only there may it look after the whole page."""

from __future__ import annotations

import asyncio
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

NAME = "worker.js"


@require_safe
async def worker(request: HttpRequest) -> HttpResponse:
    """Serve what the build has made of src/worker.ts; signed in or not, it holds nothing of anybody."""
    try:
        code = await asyncio.to_thread((Path(settings.VITE_DIST) / NAME).read_bytes)
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(code, content_type="text/javascript; charset=utf-8")
    # The browser asks anew each day and at each visit, and takes another one over when a byte differs.
    response["Cache-Control"] = "no-cache"
    return response
