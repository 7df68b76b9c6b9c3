"""Accounts that were erased."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.users import User


class Erasure(models.Model):
    """One account that is gone for good; its row stays, without anything of the person, under what was said."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="erasure")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField(default=timezone.now)
    # Whether the messages are emptied too; else they stay under the name of nobody.
    removes_messages = models.BooleanField(default=False)
    # Set when nothing is left to do.
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.asked_at:%Y-%m-%d %H:%M}"
