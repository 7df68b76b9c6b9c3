"""What REST says of groups, and of what a call would reach."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from chat.protocol.shapes import Sender, User


class Group(TypedDict):
    """People under one handle; `members` counts them, `mine`: I am one. `made_by` is null where it is not known."""

    id: int
    handle: str
    name: str
    made_by: int | None
    members: int
    mine: bool
    may_change: bool


class GroupWithPeople(Group):
    """A group and who is in it, by name."""

    people: list[User]


class Groups(TypedDict):
    """All groups by handle; `may_make`: I may make another one."""

    items: list[Group]
    next: str | None
    may_make: bool


class Reach(TypedDict):
    """What an @word in a message would do. One that is not allowed stays a word. `people` does not count oneself.

    Of a group `outside` names who is not in the room and is not told, the first 20; `outside_count` is how many.
    """

    name: str
    kind: Literal["here", "room", "group"]
    group: int | None
    is_allowed: bool
    people: int
    outside: list[Sender]
    outside_count: int


class Reaches(TypedDict):
    """What the @words of a message would do; those that call nobody are not among them."""

    items: list[Reach]
