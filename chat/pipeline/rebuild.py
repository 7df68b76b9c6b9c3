"""Put a workspace back as it was: rows with their own ids and seqs, into empty tables. Nobody is told of it.

Beside `execute` the only writer of the log: what is numbered already is not numbered again. Each function takes some
lines of an export (docs/api.md) and runs inside the caller's transaction.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connection
from django.db.models import F

from chat.models import (
    Attachment,
    Call,
    Change,
    CustomEmoji,
    Erasure,
    Membership,
    Mention,
    Message,
    OutboxEntry,
    Preview,
    Quote,
    Reaction,
    Report,
    Revision,
    Room,
    RoomRetention,
    ThreadFollow,
    User,
    UserGroup,
    UserGroupMember,
    Vote,
    Workspace,
)
from chat.models.calls import listed
from chat.models.statements import insert, send
from chat.models.workspace import new_epoch
from chat.pipeline import hanging, outbox
from chat.protocol import codec, limits
from chat.text import calls, render

Line = Mapping[str, Any]

_CHANGE = ("room_id", "seq", "kind", "at", "actor_id", "message_id", "subject_id", "payload")
_WORKSPACE = ("name", "retention_days", "held_at", "held_by_id")
_HANGING = (
    "earlier", "mentions", "calls", "reactions", "previews", "quote", "poll", "removal", "reports", "follows",
)  # fmt: skip
_NUMBERED = (
    User, Room, Membership, Message, Revision, Reaction, Mention, Call, UserGroup, UserGroupMember, Preview, Attachment,
    EmailAddress, OutboxEntry, CustomEmoji, Vote, Report, ThreadFollow,
)  # fmt: skip
_ERASE = "chat.erasure.erase"
# What author, time and place of a quote add to its texts.
QUOTE_CHARS = 500


def take_time() -> None:
    """Let this transaction last: files are unpacked in it, and the log of a room may be long."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def workspace(facts: Line) -> None:
    """Name the workspace, and let it keep and hold what it did. Whoever has a cursor of the old one reads all anew."""
    found = {name: facts[name] for name in _WORKSPACE} | {"epoch": new_epoch()}
    _check_days(facts["retention_days"])
    Workspace.objects.update_or_create(pk=1, defaults=found)


def users(lines: Sequence[Line]) -> None:
    """Make accounts without a password; what is left of erased ones goes on being removed."""
    password = make_password(None)
    User.objects.bulk_create(User(password=password, **_without(line, "emails", "erasure")) for line in lines)
    EmailAddress.objects.bulk_create(
        EmailAddress(user_id=line["id"], **address) for line in lines for address in line["emails"]
    )
    erasures = [Erasure(user_id=line["id"], **line["erasure"]) for line in lines if line["erasure"]]
    Erasure.objects.bulk_create(erasures)
    OutboxEntry.objects.bulk_create(
        outbox.entry(_ERASE, f"{_ERASE}:{one.user_id}:0", {"user": one.user_id, "step": 0})
        for one in erasures
        if one.finished_at is None
    )


def groups(lines: Sequence[Line]) -> None:
    """Make groups of people."""
    UserGroup.objects.bulk_create(UserGroup(**_without(line, "members")) for line in lines)
    UserGroupMember.objects.bulk_create(
        UserGroupMember(group_id=line["id"], user_id=user) for line in lines for user in line["members"]
    )


def emoji(lines: Sequence[Line]) -> None:
    """Make the workspace's own emoji."""
    CustomEmoji.objects.bulk_create(
        CustomEmoji(**_without(line, "webp_base64"), picture=_bytes(line["webp_base64"])) for line in lines
    )


def rooms(lines: Sequence[Line]) -> None:
    """Make rooms, with the counters of their cut, and how long they keep what."""
    Room.objects.bulk_create(Room(**_without(line, "retention")) for line in lines)
    for line in lines:
        _check_days((line["retention"] or {}).get("days"))
    RoomRetention.objects.bulk_create(
        RoomRetention(room_id=line["id"], **line["retention"]) for line in lines if line["retention"]
    )


def members(lines: Sequence[Line]) -> None:
    """Make memberships."""
    Membership.objects.bulk_create(Membership(**line) for line in lines)


