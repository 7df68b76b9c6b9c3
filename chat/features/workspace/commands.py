"""What an admin may set."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from django.conf import settings
from pydantic import AfterValidator, Field

from chat.models.workspace import SIGNUP_DOMAINS_MAX_CHARS
from chat.protocol import limits, text_rules
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError

NAME_MAX_CHARS = 80
# So long a record is of use to anybody.
AUDIT_MIN_DAYS = 30
_DOMAINS_MAX_COUNT = 20
_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")


def _name(value: str) -> str:
    return text_rules.clean_line(value, "name", NAME_MAX_CHARS)


def _domains(value: list[str]) -> list[str]:
    found = list(dict.fromkeys(domain.strip().casefold().removeprefix("@") for domain in value))
    for domain in found:
        if not _DOMAIN.match(domain):
            raise ProtocolError(ErrorCode.BAD_FRAME, "signup_domains: one is no domain like example.org")
    if len(" ".join(found)) > SIGNUP_DOMAINS_MAX_CHARS:
        detail = f"signup_domains: more than {SIGNUP_DOMAINS_MAX_CHARS:,} characters"
        raise ProtocolError(ErrorCode.TOO_LONG, detail)
    return found


def _language(value: str) -> str:
    codes = [code for code, _ in settings.LANGUAGES]
    if value and value not in codes:
        raise ProtocolError(ErrorCode.BAD_FRAME, f"language: is none of {', '.join(codes)}")
    return value


class UpdateWorkspace(Command):
    """Change what is given, leave the rest.

    An empty `signup` or `language` is as the operator says; `audit_days` null keeps the record for ever.
    """

    name: Annotated[str, AfterValidator(_name)] | None = None
    signup: Literal["", "closed", "invite", "domain", "open"] | None = None
    signup_domains: (
        Annotated[list[str], Field(max_length=_DOMAINS_MAX_COUNT), AfterValidator(_domains)] | None
    ) = None
    room_makers: Literal["members", "admins"] | None = None
    group_makers: Literal["members", "admins"] | None = None
    inviters: Literal["members", "admins"] | None = None
    emoji_makers: Literal["members", "admins"] | None = None
    language: Annotated[str, AfterValidator(_language)] | None = None
    audit_days: Annotated[int, Field(ge=AUDIT_MIN_DAYS, le=limits.RETENTION_MAX_DAYS)] | None = None
