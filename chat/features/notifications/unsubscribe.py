"""The way out that stands in each mail: one click, without signing in (RFC 8058)."""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from chat.models import Letter, NotificationSettings, User

_SALT = "chat.notifications.unsubscribe"
# What is switched off by the link of which mail.
_OFF: dict[str, dict[str, object]] = {
    Letter.Kind.MISSED.value: {"wants_mail": False},
    Letter.Kind.DIGEST.value: {"digest": NotificationSettings.Digest.OFF, "digest_at": None},
}


def link(user: User, kind: str) -> str:
    """Return the address that ends this kind of mail for this person; it never expires."""
    secret = Signer(salt=_SALT).sign(f"{user.pk}.{kind}")
    return settings.ALLOWED_ORIGINS[0] + reverse("unsubscribe", args=[secret])


def headers(user: User, kind: str) -> dict[str, str]:
    """Return the headers by which a mail program offers the same."""
    return {
        "List-Unsubscribe": f"<{link(user, kind)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def read(secret: str) -> tuple[User, str] | None:
    """Return whose mail of which kind a link is about; None for one that we have not made, or of nobody."""
    try:
        pk, _, kind = Signer(salt=_SALT).unsign(secret).partition(".")
    except BadSignature:
        return None
    user = User.objects.filter(pk=int(pk)).first()
    return (user, kind) if user is not None and kind in _OFF else None


def switch_off(user: User, kind: str) -> None:
    """Send somebody no more of a kind."""
    NotificationSettings.objects.update_or_create(user=user, defaults=_OFF[kind])
