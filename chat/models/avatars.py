"""Faces: small pictures, kept beside the account so that whatever keeps or erases that has them too."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.users import User


class Avatar(models.Model):
    """The face of a person in the two sizes in which it is shown, made anew as WebP."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    # Random, and part of its address: a browser may keep what it has got for ever.
    key = models.CharField(max_length=32)
    small = models.BinaryField()
    large = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"
