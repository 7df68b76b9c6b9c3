"""Make emoji of the workspace's own, give them other names, and take them away."""

from __future__ import annotations

import secrets
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from chat.actions import audit
from chat.features.emoji import names
from chat.live.envelope import EVERYBODY, UserEvent
from chat.models import AuditDeed, CustomEmoji, User, Workspace
from chat.pictures import workshop
from chat.pipeline import accounts
from chat.protocol import codec, ephemeral, shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import own_emoji

# A picture as it comes, below what a request may have; what is kept of it is far smaller.
PICTURE_MAX_BYTES = 1_000_000
# Of the workspace, aliases included: everybody's page has the list of them.
NAMES_MAX_COUNT = 1_000


class Drawn(NamedTuple):
    """An emoji as it is kept, WebP; `left_out`: how many pictures of an animation it does not show."""

    picture: bytes
    width: int
    height: int
    is_animated: bool
    left_out: int


def draw(body: bytes) -> Drawn | None:
    """Have an emoji made of a picture by the workshop's process; None for what is none. Blocks for up to 20 s.

    Raises:
        OSError: the process could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="maru-emoji-") as name:
        folder = Path(name)
        source = folder / "source"
        source.write_bytes(body)
        made = workshop.make_emoji(source, folder)
        if made is None:
            return None
        picture = (folder / "whole").read_bytes()
        return Drawn(picture, made.width, made.height, made.frames > 1, made.left_out)


def check(maker: User, name: str) -> None:
    """Refuse what could not be kept, before anything is drawn. Raises as `keep` does."""
    clean = names.cleaned(name)
    _require_maker(maker, Workspace.objects.get(pk=1))
    _require_own(maker, CustomEmoji.objects.filter(name=clean).first())


@transaction.atomic
def keep(maker: User, name: str, drawn: Drawn, now: datetime) -> tuple[shapes.CustomEmoji, bool]:
    """Keep an emoji under a name, in the place of one's own of this name; return it, and whether it is a new one.

    Raises:
        ProtocolError: bad_text, too_long, bad_frame, for a name that is none.
        Refused: conflict, for a name that is taken; forbidden, where only admins make them; too_many.
    """
    clean = names.cleaned(name)
    _begin(maker)
    known = CustomEmoji.objects.filter(name=clean).first()
    _require_own(maker, known)
    if known is None:
        _require_room()
    fields = {
        "key": secrets.token_hex(16), "picture": drawn.picture, "width": drawn.width, "height": drawn.height,
        "is_animated": drawn.is_animated, "created_at": now,
    }  # fmt: skip
    # Who gives another picture to what somebody else has made has not made it.
    by = maker if known is None or known.made_by_id is None else known.made_by
    row, is_new = CustomEmoji.objects.update_or_create(name=clean, defaults={**fields, "made_by": by})
    audit.record(maker, AuditDeed.EMOJI_MADE, name=clean)
    return _tell(row), is_new


@transaction.atomic
def call(maker: User, name: str, alias: str, now: datetime) -> tuple[shapes.CustomEmoji, bool]:
    """Give an emoji another name; return it, and whether the name is a new one.

    Raises:
        ProtocolError, Refused: as `keep` does; not_found, for an emoji that is not there.
    """
    clean = names.cleaned(alias)
    _begin(maker)
    row = _found(name)
    row = row.alias_of or row
    known = CustomEmoji.objects.filter(name=clean).first()
    if known is not None:
        if known.alias_of_id != row.pk:
            raise Refused(ErrorCode.CONFLICT, "the workspace has an emoji of this name")
        return own_emoji.one(row), False
    _require_room()
    try:
        with transaction.atomic():
            CustomEmoji.objects.create(name=clean, alias_of=row, made_by=maker, created_at=now)
    except IntegrityError:
        raise Refused(ErrorCode.CONFLICT, "the workspace has an emoji of this name") from None
    audit.record(maker, AuditDeed.EMOJI_MADE, name=clean, alias_of=row.name)
    return _tell(row), True


@transaction.atomic
def remove(by: User, name: str) -> None:
    """Take an emoji away with its aliases, or one alias: texts and reactions show the name from then on.

    Raises:
        Refused: not_found; forbidden, for who has not made it and does not run the workspace.
    """
    # What somebody is making meanwhile is seen, or waits.
    Workspace.objects.select_for_update(of=("self",)).get(pk=1)
    row = _found(name)
    first = row.alias_of
    if not by.is_admin and by.pk not in (row.made_by_id, first and first.made_by_id):
        raise Refused(
            ErrorCode.FORBIDDEN, "only who has made an emoji, and who runs the workspace, removes it"
        )
    row.delete()
    facts: dict[str, Any] = {"alias_of": first.name} if first is not None else {}
    audit.record(by, AuditDeed.EMOJI_REMOVED, name=row.name, **facts)
    if first is not None:
        _tell(first)
    else:
        _send(row.name, None)


def _begin(maker: User) -> None:
    # One after the other: how many there are, and which names are taken, is so until the end.
    _require_maker(maker, Workspace.objects.select_for_update(of=("self",)).get(pk=1))


def _require_maker(maker: User, workspace: Workspace) -> None:
    if maker.is_guest:
        raise Refused(ErrorCode.FORBIDDEN, "guests make no emoji")
    if workspace.emoji_makers == Workspace.Who.ADMINS and not maker.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "only admins make emoji here")


def _require_own(maker: User, known: CustomEmoji | None) -> None:
    if known is None:
        return
    if known.alias_of_id is not None or (known.made_by_id != maker.pk and not maker.is_admin):
        raise Refused(ErrorCode.CONFLICT, "the workspace has an emoji of this name")


def _require_room() -> None:
    count = CustomEmoji.objects.count()
    if count >= NAMES_MAX_COUNT:
        detail = f"the workspace has {count:,} names of emoji, at most {NAMES_MAX_COUNT:,}"
        raise Refused(ErrorCode.TOO_MANY, detail)


def _found(name: str) -> CustomEmoji:
    # What no name can be is in no row; NUL no database can be asked for.
    known = CustomEmoji.objects.select_related("alias_of").defer("picture", "alias_of__picture")
    row = None if "\0" in name else known.filter(name=name.casefold()).first()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such emoji")
    return row


def _tell(row: CustomEmoji) -> shapes.CustomEmoji:
    shape = own_emoji.one(row)
    _send(row.name, shape)
    return shape


def _send(name: str, shape: shapes.CustomEmoji | None) -> None:
    event: ephemeral.EmojiChanged = {"type": "emoji.changed", "name": name, "emoji": shape}
    frame = codec.encode(event)
    transaction.on_commit(lambda: accounts.tell([UserEvent(EVERYBODY, frame)]))