def messages(lines: Sequence[Line]) -> None:
    """Make messages with what hangs on them; their texts are rendered anew, so that no HTML comes from outside."""
    named = {user for line in lines for user in line["mentions"]}
    called = {one["group"] for line in lines for one in line.get("calls", ()) if one["group"]}
    known = set(UserGroup.objects.filter(pk__in=called).values_list("pk", flat=True))
    handles = dict(User.objects.filter(pk__in=named).values_list("pk", "handle"))
    Message.objects.bulk_create(
        Message(
            html=_rendered(line, handles),
            quote_chars=_quote_chars(line),
            has_poll=line.get("poll") is not None,
            **_without(line, *_HANGING),
        )
        for line in lines
    )
    Quote.objects.bulk_create(
        Quote(message_id=line["id"], html=_html(line["quote"]["body"], {}), **line["quote"])
        for line in lines
        if line.get("quote")
    )
    Revision.objects.bulk_create(
        Revision(message_id=line["id"], **earlier) for line in lines for earlier in line["earlier"]
    )
    Reaction.objects.bulk_create(
        Reaction(message_id=line["id"], user_id=one["user"], emoji=one["emoji"])
        for line in lines
        for one in line["reactions"]
    )
    Mention.objects.bulk_create(
        Mention(message_id=line["id"], user_id=user, room_id=line["room_id"], msg_no=line["msg_no"])
        for line in lines
        for user in line["mentions"]
    )
    Call.objects.bulk_create(
        Call(
            message_id=line["id"], room_id=line["room_id"], msg_no=line["msg_no"],
            kind=one["kind"], seq=one["seq"], people=listed(one["people"]),
            group_id=one["group"] if one["group"] in known else None,
        )
        for line in lines
        for one in line.get("calls", ())
    )  # fmt: skip
    Preview.objects.bulk_create(
        Preview(message_id=line["id"], **shown) for line in lines for shown in line["previews"]
    )
    hanging.write(lines)


def attachments(rows: Sequence[Attachment]) -> None:
    """Make the rows of files that lie in the storage, each of a message that is there."""
    Attachment.objects.bulk_create(rows)
    for message, count in Counter(row.message_id for row in rows).items():
        if message is None or not Message.objects.filter(pk=message).update(
            attachment_count=F("attachment_count") + count
        ):
            raise ValueError(f"an attachment of message {message}, which is not there")


class Logs:
    """Writes the logs of rooms, each in order, and lets them begin where they are whole.

    What expired while an export was made is missing at the beginning or, where that was removed in pieces, from
    somewhere to somewhere before the end.
    """

    def __init__(self) -> None:
        # By room: the first and the last seq of the piece without a hole that came last.
        self._pieces: dict[int, tuple[int, int]] = {}

    def write(self, lines: Sequence[Line]) -> None:
        """Write some lines."""
        found = [
            (
                line["room_id"], line["seq"], line["kind"], datetime.fromisoformat(line["at"]), line["actor_id"],
                line["message_id"], line["subject_id"], codec.encode_object(line["payload"]).decode(),
            )
            for line in lines
        ]  # fmt: skip
        send([insert(Change, _CHANGE, found)])
        for room, seq, *_ in found:
            first, last = self._pieces.get(room, (seq, seq - 1))
            self._pieces[room] = (first if seq == last + 1 else seq, seq)

    def begin(self) -> None:
        """Note from where on each log is whole, and remove what stands before that."""
        for room, last_seq, expired_seq in Room.objects.values_list("pk", "last_seq", "expired_seq"):
            first, last = self._pieces.get(room, (0, 0))
            before = first - 1 if first and last == last_seq else last_seq
            if before > expired_seq:
                Room.objects.filter(pk=room).update(expired_seq=before)
                Change.objects.filter(room=room, seq__lte=before).delete()


def let_go_of_missing() -> None:
    """Let go of what was quoted and is not there: of rooms that were left out, or of messages that had expired."""
    missing = Quote.objects.exclude(source=None).exclude(source__in=Message.objects.values("pk"))
    missing.update(source=None, body="", html=None)


def go_on_counting() -> None:
    """Let the next ids come after those that were written; SQLite knows by itself."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), list(_NUMBERED)):
            cursor.execute(sql)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)


def _check_days(days: int | None) -> None:
    if days is not None and not limits.RETENTION_MIN_DAYS <= days <= limits.RETENTION_MAX_DAYS:
        least, most = limits.RETENTION_MIN_DAYS, limits.RETENTION_MAX_DAYS
        raise ValueError(f"messages are kept for {days} days, which is not within {least} to {most}")


def _rendered(line: Line, handles: Mapping[int, str]) -> str | None:
    known: dict[str, int | str] = {}
    for one in line.get("calls", ()):
        if one["kind"] != Call.Kind.GROUP:
            known |= {name: kind for name, kind in calls.NAMES.items() if kind == one["kind"]}
        elif one["group"] and one["handle"]:
            known[one["handle"]] = str(one["group"])
    known |= {handles[user]: user for user in line["mentions"] if user in handles}
    return _html(line["body"], known)


def _html(body: str, known: Mapping[str, int | str]) -> str | None:
    return render.render(body, known) if body else None


def _quote_chars(line: Line) -> int:
    # Without the rendering, of which it is about as long: this is no more than a measure.
    quote = line.get("quote")
    return QUOTE_CHARS + 2 * len(quote["body"]) if quote else 0


def _without(line: Line, *names: str) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in names}
