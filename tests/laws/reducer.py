"""A room as a client holds it, and how each change alters it: pure, and the reference for every client."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Change = dict[str, Any]


# What is put in order behind a room is no life in it: `last_at` stays where it was.
_QUIET = {"message.expired", "message.unpinned", "quote.withdrawn"}
# So many of those who answered last are named.
_PEOPLE_COUNT = 3


@dataclass
class RoomView:
    """What can be known of a room from a snapshot and its changes."""

    state: dict[str, Any]
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)

    def after(self, changes: Iterable[Change]) -> RoomView:
        """Return the view after changes, which must follow it without a hole."""
        view = copy.deepcopy(self)
        for change in changes:
            assert change["seq"] == view.state["last_seq"] + 1
            view.state["last_seq"] = change["seq"]
            if change["type"] not in _QUIET:
                view.state["last_at"] = change["at"]
            view._apply(change)
        return view

    def _apply(self, change: Change) -> None:
        match change["type"]:
            case "message.posted":
                self._posted(change["message"])
            case (
                "message.edited"
                | "message.deleted"
                | "reaction.added"
                | "reaction.removed"
                | "preview.attached"
                | "preview.removed"
                | "attachment.ready"
                | "message.pinned"
                | "message.unpinned"
                | "quote.withdrawn"
            ):
                self._touched(change["message"])
            case "message.expired":
                for message in [self.messages.pop(pk) for pk in change["messages"] if pk in self.messages]:
                    self._count_replies(message["parent"])
            case "member.joined" | "member.changed":
                self.members[change["user"]["id"]] = change["role"]
                self.state["members"] = change["members"]
            case "member.left":
                self.members.pop(change["user"]["id"], None)
                self.state["members"] = change["members"]
            case "room.changed":
                fields = change["fields"]
                self.state |= {
                    name: fields[name]
                    for name in (
                        "name",
                        "topic",
                        "kind",
                        "slug",
                        "archived",
                        "previews",
                        "posting",
                        "slow_s",
                        "calls",
                        "seen",
                    )
                }
            case kind:
                raise AssertionError(kind)

    def _posted(self, message: dict[str, Any]) -> None:
        # It comes as it is now; what stands under it by then is told by the replies, each in its place.
        self.messages[message["id"]] = _without_replies(message)
        self.state["last_msg_no"] = max(self.state["last_msg_no"], message["msg_no"] or 0)
        if message["deleted_at"] is None:
            self._count_replies(message["parent"])

    def _touched(self, message: dict[str, Any]) -> None:
        self.messages[message["id"]] = _without_replies(message)
        self._count_replies(message["id"])
        self._count_replies(message["parent"])

    def _count_replies(self, parent: int | None) -> None:
        """Say anew what stands under the first message of a thread: how many replies, by whom last, and when."""
        if parent not in self.messages:
            return
        first = self.messages[parent] = _without_replies(self.messages[parent])
        replies = [
            one for one in self.messages.values() if one["parent"] == parent and one["deleted_at"] is None
        ]
        if replies:
            replies.sort(key=lambda one: one["seq"], reverse=True)
            people = list(dict.fromkeys(one["sender"]["id"] for one in replies))[:_PEOPLE_COUNT]
            first |= {
                "reply_count": len(replies),
                "thread": {"people": people, "last_at": replies[0]["at"]},
            }


def _without_replies(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "thread"} | {"reply_count": 0}
