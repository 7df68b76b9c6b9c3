"""Emoji of the workspace's own: small pictures by name, kept beside the rest so that a backup has them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.users import User
from chat.protocol import limits


class CustomEmoji(models.Model):
    """A picture that stands for its name between colons, or another name of such a one."""

    # Case folded; one name is one emoji, whether it is its first name or an alias.
    name = models.CharField(max_length=limits.EMOJI_NAME_MAX_CHARS, unique=True)
    # Of an alias: what it stands for, which is none itself. Then there is no picture here.
    alias_of = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="aliases")
    # Random, and the address of the picture: a browser may keep what it has got for ever.
    key = models.CharField(max_length=32, null=True, unique=True)
    picture = models.BinaryField(null=True)
    width = models.IntegerField(default=0)
    height = models.IntegerField(default=0)
    is_animated = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(alias_of=None, key__isnull=False, picture__isnull=False)
                | models.Q(alias_of__isnull=False, key=None, picture=None),
                name="emoji_picture_or_alias",
            )
        ]

    def __str__(self) -> str:
        return f":{self.name}:"
