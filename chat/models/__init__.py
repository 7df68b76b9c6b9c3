"""The nouns: one schema, one migration chain; fields, constraints and scoping querysets, no verbs.

Imports protocol.
Rows are written by pipeline with the writers of actions, and read by queries.
"""

from chat.models.attachments import Attachment
from chat.models.avatars import Avatar
from chat.models.changes import Change
from chat.models.counts import CountCheck
from chat.models.erasures import Erasure
from chat.models.exports import Export
from chat.models.guests import Guest
from chat.models.invites import Invite, InviteUse
from chat.models.later import Reminder, ScheduledMessage
from chat.models.messages import Mention, Message, Reaction, Revision
from chat.models.notifications import Letter, Notification, NotificationSettings, Push, PushSubscription
from chat.models.outbox import OutboxEntry
from chat.models.previews import Link, Preview, PreviewImage
from chat.models.quotes import Quote
from chat.models.retention import RoomRetention
from chat.models.rooms import Membership, Room
from chat.models.saved import Saved
from chat.models.search import SearchEntry, SearchRoom
from chat.models.sidebars import Sidebar
from chat.models.users import Token, User
from chat.models.workspace import Workspace

__all__ = [
    "Attachment",
    "Avatar",
    "Change",
    "CountCheck",
    "Erasure",
    "Export",
    "Guest",
    "Invite",
    "InviteUse",
    "Letter",
    "Link",
    "Membership",
    "Mention",
    "Message",
    "Notification",
    "NotificationSettings",
    "OutboxEntry",
    "Preview",
    "PreviewImage",
    "Push",
    "PushSubscription",
    "Quote",
    "Reaction",
    "Reminder",
    "Revision",
    "Room",
    "RoomRetention",
    "Saved",
    "ScheduledMessage",
    "SearchEntry",
    "SearchRoom",
    "Sidebar",
    "Token",
    "User",
    "Workspace",
]
