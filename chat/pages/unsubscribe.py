"""The page behind the link in our mails with which somebody gets no more of them, signed in or not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from chat.features.notifications import unsubscribe as unsubscribing
from chat.models import Letter
from chat.pages import bounded, errors


# A mail program sends the POST, without a cookie or a token; the signature in the address stands for the person.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@bounded.bounded
def unsubscribe(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Ask by GET, because programs that look for viruses follow links; switch off by POST."""
    found = unsubscribing.read(secret)
    if found is None:
        return errors.not_found(request)
    user, kind = found
    is_asking = request.method != "POST"
    if not is_asking:
        unsubscribing.switch_off(user, kind)
    details = {"is_asking": is_asking, **_words(kind, is_asking=is_asking, email=user.email)}
    return render(request, "chat/unsubscribe.html", details)


def _words(kind: str, *, is_asking: bool, email: str) -> dict[str, str]:
    is_digest = kind == Letter.Kind.DIGEST
    if not is_asking:
        return {
            "title": _("You get no more of these mails"),
            "text": _("You can switch them on again in your settings."),
        }
    text = (
        _("No more digests will be sent to %(email)s.")
        if is_digest
        else _("No more mails about missed messages will be sent to %(email)s.")
    )
    return {"title": _("No more of these mails?"), "text": text % {"email": email}}
