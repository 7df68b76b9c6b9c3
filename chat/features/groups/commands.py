"""What may be asked of groups."""

from __future__ import annotations

from typing import Annotated

from django.core.exceptions import ValidationError
from pydantic import AfterValidator, Field

from chat.models.users import normalize_handle, validate_handle
from chat.protocol import limits, text_rules
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Id, Name


def _handle(value: str) -> str:
    text_rules.check_storable(value, "handle")
    handle = normalize_handle(value[: 4 * limits.HANDLE_MAX_CHARS]).removeprefix("@")
    try:
        validate_handle(handle)
    except ValidationError as error:
        code = ErrorCode.TOO_LONG if error.code == "too_long" else ErrorCode.BAD_FRAME
        raise ProtocolError(code, f"handle: {error.messages[0]}") from None
    return handle


Handle = Annotated[str, AfterValidator(_handle)]
People = Annotated[list[Id], Field(max_length=limits.GROUP_MEMBERS_MAX_COUNT)]


class MakeGroup(Command):
    """Give some people a handle; nobody else has it, and no other group."""

    handle: Handle
    name: Name
    members: People = Field(default_factory=list)


class UpdateGroup(Command):
    """Change what is given, leave the rest; `members` are all who are in it from now on."""

    handle: Handle | None = None
    name: Name | None = None
    members: People | None = None
