"""A client that does what the page does and writes down everything: what it sends, hears and shows."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.faults import history as told
from tests.faults.history import History
from tests.flows.client import Frame, LastingClient, Refusal
from tests.people import Person

# The page waits for 25 s; nobody waits so long for a test.
_HEARTBEAT_S = 3.0
_ANSWER_WAIT_S = 90.0
_PAGE_COUNT = 200
_Row = tuple[int, int, str, bool, tuple[tuple[str, tuple[int, ...]], ...]]


@dataclass
class Mine:
    """A message of a tab's own that has been acknowledged."""

    room: int
    id: int
    key: str


class Tab(LastingClient):
    """One tab of one person: reconnects, resumes, holds holes back, and repeats what was not answered."""

    def __init__(self, name: str, person: Person, urls: Sequence[str], history: History) -> None:
        super().__init__(person.token, urls, heartbeat_s=_HEARTBEAT_S)
        self.name = name
        self.person = person
        self.history = history
        self.mine: list[Mine] = []
        # By room and message id: what it shows.
        self.shown: dict[int, dict[int, _Row]] = defaultdict(dict)
        self.after: dict[int, int] = {}
        # Set before the last connection: its snapshot is the final one.
        self.is_final = False
        self.answers_count = 0
        self._attempts: Counter[str] = Counter()
        self._in_flight: Counter[str] = Counter()
        self._parents: dict[str, str] = {}
        # Of messages that this tab has edited: told with the next edit, so that a late repeat undoes nothing.
        self._edited_at: dict[int, str | None] = {}
        self._keys: dict[str, int] = {}
        self._held: dict[int, dict[int, Frame]] = defaultdict(dict)
        self._filling: dict[int, asyncio.Task[None]] = {}

    # --- what a person does

    async def say(self, room: int, body: str, parent: Mine | None = None) -> Mine:
        """Write a message and wait for its final answer. Raises Refusal."""
        key = uuid.uuid4().hex
        frame: Frame = {"type": "message.post", "room": room, "client_message_id": key, "body": body}
        if parent is not None:
            frame["parent"] = parent.id
            self._parents[key] = parent.key
        result = await self.insist(key, frame, _ANSWER_WAIT_S)
        self.mine.append(Mine(room, result["id"], key))
        return self.mine[-1]

    async def revise(self, message: int, what: str, value: str) -> None:
        """Edit ("body"), delete ("deleted", "yes") or react ("reaction:<emoji>", "yes" or "no"). Raises Refusal."""
        fields: Frame = {"body": value, "edited_at": self._edited_at.get(message)}
        kind = "message.edit"
        if what == "deleted":
            kind, fields = "message.delete", {}
        elif what != "body":
            kind = "reaction.add" if value == "yes" else "reaction.remove"
            fields = {"emoji": what.split(":")[1]}
            what = f"{what}:{self.person.id}"
        note = {"tab": self.name, "message": message, "what": what, "value": value}
        self.history.note(told.Revised, **note, is_acked=False)
        result = await self.insist(
            f"do-{uuid.uuid4().hex}", {"type": kind, "message": message, **fields}, _ANSWER_WAIT_S
        )
        self._edited_at[message] = result.get("edited_at", self._edited_at.get(message))
        self.history.note(told.Revised, **note, is_acked=True)

    async def mark_read(self, room: int) -> None:
        """Read a room up to what is shown."""
        msg_no = max((change["message"]["msg_no"] or 0 for change in self._posts(room)), default=0)
        if not msg_no:
            return
        frame = {"type": "read.mark", "room": room, "msg_no": msg_no}
        with suppress(Refusal):
            await self.insist(f"read-{uuid.uuid4().hex}", frame, _ANSWER_WAIT_S)
            self.history.note(told.ReadMarked, tab=self.name, user=self.person.id, room=room, msg_no=msg_no)

    async def look_again(self) -> None:
        """Leave and come back, for the snapshot that a reload would show."""
        await self.leave()
        self.is_final = True
        self.come()
        await self.synced()

    async def list_all(self, rooms: Iterable[int]) -> None:
        """Write down what is shown of those of the rooms it is in, and what the server's history has of them."""
        for room in self.rooms.keys() & set(rooms):
            rows = list(self.shown[room].values())
            after = self.after.get(room, 0)
            self._list(self.name, room, after, rows)
            self._list(f"{self.name} (history)", room, after, await self._history(room, after))

    def _list(self, tab: str, room: int, after_seq: int, rows: list[_Row]) -> None:
        self.history.note(
            told.Listed, tab=tab, user=self.person.id, room=room, after_seq=after_seq, rows=tuple(rows)
        )

    async def _history(self, room: int, after: int) -> list[_Row]:
        rows: list[_Row] = []
        while True:
            page = await self.command("history.get", room=room, after=after, limit=_PAGE_COUNT)
            rows += [_row(message) for message in page["items"]]
            if not page["has_after"] or not page["items"]:
                return rows
            after = page["items"][-1]["seq"]

    def _posts(self, room: int) -> list[Frame]:
        # The last ones are enough: msg_no ascends.
        return [change for change in self.changes[room][-50:] if change["type"] == "message.posted"]

    # --- what happens to it

    def _note(self, kind: Any, /, **fields: Any) -> None:
        self.history.note(kind, tab=self.name, **fields)

    def dialled(self) -> None:
        self._note(told.Dialled)

    def opened(self) -> None:
        self._note(told.Opened, user=self.person.id, connection=self.connections_count)

    def closed(self, code: int | None) -> None:
        for key, count in self._in_flight.items():
            for _ in range(count):
                self._note(told.Unanswered, key=key)
        self._in_flight.clear()
        self._held.clear()
        connection, by_us = self.connections_count, self.is_leaving
        self._note(told.Closed, user=self.person.id, connection=connection, code=code, by_us=by_us)

    def sending(self, frame: Frame) -> None:
        if frame["type"] != "message.post":
            return
        key = frame["client_message_id"]
        self._attempts[key] += 1
        self._in_flight[key] += 1
        self._note(
            told.Invoked,
            user=self.person.id,
            room=frame["room"],
            key=key,
            body=frame["body"],
            attempt=self._attempts[key],
            parent=self._parents.get(key),
        )

    def heard(self, frame: Frame) -> None:
        kind = frame["type"]
        if "seq" in frame and "room" in frame:
            message = frame.get("message") or {}
            self._note(
                told.Received,
                connection=self.connections_count,
                room=frame["room"],
                seq=frame["seq"],
                kind=kind,
                message=message.get("id"),
                key=message.get("client_message_id"),
            )
        elif kind == "presence":
            self._note(told.PresenceSeen, user=frame["user"], status=frame["status"])
        elif kind == "reply" and frame["ref"] in self._attempts:
            self._answer(frame)

    def taken(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "reply" and frame["ref"] == "resume" and frame["ok"]:
            self._resumed(frame["result"])
        elif kind == "synced":
            self._note(told.Synced, connection=self.connections_count)
        elif kind == "room.opened":
            self._enter(frame["room"])
        elif kind == "room.closed":
            self._exit(frame["room"])

    def apply(self, change: Frame) -> None:
        room, seq = change["room"], change["seq"]
        cursor = self.cursors.get(room)
        if cursor is None or seq <= cursor:
            return
        if seq > cursor + 1:
            self._held[room][seq] = change
            if room not in self._filling:
                self._filling[room] = asyncio.get_running_loop().create_task(self._fill(room))
            return
        super().apply(change)
        self._show(change)
        if (following := self._held[room].pop(seq + 1, None)) is not None:
            self.apply(following)

    async def leave(self) -> None:
        await super().leave()
        for task in list(self._filling.values()):
            task.cancel()

    def _answer(self, reply: Frame) -> None:
        key = reply["ref"]
        self.answers_count += 1
        self._in_flight[key] -= 1
        if reply["ok"]:
            result = reply["result"]
            self._note(told.Acked, room=result["room"], key=key, seq=result["seq"], id=result["id"])
        else:
            error = reply["error"]
            self._note(
                told.Nacked,
                key=key,
                code=error["code"],
                may_retry=error["retry"],
                after_ms=error.get("after_ms"),
            )

    def _resumed(self, result: Frame) -> None:
        for state in result["rooms"]:
            room = state["id"]
            if room not in self.after:
                self._enter(state)
                continue
            if room in result["reset"]:
                self.shown[room].clear()
                # They may be there no more.
                self.mine = [mine for mine in self.mine if mine.room != room]
                self.after[room] = state["last_seq"]
                self._note(told.Reset, room=room, seq=state["last_seq"])
            self._snapshot(state)
        for room in self.after.keys() - {state["id"] for state in result["rooms"]}:
            self._exit(room)
        for user in result["users"]:
            self._note(told.PresenceSeen, user=user["id"], status=user["status"])

    def _enter(self, state: Frame) -> None:
        room = state["id"]
        self.after[room] = state["last_seq"]
        self.shown[room].clear()
        self._note(told.Entered, user=self.person.id, room=room, seq=state["last_seq"])
        self._snapshot(state)

    def _exit(self, room: int) -> None:
        if self.after.pop(room, None) is not None:
            self._note(told.Exited, user=self.person.id, room=room)

    def _snapshot(self, state: Frame) -> None:
        self._note(
            told.Unread,
            user=self.person.id,
            room=state["id"],
            last_msg_no=state["last_msg_no"],
            read_msg_no=state["read_msg_no"],
            unread=state["unread"],
            is_final=self.is_final,
        )

    def _show(self, change: Frame) -> None:
        message = change.get("message")
        if message is None:
            return
        rows = self.shown[change["room"]]
        if change["type"] == "message.posted":
            self._note(
                told.Rendered,
                room=change["room"],
                seq=message["seq"],
                after_seq=next(reversed(rows.values()))[1] if rows else 0,
                message=message["id"],
                key=message["client_message_id"],
            )
            rows[message["id"]] = _row(message)
        elif message["id"] in rows:
            rows[message["id"]] = _row(message)

    async def _fill(self, room: int) -> None:
        try:
            # A connection that ends meanwhile resumes from the cursor anyway.
            with suppress(Refusal, TimeoutError):
                page = await self.command("changes.get", room=room, after=self.cursors[room], limit=500)
                for change in page["items"]:
                    self.apply(change)
        finally:
            del self._filling[room]


def _row(message: Frame) -> _Row:
    reactions = tuple((reaction["emoji"], tuple(reaction["users"])) for reaction in message["reactions"])
    is_deleted = message["deleted_at"] is not None
    return message["id"], message["seq"], message["body"], is_deleted, reactions
