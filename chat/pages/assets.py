"""The tags of what Vite has built, and what every template may use."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.html import escape
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


def page_tags(code: str) -> SafeString:
    """Return the tags of the page, with all its scripts and the words of a language among what is fetched at once.

    The page asks for its words when it begins to run; by then they have come.
    """
    html = tags(PAGE)
    if not html:
        return html
    try:
        words: str = DjangoViteAssetLoader.instance().preload_vite_asset(f"src/text/{code}.json")
    except DjangoViteAssetNotFoundError:
        words = ""
    return mark_safe("\n".join((html, *_indirect(PAGE), words)))  # noqa: S308 - as above


def _indirect(entry: str) -> list[str]:
    """Return the tags of the scripts that the imports of an entry import: a round trip more, were they not named."""
    loader = DjangoViteAssetLoader.instance()
    # The loader preloads what an entry imports itself, and no more.
    manifest = loader._apps["default"].manifest
    direct: list[str] = list(manifest.get(entry).imports)
    found: list[str] = []
    waiting = list(direct)
    while waiting:
        for name in manifest.get(waiting.pop()).imports:
            if name not in (*direct, *found, entry):
                found.append(name)
                waiting.append(name)
    urls = (loader.generate_vite_asset_url(name) for name in found)
    return [f'<link href="{escape(url)}" rel="modulepreload" crossorigin="anonymous">' for url in urls]


def _is_signup_open() -> bool:
    return workspace.policy().signup in ("open", "domain")


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every template the workspace's name and logo, the stylesheet of plain pages, and the languages.

    Both are lazy: a page that says that the database is down must not ask it.
    """
    return {
        "workspace": SimpleLazyObject(workspace.name),
        "logo": SimpleLazyObject(lambda: workspace.logo() or ""),
        "accounts_assets": tags(ACCOUNTS),
        "languages": settings.LANGUAGES,
        "language": language.current(),
        "is_signup_open": SimpleLazyObject(_is_signup_open),
        # The name of the provider that one can sign in with; empty without one.
        "oidc_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }
