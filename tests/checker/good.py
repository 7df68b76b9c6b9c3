"""A history without a fault in it: a made-up server that keeps every promise, and people who use it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from tests.faults.dump import ChangeRow, Dump, MemberRow, MessageRow, RoomRow
from tests.faults.history import (
    Acked,
    Closed,
    Dialled,
    Entered,
    Event,
    FaultBegan,
    FaultHealed,
    History,
    Invoked,
    Listed,
    Measured,
    Nacked,
    Opened,
    PresenceSeen,
    Received,
    Rendered,
    Revised,
    Synced,
    Unanswered,
    Unread,
)

HALL = 1
# Ann and Ben are in the hall, Ben with two tabs; Eve is not.
ANN, BEN, EVE = 1, 2, 3
TABS = {"ann": ANN, "ben": BEN, "ben-phone": BEN}
_JOINS = 2


@dataclass
class Recording:
    """A run in the making: `run(count)` adds that many messages, `end()` what comes last."""

    seed: int = 0
    events: list[Event] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    seq: int = _JOINS
    at_s: float = 0.0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.shown: dict[str, list[int]] = {tab: [] for tab in TABS}
        self.connections = dict.fromkeys((*TABS, "eve"), 1)
        for tab, user in (*TABS.items(), ("eve", EVE)):
            self.note(Dialled, tab=tab)
            self.note(Opened, tab=tab, user=user, connection=1)
            if tab != "eve":
                self.note(Entered, tab=tab, user=user, room=HALL, seq=_JOINS)
            self.note(Synced, tab=tab, connection=1)
        for tab in TABS:
            for user in (ANN, BEN):
                self.note(PresenceSeen, tab=tab, user=user, status="online")

    def note(self, kind: type[Event], /, **fields: object) -> None:
        """Let a hundredth of a second pass and something happen."""
        self.at_s += 0.01
        self.events.append(kind(at_s=self.at_s, **fields))

    def run(self, count: int) -> None:
        """Let Ann and Ben write."""
        for _ in range(count):
            self._say(self.rng.choice(["ann", "ben"]))
            if self.rng.random() < 0.2:
                self._reconnect(self.rng.choice(list(TABS)))

    def _say(self, tab: str) -> None:
        number = len(self.messages) + 1
        key, user = f"key-{number}", TABS[tab]
        said = {"tab": tab, "user": user, "room": HALL, "key": key, "body": f"text {number}"}
        self.note(Invoked, **said, attempt=1)
        if self.rng.random() < 0.2:
            self.note(Nacked, tab=tab, key=key, code="busy", may_retry=True, after_ms=10)
            self.note(Invoked, **said, attempt=2)
        self.seq += 1
        parent = self.rng.choice(self.messages).id if self.messages and self.rng.random() < 0.2 else None
        row = MessageRow(100 + number, HALL, self.seq, number, user, key, f"text {number}", False, parent)
        self.messages.append(row)
        if self.rng.random() < 0.2:
            # Stored, but the answer is lost with the connection; the next one brings the first answer.
            self.note(Unanswered, tab=tab, key=key)
            self._reconnect(tab)
            self.note(Invoked, **said, attempt=3)
        self.note(Acked, tab=tab, room=HALL, key=key, seq=row.seq, id=row.id)
        self._deliver(row)

    def _deliver(self, row: MessageRow) -> None:
        for tab, shown in self.shown.items():
            place = {"connection": self.connections[tab], "room": HALL, "seq": row.seq}
            self.note(Received, tab=tab, **place, kind="message.posted", message=row.id, key=row.key)
            after = shown[-1] if shown else 0
            self.note(Rendered, tab=tab, room=HALL, seq=row.seq, after_seq=after, message=row.id, key=row.key)
            shown.append(row.seq)

    def _reconnect(self, tab: str) -> None:
        connection, user = self.connections[tab], TABS[tab]
        self.note(Closed, tab=tab, user=user, connection=connection, code=1012)
        self.connections[tab] += 1
        self.note(Dialled, tab=tab)
        self.note(Opened, tab=tab, user=user, connection=connection + 1)
        self.note(Synced, tab=tab, connection=connection + 1)

    def end(self) -> tuple[History, Dump]:
        """Edit and react once, measure, and let everybody list what is shown."""
        first = self.messages[0]
        edit = {"tab": "ann", "message": first.id, "what": "body", "value": "edited"}
        react = {"tab": "ann", "message": first.id, "what": f"reaction:👍:{ANN}", "value": "yes"}
        for note in (edit, react):
            self.note(Revised, **note, is_acked=False)
            self.note(Revised, **note, is_acked=True)
        self.messages[0] = replace(first, body="edited", reactions=(("👍", ANN),))
        self.seq += 2
        self.note(Measured, process="web-0", pid=7, rss_bytes=100 << 20, descriptors_count=40)
        last, read = len(self.messages), {ANN: 0, BEN: 0}
        for row in self.messages:
            read[row.sender] = max(read[row.sender], row.msg_no or 0)
        for tab, user in TABS.items():
            numbers = {"last_msg_no": last, "read_msg_no": read[user], "unread": last - read[user]}
            self.note(Unread, tab=tab, user=user, room=HALL, **numbers, is_final=True)
            rows = tuple(
                (
                    row.id,
                    row.seq,
                    row.body,
                    row.is_deleted,
                    tuple((emoji, (user,)) for emoji, user in row.reactions),
                )
                for row in self.messages
            )
            self.note(Listed, tab=tab, user=user, room=HALL, after_seq=_JOINS, rows=rows)
        changes = [ChangeRow(HALL, seq, "member.joined", None, user) for seq, user in ((1, ANN), (2, BEN))]
        changes += [ChangeRow(HALL, row.seq, "message.posted", row.id) for row in self.messages]
        changes += [ChangeRow(HALL, self.seq - 1, "message.edited", first.id)]
        changes += [ChangeRow(HALL, self.seq, "reaction.added", first.id)]
        members = [MemberRow(HALL, ANN, read[ANN], 1), MemberRow(HALL, BEN, read[BEN], 2)]
        dump = Dump([RoomRow(HALL, self.seq, last)], changes, list(self.messages), members)
        return History(self.events), dump


def good_run(seed: int = 0, before: int = 8, during: int = 4, after: int = 8) -> tuple[History, Dump]:
    """Return a run with a fault in it that harmed nobody."""
    recording = Recording(seed)
    recording.run(before)
    recording.note(FaultBegan, fault="F-00")
    recording.run(during)
    recording.note(FaultHealed, fault="F-00")
    recording.run(after)
    return recording.end()
