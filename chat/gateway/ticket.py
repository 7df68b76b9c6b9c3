"""The ticket: a sign-in that this installation has proved, signed, so that any of its processes may believe it.

It is bound to the session or token that was proved and lets nobody in without that. A client gets it in `hello` and
shows it at its next handshake as a second subprotocol, where a browser can put something.
"""

from __future__ import annotations

from typing import Any

from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare

from chat.models import User
from chat.queries.sign_in import Held, SignIn

SUBPROTOCOL = "maru.v1"
PREFIX = "ticket."
_VERSION = 2
_MAX_CHARS = 2_500
_SHORT_CHARS = 60


def issue(sign_in: SignIn) -> str:
    """Return the ticket of a sign-in; its age counts from the last visit to the database, not from now."""
    if not sign_in.proof:
        return ""
    held, me = sign_in.held, sign_in.me
    # No session key: the ticket travels beside it and must not replace it.
    fields: dict[str, Any] = {
        "v": _VERSION, "u": held.user, "p": held.proof, "a": held.auth, "e": sign_in.epoch,
        "t": int(sign_in.proven_at), "me": me,
    }  # fmt: skip
    # A short one is not worth the time; a long one must fit into the header.
    return _signer().sign_object(fields, compress=len(me["name"]) + len(me["email"]) > _SHORT_CHARS)


def read(text: str, proof: str, session_key: str) -> SignIn | None:
    """Return the sign-in of a ticket that was issued for this very proof; None for anything else."""
    if not text or not proof or len(text) > _MAX_CHARS:
        return None
    try:
        fields: dict[str, Any] = _signer().unsign_object(text)
        if fields["v"] != _VERSION or not constant_time_compare(fields["p"], proof):
            return None
        me = fields["me"]
        user = User(
            pk=fields["u"], handle=me["handle"], name=me["name"], email=me["email"], role=me["role"],
            is_bot=me["is_bot"], language=me["language"], time_zone=me["time_zone"],
        )  # fmt: skip
        held = Held(fields["u"], proof, session_key, fields["a"])
        return SignIn(user, me, fields["e"], held, float(fields["t"]))
    except (BadSignature, ValueError, KeyError, TypeError):
        return None


def _signer() -> Signer:
    # A dot, because a subprotocol is an HTTP token and Django's colon may not stand in one.
    return Signer(sep=".", salt="chat.gateway.ticket")
