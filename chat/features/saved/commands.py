"""What a person may ask."""

from __future__ import annotations

from chat.protocol.commands import Command


class SaveMessage(Command):
    """Put a message aside, say that one is done with it, or take it up again."""

    is_done: bool = False
