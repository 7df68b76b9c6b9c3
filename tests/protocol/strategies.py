"""Hypothesis strategies of the wire: fields of every command, frames and garbage."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from chat.protocol import commands, limits
from chat.protocol.commands import COMMANDS
from chat.protocol.polls import CastVote, ClosePoll
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread

Fields = dict[str, Any]

ids = st.integers(1, limits.INTEGER_MAX)
positions = st.integers(0, limits.INTEGER_MAX)
# What survives cleaning as it is: the codec must not change it a second time.
words = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=30)
lines = st.lists(words, min_size=1, max_size=2).map(" ".join)
client_message_ids = st.from_regex(r"\A[A-Za-z0-9_-]{8,64}\Z")
slugs = st.from_regex(r"\A[a-z0-9가-힣]([a-z0-9가-힣_-]{0,20}[a-z0-9가-힣])?\Z")
emojis = st.sampled_from(["👍", "👩‍👩‍👧", "🇰🇷", ":party:", "ㅋㅋ", "+1"])
links = st.from_regex(r"\Ahttps?://[!-~]{1,200}\Z")
refs = st.one_of(st.integers(-limits.INTEGER_MAX, limits.INTEGER_MAX), st.text(max_size=limits.REF_MAX_CHARS))

_room = {"room": ids}
_member = {"room": ids, "user": ids}
_reason = {"reason": st.none() | st.just("too loud")}
_kinds = st.sampled_from(["open", "closed"])


def _fields(required: dict[str, Any], optional: dict[str, Any] | None = None) -> st.SearchStrategy[Fields]:
    return st.fixed_dictionaries(required, optional=optional or {})


FIELDS: dict[type[commands.Command], st.SearchStrategy[Fields]] = {
    commands.PostMessage: _fields(
        {**_room, "client_message_id": client_message_ids, "body": lines},
        {
            "parent": st.none() | ids,
            "attachments": st.lists(ids, max_size=3, unique=True),
            "quote": st.none() | ids,
        },
    ),
    commands.EditMessage: _fields({"message": ids, "body": lines}),
    commands.DeleteMessage: _fields({"message": ids}),
    commands.AddReaction: _fields({"message": ids, "emoji": emojis}),
    commands.RemoveReaction: _fields({"message": ids, "emoji": emojis}),
    commands.RemovePreview: _fields({"message": ids, "url": links}),
    commands.PinMessage: _fields({"message": ids}),
    commands.UnpinMessage: _fields({"message": ids}),
    commands.MarkRead: _fields({**_room, "msg_no": positions}, {"backs": positions}),
    commands.MarkUnread: _fields({**_room, "msg_no": positions, "backs": positions}),
    commands.SetLevel: _fields({**_room, "level": st.sampled_from(["all", "mentions", "none"])}),
    CastVote: _fields({"message": ids, "choices": st.lists(st.integers(0, 9), max_size=10, unique=True)}),
    ClosePoll: _fields({"message": ids}),
    FollowThread: _fields({"message": ids}),
    UnfollowThread: _fields({"message": ids}),
    ReadThread: _fields({"message": ids, "seq": positions}),
    commands.CreateRoom: _fields(
        {"name": st.just("Room")},
        {
            "kind": _kinds,
            "topic": st.just(""),
            "slug": st.none() | slugs,
            "members": st.lists(ids, max_size=3),
            "client_room_id": st.none() | client_message_ids,
        },
    ),
    commands.UpdateRoom: _fields(
        _room,
        {
            "name": st.just("Other"),
            "topic": st.just("About"),
            "kind": _kinds,
            "archived": st.booleans(),
            "previews": st.booleans(),
            "posting": st.sampled_from(["everyone", "threads", "moderators"]),
            "slow_s": st.integers(0, limits.SLOW_MAX_S),
            "calls": st.sampled_from(["auto", "everyone", "moderators", "nobody"]),
            "seen": st.booleans(),
        },
    ),
    commands.DeleteRoom: _fields(_room),
    commands.JoinRoom: _fields(_room),
    commands.LeaveRoom: _fields(_room),
    commands.AddMember: _fields(_member),
    commands.UpdateMember: _fields(
        {**_member, "role": st.sampled_from(["owner", "moderator", "member", "guest"])}
    ),
    commands.RemoveMember: _fields(_member, _reason),
    commands.MuteMember: _fields(
        _member,
        {**_reason, "minutes": st.none() | st.integers(1, limits.MUTE_MAX_MINUTES), "until": st.none()},
    ),
    commands.UnmuteMember: _fields(_member),
    commands.BanMember: _fields(_member, _reason),
    commands.UnbanMember: _fields(_member),
    commands.OpenDirect: _fields(
        {"users": st.lists(ids, min_size=1, max_size=limits.DIRECT_USERS_MAX_COUNT)}
    ),
    commands.Resume: _fields(
        {
            "epoch": st.none() | st.text(max_size=20),
            "rooms": st.dictionaries(ids.map(str), positions, max_size=5),
        }
    ),
    commands.GetHistory: _fields(
        {**_room, "limit": st.integers(1, limits.HISTORY_LIMIT_MAX)}, {"before": positions}
    ),
    commands.GetChanges: _fields({**_room, "after": positions}),
    commands.StartTyping: _fields(_room),
    commands.StopTyping: _fields(_room),
    commands.Ping: _fields({}),
}


def commands_of(kind: type[commands.Command]) -> st.SearchStrategy[commands.Command]:
    """Return a strategy of valid commands of one type."""
    return FIELDS[kind].map(kind.model_validate)


any_command = st.sampled_from(list(COMMANDS.values())).flatmap(commands_of)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([*COMMANDS, "type", "ref", "\ud800", "\x00"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
# Near misses: right names, any values.
almost_frames = st.builds(
    lambda kind, ref, fields, rest: {"type": kind, "ref": ref, **dict.fromkeys(fields, rest)},
    st.sampled_from(list(COMMANDS)) | json_values,
    json_values,
    st.sets(
        st.sampled_from(
            ["room", "message", "body", "users", "rooms", "emoji", "limit", "before", "client_message_id"]
        )
    ),
    json_values,
)
