"""The nouns: one schema, one migration chain; fields, constraints and scoping querysets, no verbs.

Imports protocol.
Rows are written by pipeline with the writers of actions, and read by queries.
"""

from chat.models.attachments import Attachment
from chat.models.audit import AuditDeed, AuditEntry
from chat.models.avatars import Avatar
from chat.models.calls import Call
from chat.models.changes import Change
from chat.models.counts import CountCheck
from chat.models.drafts import DraftText
from chat.models.emoji import CustomEmoji
from chat.models.erasures import Erasure
from chat.models.exports import Export
from chat.models.groups import UserGroup, UserGroupMember
from chat.models.guests import Guest
from chat.models.invites import Invite, InviteUse
from chat.models.later import Reminder, ScheduledMessage
from chat.models.messages import Mention, Message, Reaction, Removal, Revision
from chat.models.notifications import Letter, Notification, NotificationSettings, Push, PushSubscription
from chat.models.outbox import OutboxEntry
from chat.models.polls import Poll, Vote
from chat.models.previews import Link, Preview, PreviewImage
from chat.models.quotes import Quote
from chat.models.reports import Report
from chat.models.retention import RoomRetention
from chat.models.rooms import Membership, Room
from chat.models.saved import Saved
from chat.models.search import SearchEntry, SearchRoom
from chat.models.sessions import BrowserSession
from chat.models.sidebars import Sidebar
from chat.models.threads import ThreadFollow
from chat.models.uploads import PiecedUpload, UploadPiece
from chat.models.users import Token, User
from chat.models.workspace import Logo, Workspace

__all__ = [
    "Attachment",
    "AuditDeed",
    "AuditEntry",
    "Avatar",
    "BrowserSession",
    "Call",
    "Change",
    "CountCheck",
    "CustomEmoji",
    "DraftText",
    "Erasure",
    "Export",
    "Guest",
    "Invite",
    "InviteUse",
    "Letter",
    "Link",
    "Logo",
    "Membership",
    "Mention",
    "Message",
    "Notification",
    "NotificationSettings",
    "OutboxEntry",
    "PiecedUpload",
    "Poll",
    "Preview",
    "PreviewImage",
    "Push",
    "PushSubscription",
    "Quote",
    "Reaction",
    "Reminder",
    "Removal",
    "Report",
    "Revision",
    "Room",
    "RoomRetention",
    "Saved",
    "ScheduledMessage",
    "SearchEntry",
    "SearchRoom",
    "Sidebar",
    "ThreadFollow",
    "Token",
    "UploadPiece",
    "User",
    "UserGroup",
    "UserGroupMember",
    "Vote",
    "Workspace",
]
