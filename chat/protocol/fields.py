"""What a field of a command may hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from chat.protocol import limits, text_rules
from chat.protocol.errors import ErrorCode, ProtocolError

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
_TIME_MAX_CHARS = 40
# A mute without an end lasts until then, so that every reader only has to compare times.
NO_END = datetime(9999, 1, 1, tzinfo=UTC)
# The form alone; whether there is such a zone is only for who shows it.
_TIME_ZONE = re.compile(r"[A-Za-z0-9_+/-]{0,64}\Z")
_SLUG = re.compile(r"[a-z0-9가-힣](?:[a-z0-9가-힣_-]*[a-z0-9가-힣])?\Z")


def _client_id(name: str) -> AfterValidator:
    def check(value: str) -> str:
        if not _CLIENT_ID.match(value):
            low, high = limits.CLIENT_MESSAGE_ID_MIN_CHARS, limits.CLIENT_MESSAGE_ID_MAX_CHARS
            detail = f"{name} has {len(value):,} characters, needs {low} to {high} of A-Za-z0-9_-"
            raise ProtocolError(ErrorCode.BAD_FRAME, detail)
        return value

    return AfterValidator(check)


def _name(value: str) -> str:
    return text_rules.clean_line(value, "name", limits.NAME_MAX_CHARS)


def _other_name(value: str) -> str:
    return text_rules.clean_line(value, "name", limits.NAME_MAX_CHARS, may_be_empty=True)


def _topic(value: str) -> str:
    return text_rules.clean_line(value, "topic", limits.TOPIC_MAX_CHARS, may_be_empty=True)


def _slug(value: str) -> str:
    if len(value) > limits.SLUG_MAX_CHARS:
        raise ProtocolError(
            ErrorCode.TOO_LONG, f"slug is {len(value):,} characters, at most {limits.SLUG_MAX_CHARS}"
        )
    if not _SLUG.match(value):
        raise ProtocolError(ErrorCode.BAD_FRAME, "slug needs lower-case letters, digits, - or _")
    return value


def _reason(value: str) -> str:
    return text_rules.clean_line(value, "reason", limits.REASON_MAX_CHARS, may_be_empty=True)


def _time(value: str) -> str:
    try:
        if len(value) > _TIME_MAX_CHARS or datetime.fromisoformat(value).astimezone(UTC) > NO_END:
            raise ValueError
        if datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
    except (ValueError, OverflowError):
        detail = "until needs a time like 2026-01-31T12:00:00Z, with its zone"
        raise ProtocolError(ErrorCode.BAD_FRAME, detail) from None
    return value


def _held_time(value: str) -> str:
    try:
        if len(value) > _TIME_MAX_CHARS or datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
        datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        detail = "edited_at needs the time as the message had it, like 2026-01-31T12:00:00.000Z, or null"
        raise ProtocolError(ErrorCode.BAD_FRAME, detail) from None
    return value


def _due_time(value: str) -> str:
    try:
        if len(value) > _TIME_MAX_CHARS or datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
        datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        detail = "due_at needs a time like 2026-01-31T12:00:00Z, with its zone"
        raise ProtocolError(ErrorCode.BAD_FRAME, detail) from None
    return value


def _written_time(value: str) -> str:
    try:
        if len(value) > _TIME_MAX_CHARS or datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
        datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        detail = "written_at needs a time like 2026-01-31T12:00:00.000Z, with its zone"
        raise ProtocolError(ErrorCode.BAD_FRAME, detail) from None
    return value


def _closing_time(value: str) -> str:
    try:
        if len(value) > _TIME_MAX_CHARS or datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
        datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        detail = "closes_at needs a time like 2026-01-31T12:00:00Z, with its zone"
        raise ProtocolError(ErrorCode.BAD_FRAME, detail) from None
    return value


def _poll_option(value: str) -> str:
    return text_rules.clean_line(value, "poll.options", limits.POLL_OPTION_MAX_CHARS)


def _time_zone(value: str) -> str:
    if not _TIME_ZONE.match(value):
        raise ProtocolError(ErrorCode.BAD_FRAME, "time_zone needs a name like Asia/Seoul")
    return value


def _reminder_text(value: str) -> str:
    return text_rules.clean_line(value, "text", limits.REMINDER_TEXT_MAX_CHARS, may_be_empty=True)


def _reminder_label(value: str) -> str:
    return text_rules.clean_line(value, "label", limits.REMINDER_LABEL_MAX_CHARS, may_be_empty=True)


def _alt(value: str) -> str:
    return text_rules.clean_line(value, "alt", limits.ALT_MAX_CHARS, may_be_empty=True)


def _emoji(value: str) -> str:
    text_rules.check_storable(value, "emoji")
    if not value or text_rules.is_blank(value) or any(char.isspace() for char in value):
        raise ProtocolError(ErrorCode.BAD_FRAME, "emoji is empty or holds a space")
    if len(value) > limits.EMOJI_MAX_CHARS:
        detail = f"emoji is {len(value):,} characters, at most {limits.EMOJI_MAX_CHARS}"
        raise ProtocolError(ErrorCode.TOO_LONG, detail)
    return value


def _link(value: str) -> str:
    if not value.startswith(("http://", "https://")) or not value.isascii() or not value.isprintable():
        raise ProtocolError(ErrorCode.BAD_FRAME, "url needs an address as the message's previews have it")
    if len(value) > limits.LINK_MAX_CHARS:
        detail = f"url is {len(value):,} characters, at most {limits.LINK_MAX_CHARS:,}"
        raise ProtocolError(ErrorCode.TOO_LONG, detail)
    return value


Id = Annotated[int, Field(ge=1, le=limits.INTEGER_MAX)]
Position = Annotated[int, Field(ge=0, le=limits.INTEGER_MAX)]
Body = Annotated[str, AfterValidator(text_rules.clean_body)]
Said = Annotated[str, AfterValidator(text_rules.clean_said)]
ClientMessageId = Annotated[str, _client_id("client_message_id")]
ClientRoomId = Annotated[str, _client_id("client_room_id")]
ClientScheduledId = Annotated[str, _client_id("client_scheduled_id")]
ClientReminderId = Annotated[str, _client_id("client_reminder_id")]
Name = Annotated[str, AfterValidator(_name)]
OtherName = Annotated[str, AfterValidator(_other_name)]
Topic = Annotated[str, AfterValidator(_topic)]
Slug = Annotated[str, AfterValidator(_slug)]
Emoji = Annotated[str, AfterValidator(_emoji)]
Reason = Annotated[str, AfterValidator(_reason)]
Time = Annotated[str, AfterValidator(_time)]
Alt = Annotated[str, AfterValidator(_alt)]
Link = Annotated[str, AfterValidator(_link)]
HeldTime = Annotated[str, AfterValidator(_held_time)]
DueTime = Annotated[str, AfterValidator(_due_time)]
WrittenTime = Annotated[str, AfterValidator(_written_time)]
ClosingTime = Annotated[str, AfterValidator(_closing_time)]
PollOption = Annotated[str, AfterValidator(_poll_option)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
ReminderText = Annotated[str, AfterValidator(_reminder_text)]
ReminderLabel = Annotated[str, AfterValidator(_reminder_label)]
