"""The record of what was done by who runs something: kept apart from what it was done to."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils import timezone

from chat.models.rooms import Room
from chat.models.users import User
from chat.protocol import limits

# The longest way to write an IPv6 address.
ORIGIN_MAX_CHARS = 45


class AuditDeed(StrEnum):
    """What can stand in the record."""

    MEMBER_REMOVED = "member.removed"
    MEMBER_MUTED = "member.muted"
    MEMBER_UNMUTED = "member.unmuted"
    MEMBER_BANNED = "member.banned"
    MEMBER_UNBANNED = "member.unbanned"
    MEMBER_ROLE = "member.role"
    MESSAGE_REMOVED = "message.removed"
    PREVIEW_REMOVED = "preview.removed"
    ROOM_CHANGED = "room.changed"
    ROOM_DELETED = "room.deleted"
    REPORT_RESOLVED = "report.resolved"
    PERSON_ROLE = "person.role"
    PERSON_CHANGED = "person.changed"
    PERSON_OFF = "person.off"
    PERSON_ON = "person.on"
    PERSON_SIGNED_OUT = "person.signed_out"
    PERSON_PASSWORD = "person.password"
    PERSON_ERASED = "person.erased"
    PERSON_FACTORS = "person.factors"
    SESSION_ENDED = "session.ended"
    TOKEN_MADE = "token.made"
    TOKEN_REVOKED = "token.revoked"
    INVITE_MADE = "invite.made"
    INVITE_REVOKED = "invite.revoked"
    WORKSPACE_CHANGED = "workspace.changed"
    GROUP_MADE = "group.made"
    GROUP_CHANGED = "group.changed"
    GROUP_DELETED = "group.deleted"
    EMOJI_MADE = "emoji.made"
    EMOJI_REMOVED = "emoji.removed"
    RETENTION_SET = "retention.set"
    HOLD_SET = "hold.set"
    HOLD_ENDED = "hold.ended"
    EXPORT_ASKED = "export.asked"
    EXPORT_FETCHED = "export.fetched"
    EXPORT_ENDED = "export.ended"
    AUDIT_TAKEN = "audit.taken"
    WORK_RETRIED = "work.retried"


class AuditEntry(models.Model):
    """One deed, written in the transaction that does it: who, what, to whom, where, why and from where.

    Names are looked up when it is read: of an account that was erased nothing but that it was one is left.
    """

    at = models.DateTimeField(default=timezone.now)
    # Null for the server itself and for scripts.
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    deed = models.CharField(max_length=32)
    subject = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    # Of a message the id alone: it may expire.
    message = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=limits.REASON_MAX_CHARS, blank=True)
    # The address from which it was asked for; empty for the server itself.
    origin = models.CharField(max_length=ORIGIN_MAX_CHARS, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["actor", "-id"], name="audit_actor"),
            models.Index(fields=["subject", "-id"], name="audit_subject"),
            models.Index(fields=["room", "-id"], name="audit_room"),
            models.Index(fields=["deed", "-id"], name="audit_deed"),
        ]

    def __str__(self) -> str:
        return f"{self.deed} by {self.actor_id} at {self.at:%Y-%m-%d %H:%M}"
