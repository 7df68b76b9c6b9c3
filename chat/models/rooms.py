"""Rooms and who is in them."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from chat.models.users import User
from chat.protocol import limits


class Room(models.Model):
    """Where people talk. `last_seq`, `last_msg_no` and `last_at` change only under this row's lock."""

    class Kind(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        DIRECT = "direct"

    class Posting(models.TextChoices):
        EVERYONE = "everyone"
        THREADS = "threads"
        MODERATORS = "moderators"

    class Callers(models.TextChoices):
        # Everybody while the room is small, moderators once it is not.
        AUTO = "auto"
        EVERYONE = "everyone"
        MODERATORS = "moderators"
        NOBODY = "nobody"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.OPEN)
    slug = models.CharField(max_length=limits.SLUG_MAX_CHARS, unique=True, null=True)
    name = models.CharField(max_length=limits.NAME_MAX_CHARS, blank=True)
    topic = models.CharField(max_length=limits.TOPIC_MAX_CHARS, blank=True)
    # The sorted user ids of a direct conversation, so that there is one for each set of people.
    direct_key = models.CharField(max_length=200, unique=True, null=True)
    # Who made it and the id that the maker's client chose, so that a repeated order makes one room.
    client_key = models.CharField(max_length=100, unique=True, null=True)
    # Lets a socket of the simple protocol in without sign-in.
    guests = models.BooleanField(default=False)
    # Whether links of messages get a preview. The default is the database's: the version before does not name it.
    previews = models.BooleanField(db_default=True, default=True)
    # Who may begin a message, and who may answer in a thread.
    posting = models.CharField(
        max_length=10, choices=Posting, db_default=Posting.EVERYONE, default=Posting.EVERYONE
    )
    # How long a member waits between two messages; 0: not at all.
    slow_s = models.IntegerField(db_default=0, default=0)
    # Who may call everybody at once, with @here and @room.
    calls = models.CharField(max_length=10, choices=Callers, db_default=Callers.AUTO, default=Callers.AUTO)
    # Whether it is shown who has read what.
    seen = models.BooleanField(db_default=True, default=True)
    last_seq = models.BigIntegerField(default=0)
    last_msg_no = models.BigIntegerField(default=0)
    # The log begins after this one: what stood up to it has expired, but for threads that go on.
    expired_seq = models.BigIntegerField(db_default=0, default=0)
    last_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.slug or f"{self.kind} {self.pk}"

    @property
    def is_direct(self) -> bool:
        """Tell whether this is a conversation of fixed people."""
        return self.kind == Room.Kind.DIRECT


class Membership(models.Model):
    """A user in a room. The row stays when the user leaves, so that the read marker survives a return."""

    class Role(models.TextChoices):
        OWNER = "owner"
        MODERATOR = "moderator"
        MEMBER = "member"
        GUEST = "guest"

    class Level(models.TextChoices):
        ALL = "all"
        MENTIONS = "mentions"
        NONE = "none"

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    level = models.CharField(max_length=8, choices=Level, default=Level.ALL)
    read_msg_no = models.BigIntegerField(default=0)
    # How often the user has put the marker back: what was said of it before that counts no more.
    read_backs = models.BigIntegerField(db_default=0, default=0)
    joined_seq = models.BigIntegerField(default=0)
    # Set while the user is not in the room: the seq of the leaving.
    left_seq = models.BigIntegerField(null=True)
    joined_at = models.DateTimeField(default=timezone.now)
    muted_until = models.DateTimeField(null=True)
    # When the user last wrote here while the room was slowed down.
    slow_at = models.DateTimeField(null=True)
    banned_at = models.DateTimeField(null=True)
    # Null: for as long as nobody lifts it.
    banned_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="membership_room_user")]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(left_seq=None), name="membership_user_in"),
            # A handful among all: who is kept out, or only reads.
            models.Index(
                fields=["id"],
                condition=models.Q(banned_at__isnull=False) | models.Q(muted_until__isnull=False),
                name="membership_sanctioned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"

    @property
    def is_in(self) -> bool:
        """Tell whether the user is in the room now."""
        return self.left_seq is None

    def is_banned(self, now: datetime) -> bool:
        """Tell whether the user is kept out; a ban whose time is over is none."""
        return self.banned_at is not None and (self.banned_until is None or self.banned_until > now)

    @staticmethod
    def banned(now: datetime) -> models.Q:
        """Return the condition for rows of who is kept out."""
        return models.Q(banned_at__isnull=False) & (
            models.Q(banned_until=None) | models.Q(banned_until__gt=now)
        )
