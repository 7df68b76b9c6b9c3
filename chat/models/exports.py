"""Who has asked for which data to take away, and how far that is."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat.models.users import User
from chat.protocol import limits


def _new_name() -> str:
    return uuid.uuid4().hex


class Export(models.Model):
    """A long job and the file that comes of it. The row is the truth: what a broker remembers may be lost.

    The rows are the queue, and those of the workspace are the record of who took what; they stay.
    """

    class Kind(models.TextChoices):
        OWN = "own"
        WORKSPACE = "workspace"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"
        CANCELLED = "cancelled"
        # Its file was removed, by its time or by hand.
        GONE = "gone"

    class Failure(models.TextChoices):
        NOTHING = ""
        DISK_FULL = "disk_full"
        TOO_LARGE = "too_large"
        WORKER_LOST = "worker_lost"
        # Who asked may not have it any more.
        FORBIDDEN = "forbidden"
        FAULT = "fault"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    # Of the workspace: whether conversations of fixed people are in it, and why they have to be.
    has_directs = models.BooleanField(default=False)
    reason = models.CharField(max_length=limits.REASON_MAX_CHARS, blank=True)
    # Of the file and of the task in the result backend; nobody can guess it.
    name = models.CharField(max_length=32, unique=True, default=_new_name)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    failure = models.CharField(max_length=12, choices=Failure, blank=True)
    step = models.CharField(max_length=16, blank=True)
    percent = models.SmallIntegerField(default=0)
    rows_count = models.BigIntegerField(default=0)
    # Of the file; while it is being written, of what is safe on the disk.
    size_bytes = models.BigIntegerField(default=0)
    # Where to go on, when somebody takes it up again.
    place = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    # The last claim: who has waited longest is next.
    served_at = models.DateTimeField(default=timezone.now)
    # While in the future, the process that knows `claim` has it.
    claimed_until = models.DateTimeField(null=True)
    claim = models.CharField(max_length=32, blank=True)
    # Claims since the last progress.
    tries = models.IntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    downloads_count = models.IntegerField(default=0)
    downloaded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Of a person one at a time, however many requests come together.
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=["waiting", "running"]), name="export_open"
            )
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="export_of_user"),
            models.Index(
                fields=["served_at"],
                condition=Q(state__in=["waiting", "running"]),
                name="export_next",
            ),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="export_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.state}"

    @property
    def is_open(self) -> bool:
        """Tell whether it waits or runs."""
        return self.state in (self.State.WAITING, self.State.RUNNING)
