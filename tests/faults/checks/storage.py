"""C1 to C4: what is in the database against what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.faults.checks.case import Case, Violation
from tests.faults.history import Acked, Entered, Listed, Nacked, Received, Reset, Unanswered


def no_loss(case: Case) -> Iterator[Violation]:
    """C1: what was acknowledged is in the database."""
    for key, ack in case.acked.items():
        if key not in case.stored and not case.may_be_gone(ack.at_s):
            yield Violation("C1", f"{key} of {ack.tab} was acknowledged as seq {ack.seq} and is not stored")


def once(case: Case) -> Iterator[Violation]:
    """C2: what was acknowledged is there once, in the database and in every list; a repeat gets the first answer."""
    for key, rows in case.stored.items():
        if key in case.acked and len(rows) > 1:
            yield Violation("C2", f"{key} is stored {len(rows)} times, as seqs {[row.seq for row in rows]}")
    yield from _same_text_twice(case)
    for event in case.history.of(Acked):
        first = case.acked[event.key]
        if (event.seq, event.id) != (first.seq, first.id):
            yield Violation("C2", f"{event.key} was acknowledged as seq {first.seq} and as seq {event.seq}")
    for listed in case.history.of(Listed):
        for message, count in Counter(row[0] for row in listed.rows).items():
            if count > 1:
                yield Violation(
                    "C2", f"{listed.tab} shows message {message} of room {listed.room} {count} times"
                )


def _same_text_twice(case: Case) -> Iterator[Violation]:
    # A writer never says the same twice: another row with the text of a sent one is its double.
    sent = Counter((event.user, event.room, event.body) for event in case.invoked.values() if event.body)
    rows = Counter((row.sender, row.room, row.body) for row in case.dump.messages)
    for said, count in rows.items():
        if said in sent and count > sent[said]:
            yield Violation(
                "C2", f"{said[2]!r} of user {said[0]} was sent {sent[said]} times and is stored {count} times"
            )


def unknowns(case: Case) -> Iterator[Violation]:
    """C3: what has no final answer is there once or not at all; what was refused for good is not there."""
    perhaps = {event.key for event in case.history.of(Unanswered)}
    perhaps |= {event.key for event in case.history.of(Nacked) if event.may_retry}
    refused = {event.key: event for event in case.history.of(Nacked) if not event.may_retry}
    for key in case.invoked.keys() - case.acked.keys():
        count = len(case.stored.get(key, ()))
        if count > 1:
            yield Violation("C3", f"{key} was never acknowledged and is stored {count} times")
        if count and key in refused and key not in perhaps:
            yield Violation("C3", f"{key} was refused for good ({refused[key].code}) and is stored")


def dense(case: Case) -> Iterator[Violation]:
    """C4: seqs of a room are 1, 2, 3 …, in the log and on every socket; an answer names the stored seq."""
    seqs: dict[int, list[int]] = {room.id: [] for room in case.dump.rooms}
    for change in case.dump.changes:
        seqs.setdefault(change.room, []).append(change.seq)
    for room in case.dump.rooms:
        found = sorted(seqs[room.id])
        if found != list(range(1, room.last_seq + 1)):
            repeats = [seq for seq, count in Counter(found).items() if count > 1]
            holes = sorted(set(range(1, room.last_seq + 1)) - set(found))
            text = f"the log of room {room.id} up to {room.last_seq} has holes {holes[:5]}, repeats {repeats[:5]}"
            yield Violation("C4", text)
    for key, ack in case.acked.items():
        for row in case.stored.get(key, ()):
            if (row.seq, row.room) != (ack.seq, ack.room) and len(case.stored[key]) == 1:
                yield Violation("C4", f"{key} was acknowledged as seq {ack.seq} and is stored as {row.seq}")
    yield from _dense_sockets(case)


def _dense_sockets(case: Case) -> Iterator[Violation]:
    last: dict[tuple[str, int], int] = {}
    for event in case.history.events:
        if isinstance(event, (Entered, Reset)):
            last[event.tab, event.room] = event.seq
        elif isinstance(event, Received):
            before = last.get((event.tab, event.room))
            last[event.tab, event.room] = event.seq
            if before is not None and event.seq != before + 1:
                text = f"{event.tab} received seq {event.seq} of room {event.room} after {before}"
                yield Violation("C4", text)
