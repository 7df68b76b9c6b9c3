"""The one row about this installation."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone

from chat.models.users import User

SIGNUP_DOMAINS_MAX_CHARS = 1_000


def new_epoch() -> str:
    """Return a new incarnation of the change logs; a restore from a backup must set one."""
    return secrets.token_hex(8)


class Workspace(models.Model):
    """Name of the workspace, epoch of its change logs, and what its admins have decided."""

    class Signup(models.TextChoices):
        # As the operator has set it: SIGNUP.
        DEFAULT = ""
        CLOSED = "closed"
        INVITE = "invite"
        # With an address of one of `signup_domains`, or by invite.
        DOMAIN = "domain"
        OPEN = "open"

    class Who(models.TextChoices):
        MEMBERS = "members"
        ADMINS = "admins"

    name = models.CharField(max_length=80, default="Maru")
    epoch = models.CharField(max_length=32, default=new_epoch)
    created_at = models.DateTimeField(default=timezone.now)
    # How many days messages are kept where a room says nothing else; null: for ever.
    retention_days = models.IntegerField(null=True)
    # A legal hold: while it stands nothing expires anywhere.
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    signup = models.CharField(max_length=8, choices=Signup, blank=True, default=Signup.DEFAULT)
    # In small letters, one space between them.
    signup_domains = models.CharField(max_length=SIGNUP_DOMAINS_MAX_CHARS, blank=True)
    room_makers = models.CharField(max_length=8, choices=Who, default=Who.MEMBERS)
    inviters = models.CharField(max_length=8, choices=Who, default=Who.MEMBERS)
    group_makers = models.CharField(max_length=8, choices=Who, db_default=Who.ADMINS, default=Who.ADMINS)
    emoji_makers = models.CharField(max_length=8, choices=Who, default=Who.MEMBERS)
    # Of who has chosen none and whose browser asks for none that we have; empty: as the operator has set it.
    language = models.CharField(max_length=8, blank=True)
    # The key of the picture below, empty without one: another picture, another address.
    logo = models.CharField(max_length=32, blank=True)
    # How many days the record of deeds is kept; null: for ever.
    audit_days = models.IntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="workspace_only_one")]

    def __str__(self) -> str:
        return self.name


class Logo(models.Model):
    """The picture of the workspace, made anew as WebP; shown to whoever comes to the door."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="+")
    key = models.CharField(max_length=32)
    picture = models.BinaryField()
    width = models.IntegerField()
    height = models.IntegerField()

    def __str__(self) -> str:
        return self.key
