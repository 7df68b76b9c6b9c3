"""Polls: what is asked stands in a message, what can be chosen and what was chosen here."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chat.models.messages import Message
from chat.models.users import User


def places_of(choices: int) -> list[int]:
    """Return what the bits of a vote stand for, by place."""
    return [place for place in range(choices.bit_length()) if choices >> place & 1]


class Poll(models.Model):
    """What can be chosen under a message; it does not change. `closes_at` counts by itself, `closed_at` is for good."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="poll")
    # Texts, in the order of asking; a vote names them by place.
    options = models.JSONField(default=list)
    is_multiple = models.BooleanField(default=False)
    # Nobody is told who has chosen what.
    is_anonymous = models.BooleanField(default=False)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["closes_at"],
                condition=Q(closed_at__isnull=True, closes_at__isnull=False),
                name="poll_closing",
            )
        ]

    def __str__(self) -> str:
        return f"poll under {self.message_id}"


class Vote(models.Model):
    """What one person has chosen: a bit for each option. One row a person, so that nobody votes twice."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="votes", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # 0: taken back.
    choices = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "user"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.poll_id}"

    @property
    def places(self) -> list[int]:
        """Return what was chosen, by place."""
        return places_of(self.choices)
