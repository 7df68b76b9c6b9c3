"""What is in the database at the end: rows of plain values, and how they are read from either database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room's counters."""

    id: int
    last_seq: int
    last_msg_no: int


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of a room's log."""

    room: int
    seq: int
    kind: str
    message: int | None
    subject: int | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as it is now; `reactions` are sorted (emoji, user)."""

    id: int
    room: int
    seq: int
    msg_no: int | None
    sender: int
    key: str | None
    body: str
    is_deleted: bool = False
    parent: int | None = None
    reactions: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A membership; `left_seq` is None while the user is in the room."""

    room: int
    user: int
    read_msg_no: int
    joined_seq: int
    left_seq: int | None = None


@dataclass
class Dump:
    """The rooms of a run, as the database has them."""

    rooms: list[RoomRow] = field(default_factory=list)
    changes: list[ChangeRow] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    members: list[MemberRow] = field(default_factory=list)


def read_dump(sql: Callable[[str], Sequence[tuple[Any, ...]]], rooms: Iterable[int]) -> Dump:
    """Read some rooms past everything of ours."""
    ids = ", ".join(str(room) for room in sorted(rooms))
    if not ids:
        return Dump()
    reactions: dict[int, list[tuple[str, int]]] = {}
    for message, emoji, user in sql(
        "SELECT r.message_id, r.emoji, r.user_id FROM chat_reaction r JOIN chat_message m ON m.id = r.message_id "
        f"WHERE m.room_id IN ({ids}) ORDER BY r.emoji, r.user_id"
    ):
        reactions.setdefault(message, []).append((emoji, user))
    return Dump(
        [
            RoomRow(*row)
            for row in sql(f"SELECT id, last_seq, last_msg_no FROM chat_room WHERE id IN ({ids})")
        ],
        [
            ChangeRow(*row)
            for row in sql(
                "SELECT room_id, seq, kind, message_id, subject_id FROM chat_change "
                f"WHERE room_id IN ({ids}) ORDER BY room_id, seq"
            )
        ],
        [
            MessageRow(
                id=row[0],
                room=row[1],
                seq=row[2],
                msg_no=row[3],
                sender=row[4],
                key=row[5],
                body=row[6],
                is_deleted=bool(row[7]),
                parent=row[8],
                reactions=tuple(sorted(reactions.get(row[0], ()))),
            )
            for row in sql(
                "SELECT id, room_id, seq, msg_no, sender_id, client_message_id, body, "
                "CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END, parent_id FROM chat_message "
                f"WHERE room_id IN ({ids}) ORDER BY room_id, seq"
            )
        ],
        [
            MemberRow(*row)
            for row in sql(
                "SELECT room_id, user_id, read_msg_no, joined_seq, left_seq FROM chat_membership "
                f"WHERE room_id IN ({ids})"
            )
        ],
    )
