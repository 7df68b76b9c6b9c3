"""What a person may ask."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import Annotated, Self

from django.conf import settings
from pydantic import AfterValidator, model_validator

from chat.protocol import limits, text_rules
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Emoji, Name, Time


@cache
def time_zones() -> frozenset[str]:
    """Return all names of time zones; the first time it reads the disk."""
    return frozenset(zoneinfo.available_timezones())


def _language(value: str) -> str:
    codes = [code for code, _ in settings.LANGUAGES]
    if value and value not in codes:
        raise ProtocolError(ErrorCode.BAD_FRAME, f"language: is none of {', '.join(codes)}")
    return value


def _time_zone(value: str) -> str:
    if value and value not in time_zones():
        raise ProtocolError(ErrorCode.BAD_FRAME, "time_zone: is no name of the IANA database")
    return value


def _line(field: str, max_chars: int) -> AfterValidator:
    return AfterValidator(lambda text: text_rules.clean_line(text, field, max_chars, may_be_empty=True))


class UpdateMe(Command):
    """Change what is given, leave the rest; an empty language or time zone means the browser's."""

    name: Name | None = None
    handle: str | None = None
    title: Annotated[str, _line("title", limits.TITLE_MAX_CHARS)] | None = None
    pronouns: Annotated[str, _line("pronouns", limits.PRONOUNS_MAX_CHARS)] | None = None
    language: Annotated[str, AfterValidator(_language)] | None = None
    time_zone: Annotated[str, AfterValidator(_time_zone)] | None = None
    hides_reading: bool | None = None


class SetDoing(Command):
    """Say what I am doing: an emoji, a text, or both, until a time or until I take it back."""

    emoji: Emoji | None = None
    text: Annotated[str, _line("text", limits.DOING_MAX_CHARS)] = ""
    until: Time | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.emoji and not self.text:
            raise ProtocolError(ErrorCode.EMPTY, "give an emoji, a text, or both")
        return self
