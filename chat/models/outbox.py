"""Follow-up work, written in the same transaction as its cause."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class OutboxEntry(models.Model):
    """One task that must run at least once. Celery is only the wake-up: the row is the queue."""

    task = models.CharField(max_length=100)
    # Whose workers do it. The default is the database's: a process of the version before does not name it.
    queue = models.CharField(max_length=8, db_default="fast", default="fast")
    # Two causes with the same key are one piece of work.
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.IntegerField(default=0)
    # While in the future, a worker has it.
    claimed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "not_before"],
                condition=models.Q(done_at__isnull=True, parked_at__isnull=True),
                name="outbox_due_by_queue",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.key}"
