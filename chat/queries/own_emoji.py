"""The emoji of the workspace's own: which there are, what a name stands for, and their pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from chat.models import CustomEmoji
from chat.protocol import shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import payloads

_TOLD = ("pk", "name", "key", "width", "height", "is_animated", "made_by_id", "created_at")


def every() -> list[shapes.CustomEmoji]:
    """Return all emoji of the workspace, by name, without their pictures; in two queries."""
    aliases: dict[int, list[str]] = defaultdict(list)
    others = CustomEmoji.objects.exclude(alias_of=None).order_by("name")
    for first, name in others.values_list("alias_of", "name"):
        if first is not None:
            aliases[first].append(name)
    rows = CustomEmoji.objects.filter(alias_of=None).order_by("name").only(*_TOLD)
    return [_shape(row, aliases[row.pk]) for row in rows]


def one(row: CustomEmoji) -> shapes.CustomEmoji:
    """Return an emoji with its aliases."""
    return _shape(row, list(row.aliases.order_by("name").values_list("name", flat=True)))


def firsts(names: Collection[str]) -> dict[str, str]:
    """Return by each of these names the first name of its emoji; those that no emoji has are left out."""
    rows = CustomEmoji.objects.filter(name__in=names).values_list("name", "alias_of__name")
    return {name: first or name for name, first in rows}


def picture(key: str) -> bytes:
    """Return a picture by its key. Raises Refused: not_found."""
    rows = CustomEmoji.objects.filter(key=key).values_list("picture", flat=True)
    found = None if "\0" in key else rows.first()
    if found is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such picture")
    return bytes(found)


def _shape(row: CustomEmoji, aliases: list[str]) -> shapes.CustomEmoji:
    return {
        "name": row.name,
        "aliases": aliases,
        "url": f"/api/v1/emoji/pictures/{row.key}",
        "width": row.width,
        "height": row.height,
        "animated": row.is_animated,
        "by": row.made_by_id,
        "at": payloads.time(row.created_at),
    }
