"""Whose token or session this is; every door asks here."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Literal, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet, Subquery
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat.models import Token, User, Workspace, rows, session_uses, token_uses
from chat.models.prepared import Prepared
from chat.protocol import limits, shapes
from chat.queries import payloads

# A token in steady use costs one write a minute, not one a request.
_USED_EVERY = timedelta(minutes=1)
_SECRET_MAX_CHARS = 200
_SESSION_KEY_MAX_CHARS = 40
Ending = Literal["signed_out", "disabled"]
_EPOCH = Subquery(Workspace.objects.filter(pk=1).values("epoch")[:1])


def _tokens(digest: str) -> QuerySet[Token]:
    valid = Token.objects.filter(digest=digest, revoked_at=None, user__is_active=True)
    return valid.select_related("user").annotate(epoch=_EPOCH)


def _sessions(key: str, now: datetime, user: int) -> QuerySet[User]:
    kept = _session_store().get_model_class().objects.filter(session_key=key, expire_date__gt=now)
    active = User.objects.filter(is_active=True, pk=user)
    return active.annotate(epoch=_EPOCH, session=Subquery(kept.values("session_data")[:1]))


_TOKENS = Prepared(_tokens, "the digest")
_SESSIONS = Prepared(_sessions, "the key", datetime(1970, 1, 1, tzinfo=UTC), -7)


class Held(NamedTuple):
    """With what an open socket came in, to be looked at again: `session_key` and `auth` are empty for a token."""

    user: int
    proof: str
    session_key: str
    # The user's session hash of then: another password, another hash.
    auth: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """A user who has proved who it is, and what the first frame says.

    `is_proven` is False when it was believed because the database did not answer.
    """

    user: User
    me: shapes.Me
    epoch: str
    held: Held
    # Wall clock of the visit to the database, which other processes read too.
    proven_at: float
    is_proven: bool = True

    @property
    def proof(self) -> str:
        """Return the digest of what let it in, by which it is found when that ends."""
        return self.held.proof


def prove(token: str | None, session_key: str | None, supposed: int | None = None) -> SignIn | None:
    """Return whom a token or a session proves; one query, a second one for a session of nobody in particular.

    Args:
        token: makes the session unimportant.
        session_key: of the cookie.
        supposed: the user whom the session is thought to be of; wrong, it costs a query more.
    """
    found: tuple[User, str] | None
    if token is not None:
        found = _of_token(token)
    elif session_key is not None:
        found = _of_session(session_key, supposed)
    else:
        found = None
    if found is None:
        return None
    auth = "" if token is not None else found[0].get_session_auth_hash()
    return of_user(
        *found, proof_of(token or session_key), "" if token is not None else session_key or "", auth
    )


def of_user(user: User, epoch: str, proof: str = "", session_key: str = "", auth: str = "") -> SignIn:
    """Return the sign-in of a user who was read just now."""
    return SignIn(user, payloads.me(user), epoch, Held(user.pk, proof, session_key, auth), time.time())


def by_token(secret: str) -> User | None:
    """Return the active user of a token that is not revoked, and note that the token was used."""
    found = _of_token(secret)
    return found[0] if found else None


def by_session(session_key: str) -> User | None:
    """Return the active user of a session that has not expired and was not ended by a new password."""
    found = _of_session(session_key, None)
    return found[0] if found else None


def needs_second_factor(user: User) -> bool:
    """Tell whether the operator wants this account to have a second factor."""
    wanted = settings.SECOND_FACTOR
    return not user.is_bot and (wanted == "everybody" or (wanted == "admins" and user.is_admin))


def proof_of(secret: str | None) -> str:
    """Return the digest by which connections are found that were opened with a token or session key."""
    return Token.digest_of(secret) if secret else ""


def endings(held: Sequence[Held], at_once: int = 2_000) -> dict[Held, Ending]:
    """Return what does not hold any more, in at most three queries for `at_once` sockets."""
    ended: dict[Held, Ending] = {}
    for start in range(0, len(held), at_once):
        ended |= _endings(held[start : start + at_once])
    return ended


def renew(held: Held) -> User | Ending:
    """Return the user as it is now of a sign-in that was believed, or how it has ended."""
    ended = _endings([held])
    return ended[held] if held in ended else User.objects.get(pk=held.user)


def _endings(held: Collection[Held]) -> dict[Held, Ending]:
    # What the session hash is made of.
    columns = ("pk", "password", "session_salt", "is_active")
    users = {user.pk: user for user in User.objects.filter(pk__in={one.user for one in held}).only(*columns)}
    keys = {one.session_key for one in held if one.session_key}
    model = _session_store().get_model_class()
    sessions = set(
        model.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list(
            "session_key", flat=True
        )
        if keys
        else ()
    )
    digests = {one.proof for one in held if one.proof and not one.session_key}
    tokens = set(
        Token.objects.filter(digest__in=digests, revoked_at=None).values_list("digest", flat=True)
        if digests
        else ()
    )
    ended: dict[Held, Ending] = {}
    for one in held:
        user = users.get(one.user)
        if user is not None and not user.is_active:
            ended[one] = "disabled"
        elif (
            user is None
            or (one.session_key and (one.session_key not in sessions or not _is_of(user, one.auth)))
            or (one.proof and not one.session_key and one.proof not in tokens)
        ):
            ended[one] = "signed_out"
    return ended


def _of_token(secret: str) -> tuple[User, str] | None:
    if not secret or len(secret) > _SECRET_MAX_CHARS:
        return None
    found = _found_token(Token.digest_of(secret))
    if found is None:
        return None
    token, epoch, user = found
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - _USED_EVERY:
        token_uses.note(token.pk, now)
    return user, epoch


def _found_token(digest: str) -> tuple[Token, str, User] | None:
    found = _TOKENS.rows(digest)
    if not found:
        return None
    names = rows.names_of(Token)
    (token,) = rows.stored(Token, names, [found[0][: len(names)]])
    return token, found[0][len(names)], _user(found[0][len(names) + 1 :])


def _user(columns: Sequence[Any]) -> User:
    """Return a user as one that was read usually: it remembers how it was."""
    names = rows.names_of(User)
    (user,) = rows.stored(User, names, [columns])
    return User.from_db(DEFAULT_DB_ALIAS, names, [user.__dict__[name] for name in names])


def _of_session(key: str, supposed: int | None) -> tuple[User, str] | None:
    if not key or not key.isascii() or not key.isalnum() or len(key) > _SESSION_KEY_MAX_CHARS:
        return None
    store = _session_store()
    found: tuple[User, str] | None = None
    kept = None
    if supposed is not None:
        for row in _SESSIONS.rows(key, timezone.now(), supposed):
            *columns, epoch, kept = row
            found = _user(columns), epoch
    session: dict[str, Any] = store().decode(kept) if kept is not None else store(key).load()
    user_id = str(session.get(SESSION_KEY, ""))
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    if not user_id.isdigit() or int(user_id) > limits.INTEGER_MAX:
        return None
    if kept is None or found is None or found[0].pk != int(user_id):
        user = User.objects.annotate(epoch=_EPOCH).filter(is_active=True, pk=int(user_id)).first()
        found = (user, user.epoch) if user is not None else None
    if found is None or not _is_of(found[0], session.get(HASH_SESSION_KEY)):
        return None
    if needs_second_factor(found[0]) and not found[0].has_second_factor:
        # The page leads there; until it is set up the session opens nothing.
        return None
    session_uses.note(key, timezone.now())
    return found


def _session_store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _is_of(user: User, digest: object) -> bool:
    """Tell whether a session was made with the user's present password, under one of the secret keys."""
    if not isinstance(digest, str):
        return False
    if constant_time_compare(digest, user.get_session_auth_hash()):
        return True
    # Lazily: each hash is an HMAC, and nearly every session was made under the first key.
    return any(constant_time_compare(digest, old) for old in user.get_session_auth_fallback_hash())
