"""C7, C9, C10 and C15: what one person may rely on, over connections and devices."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from tests.faults.checks.case import Case, Violation
from tests.faults.history import (
    Acked,
    Closed,
    Dialled,
    Invoked,
    Opened,
    PresenceSeen,
    ReadMarked,
    Restored,
    Unread,
)


def sessions(case: Case) -> Iterator[Violation]:
    """C7: what is sent after an answer stands behind it, a reply behind its parent, and nobody goes back in time."""
    highest: dict[int, tuple[int, str]] = {}
    floor: dict[str, tuple[int, str]] = {}
    for event in case.history.events:
        if isinstance(event, Invoked):
            # Of the first attempt: a later one may have been stored by the first already.
            floor.setdefault(event.key, highest.get(event.room, (0, "")))
        elif isinstance(event, Acked):
            before, key = floor.get(event.key, (0, ""))
            if event.seq <= before and key != event.key:
                text = (
                    f"{event.key} of {event.tab} was sent after {key} had been acknowledged as seq {before}"
                )
                yield Violation("C7", f"{text}, and has seq {event.seq}")
            highest[event.room] = max(highest.get(event.room, (0, "")), (event.seq, event.key))
        elif isinstance(event, Restored):
            # Numbers begin again where the older database ends.
            highest.clear()
            floor = dict.fromkeys(floor, (0, ""))
    rows = {row.id: row for row in case.dump.messages}
    for row in case.dump.messages:
        if row.parent in rows and rows[row.parent].seq >= row.seq:
            yield Violation("C7", f"the reply {row.seq} of room {row.room} stands before its parent")
    if not case.bounds.may_reset:
        known: dict[tuple[str, int], int] = {}
        for state in case.history.of(Unread):
            before = known.get((state.tab, state.room), 0)
            if state.last_msg_no < before:
                text = f"{state.tab} was told of {before} messages of room {state.room}, then of {state.last_msg_no}"
                yield Violation("C7", text)
            known[state.tab, state.room] = max(before, state.last_msg_no)


def unread(case: Case) -> Iterator[Violation]:
    """C9: unread is last - read on all devices, is never negative, and own messages are read."""
    last = {room.id: room.last_msg_no for room in case.dump.rooms}
    read = {(member.room, member.user): member.read_msg_no for member in case.dump.members}
    least: dict[tuple[int, int], int] = defaultdict(int)
    for mark in case.history.of(ReadMarked):
        if not case.may_be_gone(mark.at_s):
            least[mark.room, mark.user] = max(least[mark.room, mark.user], mark.msg_no)
    for row in case.dump.messages:
        least[row.room, row.sender] = max(least[row.room, row.sender], row.msg_no or 0)
    for state in case.history.of(Unread):
        where = f"{state.tab} in room {state.room}"
        if state.unread < 0 or state.unread != max(0, state.last_msg_no - state.read_msg_no):
            numbers = f"last {state.last_msg_no}, read {state.read_msg_no}"
            yield Violation("C9", f"{where}: unread {state.unread} with {numbers}")
        place = (state.room, state.user)
        if not state.is_final or place not in read:
            continue
        if (state.last_msg_no, state.read_msg_no) != (last[state.room], read[place]):
            told = f"told last {state.last_msg_no}, read {state.read_msg_no}"
            yield Violation("C9", f"{where}: {told}; stored last {last[state.room]}, read {read[place]}")
        if state.read_msg_no < least[place]:
            text = f"{where}: read up to {state.read_msg_no}, although {least[place]} is read or own"
            yield Violation("C9", text)


def presence(case: Case) -> Iterator[Violation]:
    """C10: so long after somebody came or went, everybody who is connected and shares a room with them has been told.

    Others hear of it too, unless they come back at that very moment: a resume tells of the people of one's rooms.
    """
    limit_s = case.bounds.presence_s
    if limit_s is None or not case.history.events:
        return
    end_s = case.history.events[-1].at_s
    truth = _truth(case)
    told: dict[tuple[str, int], list[tuple[float, str]]] = defaultdict(list)
    for event in case.history.of(PresenceSeen):
        told[event.tab, event.user].append((event.at_s, event.status))
    rooms: dict[int, set[int]] = defaultdict(set)
    for member in case.dump.members:
        rooms[member.user].add(member.room)
    for (tab, user), heard in told.items():
        if tab in case.users and rooms[case.users[tab]].isdisjoint(rooms[user]):
            continue
        for number, (began_s, _, is_there) in enumerate(truth.get(user, ())):
            until_s = truth[user][number + 1][1] if number + 1 < len(truth[user]) else end_s
            looked_s = until_s - 0.001
            if until_s - began_s < limit_s or not _watched(case, tab, looked_s, limit_s):
                continue
            place = bisect_right(heard, (looked_s, "~")) - 1
            status = heard[place][1] if place >= 0 else "unknown"
            if (status in ("online", "away")) != is_there:
                word = "there" if is_there else "gone"
                text = f"{tab} sees user {user} as {status} {until_s - began_s:.1f} s after that was {word}"
                yield Violation("C10", text)


def _truth(case: Case) -> dict[int, list[tuple[float, float, bool]]]:
    # When each user came (True) or went: the first socket, the last socket; and since when that may have been
    # told: a server knows of a socket before its client does, but not before that has dialled.
    open_count: dict[int, int] = defaultdict(int)
    dialled_s: dict[str, float] = {}
    found: dict[int, list[tuple[float, float, bool]]] = defaultdict(list)
    for event in case.history.events:
        if isinstance(event, Dialled):
            dialled_s[event.tab] = event.at_s
        elif isinstance(event, Opened):
            open_count[event.user] += 1
            if open_count[event.user] == 1:
                found[event.user].append((event.at_s, dialled_s.get(event.tab, event.at_s), True))
        elif isinstance(event, Closed):
            open_count[event.user] -= 1
            if open_count[event.user] == 0:
                found[event.user].append((event.at_s, event.at_s, False))
    return found


def _watched(case: Case, tab: str, at_s: float, for_s: float) -> bool:
    # Whether a tab was connected at a time and had been for long enough.
    return any(
        span.synced_s is not None
        and span.synced_s <= at_s - for_s
        and (span.closed_s is None or span.closed_s > at_s)
        for span in case.spans.get(tab, ())
    )


def sockets(case: Case) -> Iterator[Violation]:
    """C15: a tab has one socket at most, and does not come back more often than it must."""
    open_now: dict[str, set[int]] = defaultdict(set)
    opened: dict[str, int] = defaultdict(int)
    for event in case.history.events:
        if isinstance(event, Opened):
            open_now[event.tab].add(event.connection)
            opened[event.tab] += 1
            if len(open_now[event.tab]) > 1:
                yield Violation("C15", f"{event.tab} has {len(open_now[event.tab])} sockets open")
        elif isinstance(event, Closed):
            open_now[event.tab].discard(event.connection)
            # Whoever leaves by itself may come back.
            opened[event.tab] -= event.by_us
    most = case.bounds.reconnects_max_count
    if most is not None:
        for tab, count in opened.items():
            if count - 1 > most:
                yield Violation("C15", f"{tab} came back {count - 1} times, at most {most}")
    rate = case.bounds.handshakes_per_s
    if rate is not None and (peak := handshakes_peak(case)) > rate:
        yield Violation("C15", f"{peak} handshakes in one second, at most {rate:g}")


def handshakes_peak(case: Case) -> int:
    """Return the most handshakes that began within any one second."""
    times = [event.at_s for event in case.history.of(Dialled)]
    return max((number - bisect_right(times, at_s - 1) + 1 for number, at_s in enumerate(times)), default=0)
