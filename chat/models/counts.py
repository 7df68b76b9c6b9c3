"""What the nightly look at derived numbers has found."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone


class CountCheck(models.Model):
    """One look at all rooms; the row is also how far it has come, so that a killed worker costs nothing."""

    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    # The last room that was looked at, by id.
    room_id = models.BigIntegerField(default=0)
    rooms_count = models.BigIntegerField(default=0)
    # How many rows were wrong, by kind; only kinds that were.
    wrong: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    # While in the future, a worker is at it.
    claimed_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.wrong or 'nothing wrong'}"
