"""What a person may ask."""

from __future__ import annotations

from chat.protocol.commands import Command
from chat.protocol.fields import Id, Said, WrittenTime


class WriteDraft(Command):
    """Keep what was written in a room or a thread by then; an empty text lets it go."""

    room: Id
    parent: Id | None = None
    body: Said
    written_at: WrittenTime
