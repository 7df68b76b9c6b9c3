"""What an author may ask."""

from __future__ import annotations

from chat.protocol.commands import Command
from chat.protocol.fields import Body, ClientScheduledId, DueTime, Id, TimeZone


class ScheduleMessage(Command):
    """Have a message sent at a time; the same id and content again gets the first one, as it is now."""

    client_scheduled_id: ClientScheduledId
    room: Id
    body: Body
    due_at: DueTime
    parent: Id | None = None
    time_zone: TimeZone = ""


class UpdateScheduled(Command):
    """Change what is given, leave the rest; a new time lets one that could not be sent wait again."""

    body: Body | None = None
    due_at: DueTime | None = None
    time_zone: TimeZone | None = None
