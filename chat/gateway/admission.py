"""Who may open a socket: origin, sign-in and how many."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import OperationalError

from chat import conf, database, metrics
from chat.gateway import ticket
from chat.pipeline.runtime import Runtime
from chat.protocol.errors import CloseCode
from chat.queries import sign_in
from chat.queries.sign_in import SignIn

_COOKIES_MAX_BYTES = 16_384
# Within the time that the server gives a handshake, and above the longest that a busy database takes.
_PROVE_S = 2.5


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a handshake brought to prove who it is; a token makes the session unimportant."""

    token: str | None
    session_key: str | None
    # Never enough alone.
    ticket: str = ""

    @property
    def proof(self) -> str:
        """Return the digest of the token or session key."""
        return sign_in.proof_of(self.session_key if self.token is None else self.token)


def headers_of(scope: Mapping[str, Any], name: bytes) -> list[str]:
    """Return all values of a header."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def credentials_of(scope: Mapping[str, Any]) -> Credentials:
    """Read the bearer token or the session cookie; a header that cannot be read counts as none."""
    offered = scope.get("subprotocols") or ()
    shown = next((one.removeprefix(ticket.PREFIX) for one in offered if one.startswith(ticket.PREFIX)), "")
    authorization = headers_of(scope, b"authorization")
    if authorization:
        kind, _, secret = authorization[0].partition(" ")
        is_bearer = len(authorization) == 1 and kind.lower() == "bearer"
        return Credentials(secret.strip() if is_bearer else "", None, shown)
    text = "; ".join(headers_of(scope, b"cookie"))
    if len(text) > _COOKIES_MAX_BYTES:
        return Credentials(None, None)
    pairs = (pair.strip().partition("=") for pair in text.split(";"))
    keys = [value.strip() for name, _, value in pairs if name == settings.SESSION_COOKIE_NAME]
    # Two of that name: one of them was planted by a neighbour domain, and nobody can tell which.
    return Credentials(None, keys[0] if len(keys) == 1 else None, shown)


def is_origin_allowed(scope: Mapping[str, Any], credentials: Credentials) -> bool:
    """Tell whether a page of this origin may speak for its user.

    Exactly scheme://host[:port], compared as a whole: a parser that is kinder than the browser would let
    look-alikes in. A program with a token sends no cookie, so no page can misuse it.
    """
    if credentials.token is not None:
        return True
    origins = headers_of(scope, b"origin")
    return len(origins) == 1 and origins[0].lower() in conf.get().ALLOWED_ORIGINS


async def sign_in_of(runtime: Runtime, credentials: Credentials) -> SignIn | None:
    """Return whom the credentials prove; None for nobody.

    Without a visit to the database when this process, or another one by a ticket, has proved it a moment ago and can
    hear of its end. With one query else. While the database does not answer, what was proven earlier is believed
    and marked as not proven.

    Raises:
        DatabaseError: the database does not answer and nothing was proven earlier.
    """
    remembered = runtime.sign_ins
    known = _newest(
        remembered.find(credentials.proof),
        ticket.read(credentials.ticket, credentials.proof, credentials.session_key or ""),
    )
    if known is not None and not runtime.hub.layer.is_degraded and remembered.may_believe(known):
        metrics.SIGN_INS.labels("believed").inc()
        return known
    try:
        proved = await prove(credentials.token, credentials.session_key, known.user.pk if known else None)
    except DatabaseError:
        if known is None or not remembered.may_believe(known, is_database_away=True):
            raise
        metrics.SIGN_INS.labels("unproven").inc()
        return replace(known, is_proven=False)
    metrics.SIGN_INS.labels("proven" if proved else "refused").inc()
    if proved is None:
        remembered.forget(credentials.proof)
    else:
        remembered.keep(proved)
    return proved


async def prove(token: str | None, session_key: str | None, supposed: int | None = None) -> SignIn | None:
    """Ask the database whom a token or a session proves. Raises DatabaseError, also when it takes too long."""
    # Not cancelled when we give up: the pool has to see for itself that there is no answer, and to free its thread.
    asked = asyncio.ensure_future(database.run(sign_in.prove, token, session_key, supposed))
    asked.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait([asked], timeout=_PROVE_S)
    if not asked.done():
        raise OperationalError(f"no answer within {_PROVE_S:g} s")
    return asked.result()


def _newest(*sign_ins: SignIn | None) -> SignIn | None:
    found = [one for one in sign_ins if one is not None]
    return max(found, key=lambda one: one.proven_at, default=None)


def address_of(scope: Mapping[str, Any]) -> str:
    """Return the client's address; the server has taken a trusted proxy's word into account."""
    client = scope.get("client")
    return str(client[0]) if client else "local"


class Places:
    """How many sockets one user, one session and one address hold in this process."""

    __slots__ = ("_address", "_has_address", "_runtime", "_session", "_user")

    def __init__(self, runtime: Runtime, scope: Mapping[str, Any]) -> None:
        self._runtime = runtime
        self._address = address_of(scope)
        self._user: int | None = None
        self._session = ""
        self._has_address = False

    def take_address(self) -> CloseCode | None:
        """Count a socket of this address; a close code when there are too many."""
        held = self._runtime.addresses.get(self._address, 0)
        if held >= conf.get().CONNECTIONS_PER_IP:
            return CloseCode.TOO_MANY_CONNECTIONS
        self._runtime.addresses[self._address] = held + 1
        self._has_address = True
        return None

    def take_user(self, held: sign_in.Held) -> CloseCode | None:
        """Count a socket of this user and session; a close code when there are too many.

        A token is one program on many machines, so only its user is counted.
        """
        of_user = self._runtime.connections.get(held.user, 0)
        session = held.proof if held.session_key else ""
        of_session = self._runtime.sessions.get(session, 0)
        if of_user >= conf.get().CONNECTIONS_PER_USER or of_session >= conf.get().CONNECTIONS_PER_SESSION:
            return CloseCode.TOO_MANY_CONNECTIONS
        self._runtime.connections[held.user] = of_user + 1
        if session:
            self._runtime.sessions[session] = of_session + 1
        self._user, self._session = held.user, session
        return None

    def give_back(self) -> None:
        """Count the socket off, once."""
        if self._has_address:
            self._has_address = False
            _decrease(self._runtime.addresses, self._address)
        if self._user is not None:
            _decrease(self._runtime.connections, self._user)
            self._user = None
        if self._session:
            _decrease(self._runtime.sessions, self._session)
            self._session = ""


def _decrease(counts: dict[Any, int], key: Any) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
