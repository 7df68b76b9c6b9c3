"""What an admin may ask of an account."""

from __future__ import annotations

from typing import Literal

from chat.protocol.commands import Command
from chat.protocol.fields import Name, Reason


class UpdatePerson(Command):
    """Change what is given, leave the rest; the `reason` is kept in the record."""

    name: Name | None = None
    role: Literal["owner", "admin", "member", "guest"] | None = None
    is_active: bool | None = None
    reason: Reason | None = None


class SignOutPerson(Command):
    """End all sessions, and with `tokens` also all tokens."""

    tokens: bool = True
    reason: Reason | None = None


class GiveReason(Command):
    """Why something is done to somebody; it is kept in the record."""

    reason: Reason | None = None
