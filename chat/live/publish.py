"""Committed changes to envelopes: one run per room and batch, each change encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from chat.live.envelope import Item, Joined, RoomChanges
from chat.protocol import codec
from chat.protocol.changes import Change


def encode_run(changes: Sequence[Change]) -> RoomChanges:
    """Encode consecutive changes of one room, seq ascending."""
    moves = [(change["seq"], *move) for change in changes if (move := move_of(change)) is not None]
    first = changes[0]
    frames = tuple(codec.encode(change) for change in changes)
    return RoomChanges(first["room"], first["seq"], frames, tuple(moves))


def move_of(change: Change) -> tuple[int, bool] | None:
    """Return who comes or goes with a change: user id (0 = everybody goes), has joined; else None."""
    if change["type"] == "member.joined":
        return change["user"]["id"], True
    if change["type"] == "member.left":
        return change["user"]["id"], False
    if change["type"] == "room.changed" and change["fields"]["deleted"]:
        return 0, False
    return None


def envelopes(changes: Sequence[Change]) -> list[Item]:
    """Return what a batch tells the hubs: its rooms' runs, then who must begin to follow which room."""
    ordered = sorted(changes, key=lambda change: (change["room"], change["seq"]))
    runs = [encode_run(list(run)) for _, run in groupby(ordered, key=lambda change: change["room"])]
    items: list[Item] = list(runs)
    for run in runs:
        joined = tuple(dict.fromkeys(user for _, user, is_in in run.moves if is_in))
        if joined:
            items.append(Joined(run.room, joined))
    return items
