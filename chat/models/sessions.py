"""Which browsers a person is signed in with."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.users import User

AGENT_MAX_CHARS = 300


class BrowserSession(models.Model):
    """A session of Django's with whose it is, and from where; the session itself is what lets in."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    # As the browser calls itself; shown to its person, and to who runs the workspace.
    agent = models.CharField(max_length=AGENT_MAX_CHARS, blank=True)
    address = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.agent}"
