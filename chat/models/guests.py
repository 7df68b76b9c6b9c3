"""Visitors without sign-in, who get an account of their own."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.rooms import Room
from chat.models.users import User


class Guest(models.Model):
    """Where an account of a visitor came from and when it was here, so that there are never too many of them."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="guest")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    # A digest of the network that it came from, not the address itself.
    network = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    # Set when it was put away; the account is disabled then.
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["network", "created_at"], name="guest_network"),
            models.Index(fields=["seen_at"], condition=models.Q(retired_at=None), name="guest_present"),
        ]

    def __str__(self) -> str:
        return f"guest {self.user_id} of room {self.room_id}"
