"""What is asked of threads."""

from __future__ import annotations

from typing import Literal

from chat.protocol.command import Command
from chat.protocol.fields import Id, Position


class FollowThread(Command):
    """Hear of new replies to a message, from here on; a message of a thread names its thread."""

    type: Literal["thread.follow"] = "thread.follow"
    message: Id


class UnfollowThread(Command):
    """Hear no more of a thread, whoever answers in it; who writes there follows it again."""

    type: Literal["thread.unfollow"] = "thread.unfollow"
    message: Id


class ReadThread(Command):
    """Say how far one has read a thread that one follows, by the seq of a reply; the highest wins."""

    type: Literal["thread.read"] = "thread.read"
    message: Id
    seq: Position
