"""The browsers somebody is signed in with: noted at the sign-in, listed, ended one by one or all but one."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import structlog
from allauth.account.signals import password_changed, password_set
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from chat.live.envelope import SignedOut
from chat.models import BrowserSession, User
from chat.models.session_uses import EVERY
from chat.models.sessions import AGENT_MAX_CHARS
from chat.pipeline import accounts
from chat.protocol.errors import ErrorCode, Refused
from chat.queries.sign_in import proof_of

_log = structlog.get_logger(__name__)

# Of one account; a further sign-in ends the one that was used longest ago.
SESSIONS_MAX_COUNT = 50


def living(user_id: int) -> QuerySet[BrowserSession]:
    """Return the sessions of an account that still let in, the one used last first."""
    kept = (
        _store()
        .get_model_class()
        .objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    )
    found = BrowserSession.objects.filter(Exists(kept), user=user_id)
    return found.order_by("-last_seen_at", "-pk")


def end(user_id: int, session_id: int) -> BrowserSession:
    """End one session of an account, and its sockets; return it. Raises Refused: not_found."""
    row = BrowserSession.objects.filter(user=user_id, pk=session_id).first()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such session")
    _end(user_id, [row.session_key])
    return row


def end_others(user_id: int, session_key: str | None) -> int:
    """End all sessions of an account but one, and their sockets; return how many there were."""
    rows = BrowserSession.objects.filter(user=user_id).exclude(session_key=session_key or "")
    keys = list(rows.values_list("session_key", flat=True))
    _end(user_id, keys)
    return len(keys)


@transaction.atomic
def _end(user_id: int, keys: Iterable[str]) -> None:
    keys = list(keys)
    _store().get_model_class().objects.filter(session_key__in=keys).delete()
    BrowserSession.objects.filter(user=user_id, session_key__in=keys).delete()
    if keys:
        items = [SignedOut(user_id, proof_of(key)) for key in keys]
        transaction.on_commit(lambda: accounts.tell([*items]))


def seen(request: HttpRequest, user: User) -> None:
    """Note that a page was asked for with a session; one of before there was this list comes into it."""
    try:
        _seen(request, user)
    except DatabaseError as error:
        # A database that only reads still shows the page.
        _log.warning("sign_ins.not_noted", error=type(error).__name__)


def _seen(request: HttpRequest, user: User) -> None:
    key = request.session.session_key
    if not key:
        return
    now = timezone.now()
    row = BrowserSession.objects.filter(session_key=key).first()
    if row is None or row.user_id != user.pk:
        _note(request, user)
    elif row.last_seen_at < now - EVERY:
        BrowserSession.objects.filter(pk=row.pk).update(last_seen_at=now, **_from(request))


def forget(session_key: str) -> None:
    """Take a session that has ended out of the list."""
    BrowserSession.objects.filter(session_key=session_key).delete()


def listen() -> None:
    """Begin to hear of sign-ins."""
    user_logged_in.connect(_signed_in, dispatch_uid="chat.features.sign_ins")
    for signal in (password_changed, password_set):
        # Another password gives the session another key.
        signal.connect(_signed_in, dispatch_uid=f"chat.features.sign_ins.{id(signal)}")


def _signed_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    # A test or a script may sign somebody in without a request.
    if request is None or getattr(request, "session", None) is None:
        return
    if not request.session.session_key:
        request.session.create()
    _note(request, user)
    mine = BrowserSession.objects.filter(user=user)
    mine.exclude(pk__in=living(user.pk).values("pk")).delete()
    _end(user.pk, [row.session_key for row in living(user.pk)[SESSIONS_MAX_COUNT:]])


def _note(request: HttpRequest, user: User) -> None:
    fields = {"user": user, "last_seen_at": timezone.now(), **_from(request)}
    BrowserSession.objects.update_or_create(session_key=request.session.session_key, defaults=fields)


def _from(request: HttpRequest) -> dict[str, str]:
    agent = request.META.get("HTTP_USER_AGENT", "")
    # What a database cannot hold is in no browser's name.
    plain = "".join(char for char in agent if char.isprintable())[:AGENT_MAX_CHARS]
    return {"agent": plain, "address": str(request.META.get("REMOTE_ADDR") or "")[:64]}


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore
