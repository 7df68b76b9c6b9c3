"""Put a workspace back as it was: rows with their own ids and seqs, into empty tables. Nobody is told of it.

Beside `execute` the only writer of the log: what is numbered already is not numbered again. Each function takes some
lines of an export (docs/api.md) and runs inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connection

from chat.models import Change, Membership, Mention, Message, Preview, Reaction, Revision, Room, User
from chat.models.statements import insert, send
from chat.protocol import codec
from chat.text import render

Line = Mapping[str, Any]

_CHANGE = ("room_id", "seq", "kind", "at", "actor_id", "message_id", "subject_id", "payload")
_HANGING = ("earlier", "mentions", "reactions", "previews")
_NUMBERED = (User, Room, Membership, Message, Revision, Reaction, Mention, Preview, EmailAddress)


def users(lines: Sequence[Line]) -> None:
    """Make accounts without a password."""
    User.objects.bulk_create(User(password=make_password(None), **_without(line, "emails")) for line in lines)
    EmailAddress.objects.bulk_create(
        EmailAddress(user_id=line["id"], **address) for line in lines for address in line["emails"]
    )


def rooms(lines: Sequence[Line]) -> None:
    """Make rooms, with the counters of their cut."""
    Room.objects.bulk_create(Room(**line) for line in lines)


def members(lines: Sequence[Line]) -> None:
    """Make memberships."""
    Membership.objects.bulk_create(Membership(**line) for line in lines)


def messages(lines: Sequence[Line]) -> None:
    """Make messages with what hangs on them; their texts are rendered anew, so that no HTML comes from outside."""
    named = {user for line in lines for user in line["mentions"]}
    handles = dict(User.objects.filter(pk__in=named).values_list("pk", "handle"))
    Message.objects.bulk_create(
        Message(html=_rendered(line, handles), **_without(line, *_HANGING)) for line in lines
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
    Preview.objects.bulk_create(
        Preview(message_id=line["id"], **shown) for line in lines for shown in line["previews"]
    )


def changes(lines: Sequence[Line]) -> None:
    """Write the log."""
    found = [
        (
            line["room_id"], line["seq"], line["kind"], datetime.fromisoformat(line["at"]), line["actor_id"],
            line["message_id"], line["subject_id"], codec.encode_object(line["payload"]).decode(),
        )
        for line in lines
    ]  # fmt: skip
    send([insert(Change, _CHANGE, found)])


def go_on_counting() -> None:
    """Let the next ids come after those that were written; SQLite knows by itself."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), list(_NUMBERED)):
            cursor.execute(sql)


def _rendered(line: Line, handles: Mapping[int, str]) -> str | None:
    known = {handles[user]: user for user in line["mentions"] if user in handles}
    return render.render(line["body"], known) if line["body"] else None


def _without(line: Line, *names: str) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in names}
