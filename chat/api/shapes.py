"""What only REST says; rooms, messages, members and users are the protocol's own shapes."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from typing_extensions import TypedDict

from chat.protocol.replies import ErrorShape
from chat.protocol.shapes import Message

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list; `next` is the `cursor` of the following page, null on the last one."""

    items: list[Item]
    next: str | None


class History(TypedDict):
    """A page of messages, seq ascending; `next` goes on in the direction that was asked for."""

    items: list[Message]
    next: str | None
    has_before: bool
    has_after: bool


class Place(TypedDict):
    """Where in a room a command came to stand."""

    room: int
    seq: int


class Mark(TypedDict):
    """How far one has read a room."""

    room: int
    msg_no: int


class Error(TypedDict):
    """Every refusal."""

    error: ErrorShape


class AccessToken(TypedDict):
    """A program's token, without its secret."""

    id: int
    label: str
    created_at: str
    last_used_at: str | None


class NewAccessToken(AccessToken):
    """A token just made; the secret is not shown again."""

    token: str


class InviteLink(TypedDict):
    """A link with which people come in; it is not shown again."""

    id: int
    url: str
    expires_at: str
    max_uses: int


class Invitation(TypedDict):
    """An invite link as admins see it, without its secret."""

    id: int
    created_by: int
    room: int | None
    role: Literal["admin", "member", "guest"]
    created_at: str
    expires_at: str
    max_uses: int
    uses: int
