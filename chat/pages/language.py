"""Which language a page speaks: the user's own, else the browser's; and the form that changes it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from chat.models import User
from chat.queries import workspace


def current() -> str:
    """Return the language that texts are being made in: a code of LANGUAGES."""
    code = translation.get_language() or settings.LANGUAGE_CODE
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def use(request: HttpRequest) -> None:
    """Speak the user's language, or the browser's, for the rest of this thread's work on the request.

    A language is active in one thread only, so what the middleware has chosen does not come along by itself.
    Reads the user, so it must not be called on the event loop.
    """
    user = request.user
    if isinstance(user, User) and user.language in dict(settings.LANGUAGES):
        request.LANGUAGE_CODE = user.language
    elif not _is_asked_for(request):
        request.LANGUAGE_CODE = workspace.language()
    translation.activate(request.LANGUAGE_CODE)


def _is_asked_for(request: HttpRequest) -> bool:
    """Tell whether the browser names a language that we have, by its choice of earlier or by its own settings."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return True
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return any(code.partition("-")[0] in dict(settings.LANGUAGES) for code, _ in asked)


@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """Set the language of this browser, and of the account that is signed in, from a form's `language`."""
    code = request.POST.get("language", "")
    user = request.user
    if isinstance(user, User) and code in dict(settings.LANGUAGES):
        user.language = code
        user.save(update_fields=["language"])
    return set_language(request)
