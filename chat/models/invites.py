"""Links with which people come in."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.rooms import Room
from chat.models.users import User


class Invite(models.Model):
    """An invitation to the workspace, and to a room if one is named; only the token's digest is stored."""

    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, related_name="+")
    role = models.CharField(max_length=8, choices=User.Role, default=User.Role.MEMBER)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    max_uses = models.IntegerField(default=25)
    uses = models.IntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invite {self.pk} by {self.created_by_id}"


class InviteUse(models.Model):
    """Who came by an invitation, and when; at most `max_uses` of each."""

    invite = models.ForeignKey(Invite, on_delete=models.CASCADE, related_name="taken", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invite", "user"], name="invite_use_once")]

    def __str__(self) -> str:
        return f"{self.user_id} by invite {self.invite_id}"
