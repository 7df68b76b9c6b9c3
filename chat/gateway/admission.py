"""Who may open a socket: origin, sign-in and how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from chat import conf, database
from chat.models import User
from chat.pipeline.runtime import Runtime
from chat.protocol import shapes
from chat.protocol.errors import CloseCode
from chat.queries import members, payloads, sign_in, workspace

_COOKIES_MAX_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Admitted:
    """A signed-in user and what the first frame says."""

    user: User
    me: shapes.Me
    epoch: str
    known_users: frozenset[int] | None
    # A digest of what let it in, by which it is found when that ends.
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a handshake brought to prove who it is; a token makes the rest unimportant."""

    token: str | None
    session_key: str | None


def headers_of(scope: Mapping[str, Any], name: bytes) -> list[str]:
    """Return all values of a header."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def credentials_of(scope: Mapping[str, Any]) -> Credentials:
    """Read the bearer token or the session cookie; a header that cannot be read counts as none."""
    authorization = headers_of(scope, b"authorization")
    if authorization:
        kind, _, secret = authorization[0].partition(" ")
        is_bearer = len(authorization) == 1 and kind.lower() == "bearer"
        return Credentials(secret.strip() if is_bearer else "", None)
    text = "; ".join(headers_of(scope, b"cookie"))
    if len(text) > _COOKIES_MAX_BYTES:
        return Credentials(None, None)
    pairs = (pair.strip().partition("=") for pair in text.split(";"))
    keys = [value.strip() for name, _, value in pairs if name == settings.SESSION_COOKIE_NAME]
    # Two of that name: one of them was planted by a neighbour domain, and nobody can tell which.
    return Credentials(None, keys[0] if len(keys) == 1 else None)


def is_origin_allowed(scope: Mapping[str, Any], credentials: Credentials) -> bool:
    """Tell whether a page of this origin may speak for its user.

    Exactly scheme://host[:port], compared as a whole: a parser that is kinder than the browser would let
    look-alikes in. A program with a token sends no cookie, so no page can misuse it.
    """
    if credentials.token is not None:
        return True
    origins = headers_of(scope, b"origin")
    return len(origins) == 1 and origins[0].lower() in conf.get().ALLOWED_ORIGINS


async def sign_in_of(credentials: Credentials) -> Admitted | None:
    """Return the user whom the credentials prove, in one visit to the database; None for anybody else."""
    return await database.run(_look_up, credentials)


def _look_up(credentials: Credentials) -> Admitted | None:
    if credentials.token is not None:
        user = sign_in.by_token(credentials.token)
    elif credentials.session_key is not None:
        user = sign_in.by_session(credentials.session_key)
    else:
        user = None
    return admitted(user, sign_in.proof_of(credentials.token or credentials.session_key)) if user else None


def admitted(user: User, proof: str = "") -> Admitted:
    """Return what a socket of this user needs to know. Reads the database."""
    return Admitted(user, payloads.me(user), workspace.epoch(), members.known_to(user), proof)


def address_of(scope: Mapping[str, Any]) -> str:
    """Return the client's address; the server has taken a trusted proxy's word into account."""
    client = scope.get("client")
    return str(client[0]) if client else "local"


class Places:
    """How many sockets one user and one address hold in this process."""

    def __init__(self, runtime: Runtime, scope: Mapping[str, Any]) -> None:
        self._runtime = runtime
        self._address = address_of(scope)
        self._user: int | None = None
        self._has_address = False

    def take_address(self) -> CloseCode | None:
        """Count a socket of this address; a close code when there are too many."""
        held = self._runtime.addresses.get(self._address, 0)
        if held >= conf.get().CONNECTIONS_PER_IP:
            return CloseCode.TOO_MANY_CONNECTIONS
        self._runtime.addresses[self._address] = held + 1
        self._has_address = True
        return None

    def take_user(self, user: int) -> CloseCode | None:
        """Count a socket of this user; a close code when there are too many."""
        held = self._runtime.connections.get(user, 0)
        if held >= conf.get().CONNECTIONS_PER_USER:
            return CloseCode.TOO_MANY_CONNECTIONS
        self._runtime.connections[user] = held + 1
        self._user = user
        return None

    def give_back(self) -> None:
        """Count the socket off, once."""
        if self._has_address:
            self._has_address = False
            _decrease(self._runtime.addresses, self._address)
        if self._user is not None:
            _decrease(self._runtime.connections, self._user)
            self._user = None


def _decrease(counts: dict[Any, int], key: Any) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
