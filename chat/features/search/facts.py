"""What can be asked of a message beside its words, read alike by who writes the index and by who checks a find."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chat.models import Attachment, Call, Mention, Message, Preview, Reaction
from chat.models.calls import reached
from chat.queries.payloads import LINK
from chat.text import calls, grams

_LINK = re.compile(r"https?://\S", re.IGNORECASE)
# Of a rendered text; a plain one has no code.
_CODE = "<code"

_FILE_KINDS = ("image", "video", "audio")

# Messages of so many neighbouring ids share a fact, by which the newest ones can be asked for first.
SPAN_IDS = 16_384
HAS = ("link", "file", "image", "video", "audio", "code", "preview", "reaction")


@dataclass(slots=True)
class Hanging:
    """What hangs on a message: names of its files and their descriptions, their types, who is named in it, and more."""

    names: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    mentions: set[int] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    has_preview: bool = False
    has_reaction: bool = False


def hanging(messages: Iterable[Message]) -> dict[int, Hanging]:
    """Return what hangs on messages, by id, in five queries at most."""
    rows = list(messages)
    found: dict[int, Hanging] = defaultdict(Hanging)
    with_files = [row.pk for row in rows if row.attachment_count]
    if with_files:
        files = Attachment.objects.filter(message__in=with_files, dropped_at=None).order_by(
            "message", "place"
        )
        for message_id, name, alt, kind in files.values_list("message_id", "name", "alt", "type"):
            assert message_id is not None
            one = found[message_id]
            one.names.append(name)
            one.alts.append(alt)
            one.types.append(kind)
    with_names = [row.pk for row in rows if "@" in row.body]
    if with_names:
        for message_id, user_id in Mention.objects.filter(message__in=with_names).values_list(
            "message_id", "user_id"
        ):
            found[message_id].mentions.add(user_id)
    calling = [row.pk for row in rows if calls.has_any(row.html)]
    for call in Call.objects.filter(message__in=calling) if calling else ():
        found[call.message_id].calls.append(call)
    with_links = [row.pk for row in rows if LINK in row.body]
    if with_links:
        shown = Preview.objects.filter(message__in=with_links, removed_at=None)
        for message_id in shown.values_list("message_id", flat=True).distinct():
            found[message_id].has_preview = True
    reacted = (
        Reaction.objects.filter(message__in=[row.pk for row in rows]) if rows else Reaction.objects.none()
    )
    for message_id in reacted.values_list("message_id", flat=True).distinct():
        found[message_id].has_reaction = True
    return found


def facts(row: Message, on_it: Hanging) -> set[str]:
    """Return the facts of a message, by the names that the functions below give them."""
    found = {in_room(row.room_id), by(row.sender_id), in_span(row.pk)}
    if row.parent_id is not None:
        found.add(IN_THREAD)
    found.update(naming(user) for user in on_it.mentions)
    for call in on_it.calls:
        if call.kind == Call.Kind.ROOM:
            found.add(CALLING)
        else:
            found.update(naming(user) for user in call.ids)
    has = {
        "link": LINK in row.body and _LINK.search(row.body) is not None,
        "file": bool(on_it.names),
        **{kind: any(one.startswith(f"{kind}/") for one in on_it.types) for kind in _FILE_KINDS},
        "code": row.html is not None and _CODE in row.html,
        "preview": on_it.has_preview,
        "reaction": on_it.has_reaction,
    }
    found.update(having(what) for what in HAS if has[what])
    return found


def names(row: Message, on_it: Hanging, user: int, joined_seq: int) -> bool:
    """Tell whether a message names or calls somebody who is in its room since a seq; nobody is called by themselves."""
    if user in on_it.mentions:
        return True
    return row.sender_id != user and bool(reached(on_it.calls, [(user, joined_seq)]))


def texts(row: Message, on_it: Hanging) -> list[str]:
    """Return what is searched of a message, folded: its text, the names of its files and what they show."""
    said: Sequence[str] = [row.body, *on_it.names, *filter(None, on_it.alts)]
    return [grams.fold(text) for text in said]


# A NUL stands in no text, so that a fact is no gram.
IN_THREAD = "\0thread"
# It calls everybody in its room.
CALLING = "\0calling"


def in_room(room: int) -> str:
    """Name the fact that a message stands in a room."""
    return f"\0in {room}"


def by(user: int) -> str:
    """Name the fact that somebody wrote it."""
    return f"\0by {user}"


def naming(user: int) -> str:
    """Name the fact that it mentions somebody."""
    return f"\0naming {user}"


def having(what: str) -> str:
    """Name the fact that it holds something of `HAS`."""
    return f"\0has {what}"


def in_span(message: int) -> str:
    """Name the fact that a message has an id of one span."""
    return f"\0span {message // SPAN_IDS}"
