"""The one row about this installation."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone

from chat.models.users import User


def new_epoch() -> str:
    """Return a new incarnation of the change logs; a restore from a backup must set one."""
    return secrets.token_hex(8)


class Workspace(models.Model):
    """Name of the workspace and epoch of its change logs."""

    name = models.CharField(max_length=80, default="Maru")
    epoch = models.CharField(max_length=32, default=new_epoch)
    created_at = models.DateTimeField(default=timezone.now)
    # How many days messages are kept where a room says nothing else; null: for ever.
    retention_days = models.IntegerField(null=True)
    # A legal hold: while it stands nothing expires anywhere.
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="workspace_only_one")]

    def __str__(self) -> str:
        return self.name
