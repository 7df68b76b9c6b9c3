"""Whose token or session this is; every door asks here."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat.models import Token, User
from chat.protocol import limits

# A token in steady use costs one write a minute, not one a request.
_USED_EVERY = timedelta(minutes=1)
_SECRET_MAX_CHARS = 200
_SESSION_KEY_MAX_CHARS = 40


def by_token(secret: str) -> User | None:
    """Return the active user of a token that is not revoked, and note that the token was used."""
    if not secret or len(secret) > _SECRET_MAX_CHARS:
        return None
    found = Token.objects.select_related("user").filter(
        digest=Token.digest_of(secret), revoked_at=None, user__is_active=True
    )
    token = found.first()
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _USED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user


def by_session(session_key: str) -> User | None:
    """Return the active user of a session that has not expired and was not ended by a new password."""
    if not session_key.isascii() or not session_key.isalnum() or len(session_key) > _SESSION_KEY_MAX_CHARS:
        return None
    session: dict[str, Any] = import_module(settings.SESSION_ENGINE).SessionStore(session_key).load()
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user_id = str(session.get(SESSION_KEY, ""))
    if not user_id.isdigit() or int(user_id) > limits.INTEGER_MAX:
        return None
    user = User.objects.filter(pk=int(user_id), is_active=True).first()
    return user if user is not None and _is_of(user, session.get(HASH_SESSION_KEY)) else None


def proof_of(secret: str | None) -> str:
    """Return the digest by which connections are found that were opened with a token or session key."""
    return Token.digest_of(secret) if secret else ""


def _is_of(user: User, digest: object) -> bool:
    """Tell whether a session was made with the user's present password, under one of the secret keys."""
    if not isinstance(digest, str):
        return False
    if constant_time_compare(digest, user.get_session_auth_hash()):
        return True
    # Lazily: each hash is an HMAC, and nearly every session was made under the first key.
    return any(constant_time_compare(digest, old) for old in user.get_session_auth_fallback_hash())
