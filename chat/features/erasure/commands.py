"""What may be asked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.protocol.commands import Command

_PASSWORD_MAX_CHARS = 1_000
Messages = Literal["keep", "remove"]


class EraseUser(Command):
    """Erase an account; its messages stay under "Deleted user", or are emptied."""

    messages: Messages


class EraseMe(EraseUser):
    """Erase my own account, with my password."""

    password: Annotated[str, Field(max_length=_PASSWORD_MAX_CHARS)]
