"""The tags of what Vite has built, and what every template may use."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe
from django_vite.core.asset_loader import DjangoViteAssetLoader
from django_vite.core.exceptions import DjangoViteAssetNotFoundError

from chat.pages import language
from chat.queries import workspace

_log = structlog.get_logger(__name__)

PAGE = "src/main.tsx"
ACCOUNTS = "src/accounts.ts"


def tags(entry: str) -> SafeString:
    """Return the script and style tags of an entry; empty when the page has not been built."""
    try:
        html: str = DjangoViteAssetLoader.instance().generate_vite_asset(entry)
    except DjangoViteAssetNotFoundError:
        _log.warning("pages.not_built", entry=entry)
        html = ""
    return mark_safe(html)  # noqa: S308 - names of files that our own build has written


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every template the workspace's name, the stylesheet of plain pages, and the languages.

    The name is lazy: a page that says that the database is down must not ask it.
    """
    return {
        "workspace": SimpleLazyObject(workspace.name),
        "accounts_assets": tags(ACCOUNTS),
        "languages": settings.LANGUAGES,
        "language": language.current(),
        "is_signup_open": settings.SIGNUP == "open",
    }
