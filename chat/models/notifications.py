"""Who was told of a message, by mail or by push, who was not, and why; and what a person wants to be told."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat.models.messages import Message
from chat.models.users import User

SAID_MAX_CHARS = 300
# Of the address that a browser got from its push service.
ENDPOINT_MAX_CHARS = 2_000
LABEL_MAX_CHARS = 80


def _new_name() -> str:
    return uuid.uuid4().hex


class NotificationSettings(models.Model):
    """What one person has chosen; who has no row has chosen nothing, and the defaults below hold."""

    class Digest(models.TextChoices):
        OFF = "off"
        DAILY = "daily"
        WEEKLY = "weekly"

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="notification_settings"
    )
    wants_mail = models.BooleanField(default=True)
    # By the person's own clock; both or neither. An end before the start is that of the next day.
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    digest = models.CharField(max_length=8, choices=Digest, default=Digest.OFF)
    # When the next digest is due; null while there is none.
    digest_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["digest_at"], condition=~Q(digest_at=None), name="notification_digest_due")
        ]

    def __str__(self) -> str:
        return f"settings of {self.user_id}"


class Letter(models.Model):
    """One mail to one person, from before it is written until a server has taken it or refused it for good.

    Of each kind a person has one open letter at most: its claim keeps two workers from writing to one person.
    """

    class Kind(models.TextChoices):
        MISSED = "missed"
        DIGEST = "digest"
        TEST = "test"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="letters", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    # In the Message-ID, the same at each try: a mailbox knows by it a mail that has come twice.
    name = models.CharField(max_length=32, unique=True, default=_new_name)
    created_at = models.DateTimeField(default=timezone.now)
    # While in the future, a worker has it or it waits for its next try.
    claimed_until = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    # Set while a server may have taken it without our knowing: what is in it is not decided anew.
    begun_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # The last answer of the server.
    said = models.CharField(max_length=SAID_MAX_CHARS, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], condition=Q(ended_at=None), name="letter_open")
        ]
        indexes = [
            models.Index(fields=["user", "kind", "-created_at"], name="letter_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Notification(models.Model):
    """The ledger: whom a message could have told, by which rule and in which way, and what became of it.

    Rows that wait are also the queue: nothing else has to be kept in step with them.
    """

    class Rule(models.TextChoices):
        MENTION = "mention"
        DIRECT = "direct"
        THREAD = "thread"
        HERE = "here"
        ROOM = "room"
        GROUP = "group"

    class Way(models.TextChoices):
        MAIL = "mail"
        PUSH = "push"

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        SUPPRESSED = "suppressed"
        FAILED = "failed"

    class Why(models.TextChoices):
        NOTHING = ""
        # Of what waits: for `until`, then it is looked at again.
        UNREAD_YET = "unread_yet"
        QUIET_HOURS = "quiet_hours"
        INTERVAL = "interval"
        SERVER_AWAY = "server_away"
        # Of what is sent or waits to be: in a mail, or a push, that another message has caused.
        GATHERED = "gathered"
        # Of what is suppressed.
        OWN = "own"
        BOT = "bot"
        GUEST = "guest"
        INACTIVE = "inactive"
        DELETED = "deleted"
        LEFT = "left"
        LEVEL = "level"
        READ = "read"
        NO_ADDRESS = "no_address"
        UNCONFIRMED = "unconfirmed"
        NO_DEVICE = "no_device"
        OFF = "off"
        # Of what has failed.
        REFUSED = "refused"
        GAVE_UP = "gave_up"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    rule = models.CharField(max_length=8, choices=Rule)
    way = models.CharField(max_length=8, choices=Way)
    outcome = models.CharField(max_length=10, choices=Outcome)
    why = models.CharField(max_length=16, choices=Why, blank=True)
    # Of what waits: when it is looked at again.
    until = models.DateTimeField(null=True)
    letter = models.ForeignKey(Letter, on_delete=models.SET_NULL, null=True, related_name="notifications")
    # The last answer of the mail server, or of a push service.
    said = models.CharField(max_length=SAID_MAX_CHARS, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user", "way"], name="notification_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_of_user"),
            models.Index(fields=["until"], condition=Q(outcome="waiting"), name="notification_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.user_id} by {self.way}: {self.outcome} {self.why}".rstrip()


class PushSubscription(models.Model):
    """One browser in which somebody wants to be told while the page is closed: its address and its keys.

    It holds as long as the sign-in with which it was made.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    # SHA-256 of the endpoint, in hex: a browser has one, whoever is signed in there.
    digest = models.CharField(max_length=64, unique=True)
    endpoint = models.CharField(max_length=ENDPOINT_MAX_CHARS)
    # The browser's public key and secret, for the encryption; base64url as it gives them.
    p256dh = models.CharField(max_length=88)
    auth = models.CharField(max_length=24)
    # Our public key of then: the push service takes nothing that another one has signed.
    server_key = models.CharField(max_length=88)
    label = models.CharField(max_length=LABEL_MAX_CHARS, blank=True)
    # With what its owner was signed in, as an open socket holds it; no session key for a token.
    proof = models.CharField(max_length=64)
    session_key = models.CharField(max_length=40, blank=True)
    session_auth = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # When a push service last took something for it, and what it last said where it did not.
    last_used_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=SAID_MAX_CHARS, blank=True)
    tested_at = models.DateTimeField(null=True)
    # While in the future, a worker has it.
    claimed_until = models.DateTimeField(null=True)
    # Failures in a row that another try may mend, and when that is.
    failures = models.IntegerField(default=0)
    rests_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.label} of {self.user_id}"


class Push(models.Model):
    """One message of which one browser is still to be told; gone when it was, or was given up."""

    subscription = models.ForeignKey(
        PushSubscription, on_delete=models.CASCADE, related_name="pushes", db_index=False
    )
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="pushes")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "notification"], name="push_once")]

    def __str__(self) -> str:
        return f"{self.notification_id} to {self.subscription_id}"
