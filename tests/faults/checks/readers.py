"""C5, C6, C8 and C14: what people see against what is in the database."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.checks.case import Case, Violation
from tests.faults.dump import MessageRow
from tests.faults.history import Entered, Exited, Listed, Received, Rendered, Reset, Revised


def complete(case: Case) -> Iterator[Violation]:
    """C5: the list of every reader at the end has every message of the reader's time in the room."""
    listed = {(event.tab, event.room): event for event in case.history.of(Listed)}
    inside: dict[tuple[str, int], bool] = {}
    for entry in case.history.events:
        if isinstance(entry, Entered):
            inside[entry.tab, entry.room] = True
        elif isinstance(entry, Exited):
            inside[entry.tab, entry.room] = False
    rooms = {room.id for room in case.dump.rooms}
    for place, is_in in inside.items():
        if is_in and place[1] in rooms and place not in listed:
            yield Violation("C5", f"{place[0]} has no list of room {place[1]} at the end")
    for event in listed.values():
        shown = {row[0] for row in event.rows}
        missing = [
            row.seq
            for row in case.messages.get(event.room, ())
            if row.seq > event.after_seq
            and row.id not in shown
            and case.was_in(event.user, event.room, row.seq)
        ]
        if missing:
            text = (
                f"{event.tab} does not show {len(missing)} messages of room {event.room}: seqs {missing[:5]}"
            )
            yield Violation("C5", text)
    if not case.bounds.may_reset:
        for reset in case.history.of(Reset):
            yield Violation("C5", f"room {reset.room} could not be replayed for {reset.tab}")


def ordered(case: Case) -> Iterator[Violation]:
    """C6: at every step of every list seqs ascend."""
    for event in case.history.of(Rendered):
        if event.seq <= event.after_seq:
            text = f"{event.tab} shows seq {event.seq} of room {event.room} behind {event.after_seq}"
            yield Violation("C6", text)
    for listed in case.history.of(Listed):
        seqs = [row[1] for row in listed.rows]
        if seqs != sorted(seqs):
            where = next(seq for seq, after in zip(seqs[1:], seqs, strict=False) if seq < after)
            yield Violation(
                "C6", f"the list of {listed.tab} of room {listed.room} is not in order at seq {where}"
            )


def nothing_foreign(case: Case) -> Iterator[Violation]:
    """C8: nobody hears, shows or says anything of a room outside the own time in it, and nothing was never sent."""
    rooms = {room.id for room in case.dump.rooms}
    seen: set[tuple[str, int]] = set()
    for event in case.history.of(Received):
        user = case.users.get(event.tab, 0)
        if event.room in rooms and not case.was_in(user, event.room, event.seq):
            if (event.tab, event.room) not in seen:
                text = f"{event.tab} received seq {event.seq} of room {event.room} and was not in it then"
                yield Violation("C8", text)
            seen.add((event.tab, event.room))
    stored = {row.id for row in case.dump.messages}
    for listed in case.history.of(Listed):
        foreign = [
            row[1]
            for row in listed.rows
            if row[0] not in stored or not case.was_in(listed.user, listed.room, row[1])
        ]
        if foreign:
            yield Violation(
                "C8", f"{listed.tab} shows seqs {foreign[:5]} of room {listed.room}: not stored or not for it"
            )
    ours = set(case.users.values())
    for row in case.dump.messages:
        if row.sender in ours and row.key not in case.invoked:
            yield Violation("C8", f"seq {row.seq} of room {row.room} was never sent by user {row.sender}")
        if not case.was_in(row.sender, row.room, row.seq):
            text = f"seq {row.seq} of room {row.room} is by user {row.sender}, who was not in it then"
            yield Violation("C8", text)
    for key in case.acked.keys() - case.invoked.keys():
        yield Violation("C8", f"{key} was acknowledged and never sent")


def convergent(case: Case) -> Iterator[Violation]:
    """C14: texts, deletions and reactions are the same for everybody, and an acknowledged one is not lost."""
    rows = {row.id: row for row in case.dump.messages}
    for listed in case.history.of(Listed):
        for message, seq, body, is_deleted, reactions in listed.rows:
            row = rows.get(message)
            flat = tuple(sorted((emoji, user) for emoji, users in reactions for user in users))
            if row is not None and (body, is_deleted, flat) != (row.body, row.is_deleted, row.reactions):
                text = f"{listed.tab} shows seq {seq} of room {listed.room} as {body!r} {flat}"
                yield Violation("C14", f"{text}, stored is {row.body!r} {row.reactions}")
    last: dict[tuple[int, str], Revised] = {}
    for event in case.history.of(Revised):
        last[event.message, event.what] = event
        if case.may_be_gone(event.at_s):
            del last[event.message, event.what]
    for (message, what), revised in last.items():
        row = rows.get(message)
        if revised.is_acked and row is not None and _value(row, what) not in (revised.value, None):
            text = f"{what} of message {message} was acknowledged as {revised.value!r}"
            yield Violation("C14", f"{text}, stored is {_value(row, what)!r}")


def _value(row: MessageRow, what: str) -> str | None:
    if what == "body":
        # A deleted one has no text any more.
        return None if row.is_deleted else row.body
    if what == "deleted":
        return "yes" if row.is_deleted else "no"
    if row.is_deleted:
        return None
    _, emoji, user = what.split(":")
    return "yes" if (emoji, int(user)) in row.reactions else "no"
