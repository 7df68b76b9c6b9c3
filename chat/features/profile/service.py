"""Write what a person tells of themselves."""

from __future__ import annotations

import secrets
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chat.features.profile.commands import SetDoing
from chat.models import Avatar, User, UserGroup
from chat.models.users import normalize_handle, validate_handle
from chat.pictures import workshop
from chat.protocol.errors import ErrorCode, ProtocolError, Refused

# A picture as it comes, below what a request may have; the page cuts it to the size of a face before it sends it.
AVATAR_MAX_BYTES = 1_000_000
# What is said to be done for longer is said without an end.
DOING_MAX = timedelta(days=366)


class Face(NamedTuple):
    """A face in its two sizes, WebP."""

    small: bytes
    large: bytes


def change(user_id: int, given: dict[str, Any]) -> User:
    """Store the fields that are given and return the account as it is then.

    Raises:
        ProtocolError: bad_frame, too_long, for a handle that is none.
        Refused: conflict, for one that somebody has.
    """
    if "handle" in given:
        given = {**given, "handle": _handle(given["handle"])}
        if UserGroup.objects.filter(handle=given["handle"]).exists():
            raise Refused(ErrorCode.CONFLICT, "a group has this handle")
    if given:
        try:
            with transaction.atomic():
                User.objects.filter(pk=user_id).update(**given)
        except IntegrityError:
            raise Refused(ErrorCode.CONFLICT, "somebody has this handle") from None
    return User.objects.get(pk=user_id)


def _handle(text: str) -> str:
    if "\0" in text:
        raise ProtocolError(ErrorCode.BAD_TEXT, "handle holds a NUL")
    handle = normalize_handle(text)
    try:
        validate_handle(handle)
    except ValidationError as error:
        code = ErrorCode.TOO_LONG if error.code == "too_long" else ErrorCode.BAD_FRAME
        raise ProtocolError(code, f"handle: {error.messages[0]}") from None
    return handle


def say_doing(user_id: int, asked: SetDoing, now: datetime) -> User:
    """Store what a person is doing. Raises ProtocolError: bad_frame, for an end that is past or too far away."""
    until = datetime.fromisoformat(asked.until) if asked.until is not None else None
    if until is not None and not now < until <= now + DOING_MAX:
        raise ProtocolError(ErrorCode.BAD_FRAME, f"until needs a time within {DOING_MAX.days} days from now")
    fields = {"doing_emoji": asked.emoji or "", "doing_text": asked.text, "doing_until": until}
    return change(user_id, fields)


def stop_doing(user_id: int) -> User:
    """Take back what a person says they are doing."""
    return change(user_id, {"doing_emoji": "", "doing_text": "", "doing_until": None})


def make_face(body: bytes) -> Face | None:
    """Have a face made of a picture by the workshop's process; None for what is none. Blocks for up to 20 s.

    Raises:
        OSError: the process could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="maru-face-") as name:
        folder = Path(name)
        source = folder / "source"
        source.write_bytes(body)
        if workshop.make_face(source, folder) is None:
            return None
        return Face((folder / "small").read_bytes(), (folder / "large").read_bytes())


@transaction.atomic
def keep_face(user_id: int, face: Face, now: datetime) -> User:
    """Give a person a face in the place of the one before."""
    fields = {"key": secrets.token_hex(16), "small": face.small, "large": face.large, "created_at": now}
    Avatar.objects.update_or_create(user_id=user_id, defaults=fields)
    return change(user_id, {"avatar": fields["key"]})


@transaction.atomic
def drop_face(user_id: int) -> User:
    """Take a person's face away; the letters of the name stand in its place."""
    Avatar.objects.filter(user_id=user_id).delete()
    return change(user_id, {"avatar": ""})
