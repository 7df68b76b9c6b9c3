"""Groups of people with a handle of their own, as they are called in messages: @design."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.users import User
from chat.protocol import limits


def is_taken(handle: str) -> bool:
    """Tell whether a person, a bot or a group has a handle."""
    return User.objects.filter(handle=handle).exists() or UserGroup.objects.filter(handle=handle).exists()


class UserGroup(models.Model):
    """Some people under one handle; nobody else has it, and no other group."""

    handle = models.CharField(max_length=limits.HANDLE_MAX_CHARS, unique=True)
    name = models.CharField(max_length=limits.NAME_MAX_CHARS)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.handle


class UserGroupMember(models.Model):
    """Somebody in a group."""

    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="user_group_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"
