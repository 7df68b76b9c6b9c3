"""People, bots and the tokens of programs."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chat.protocol import limits

_HANDLE = re.compile(r"[a-z0-9가-힣][a-z0-9가-힣._-]*\Z")
# Words that address everybody or the product; a person of that name could speak for them.
RESERVED_HANDLES = frozenset(
    {
        "admin",
        "all",
        "channel",
        "everyone",
        "guest",
        "here",
        "maru",
        "me",
        "room",
        "root",
        "support",
        "system",
        "모두",
        "여기",
        "전체",
    }
)
_TOKEN_PREFIX = "maru_"

# After COMMIT, whichever way accounts were written: `users` (ids), `names` (which of these fields are others now),
# `is_disabled`. Doors that are open for them must hear of it.
accounts_changed = Signal()
_WATCHED = frozenset(
    {
        "handle", "name", "role", "is_active", "language", "time_zone", "session_salt", "email", "avatar",
        "doing_emoji", "doing_text", "doing_until", "hides_reading",
    }
)  # fmt: skip


def normalize_handle(text: str) -> str:
    """Return the one spelling under which a handle is unique (NFKC, case folded)."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def validate_handle(text: str) -> None:
    """Raise ValidationError unless the text may be a handle."""
    if len(text) > limits.HANDLE_MAX_CHARS:
        message = f"A handle has at most {limits.HANDLE_MAX_CHARS} characters, this one has {len(text)}."
        raise ValidationError(message, code="too_long")
    if not _HANDLE.match(text):
        raise ValidationError(
            "A handle has small letters, digits, dots, - and _ and starts with a letter or digit.", code="bad"
        )
    if text in RESERVED_HANDLES:
        raise ValidationError("This handle is reserved.", code="reserved")


def _tell(users: Collection[int], names: Collection[str], *, is_disabled: bool) -> None:
    if users:
        said = {"users": tuple(users), "names": frozenset(names), "is_disabled": is_disabled}
        transaction.on_commit(partial(accounts_changed.send, User, **said))


def _new_salt() -> str:
    return secrets.token_hex(8)


class UserQuerySet(models.QuerySet["User"]):
    """Accounts; also what is written past `save` is told."""

    def update(self, **fields: Any) -> int:
        """Update; who is disabled is signed out for good."""
        names = _WATCHED & fields.keys()
        if not names:
            return super().update(**fields)
        is_disabled = fields.get("is_active") is False
        if is_disabled:
            fields.setdefault("session_salt", _new_salt())
        users = list(self.values_list("pk", flat=True))
        count = super().update(**fields)
        _tell(users, names, is_disabled=is_disabled)
        return count


class UserManager(BaseUserManager["User"]):
    """Makes accounts; also what Django's own commands call."""

    def get_queryset(self) -> UserQuerySet:
        """Return all accounts."""
        return UserQuerySet(self.model, using=self._db)

    def create_user(self, handle: str, password: str | None = None, **fields: Any) -> User:
        """Create an account; without a password nobody can sign in with one."""
        user = self.model(handle=normalize_handle(handle), **fields)
        user.name = user.name or user.handle
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, handle: str, password: str | None = None, **fields: Any) -> User:
        """Create the workspace owner."""
        return self.create_user(handle, password, **{"role": User.Role.OWNER, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        """Find an account by its handle in any spelling."""
        return self.get(handle=normalize_handle(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person or a bot."""

    class Role(models.TextChoices):
        OWNER = "owner"
        ADMIN = "admin"
        MEMBER = "member"
        GUEST = "guest"

    handle = models.CharField(max_length=limits.HANDLE_MAX_CHARS, unique=True, validators=[validate_handle])
    name = models.CharField(max_length=limits.NAME_MAX_CHARS, blank=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.MEMBER)
    is_bot = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=8, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=limits.TITLE_MAX_CHARS, blank=True, default="", db_default="")
    pronouns = models.CharField(max_length=limits.PRONOUNS_MAX_CHARS, blank=True, default="", db_default="")
    # The key of the picture (models/avatars.py), empty without one: another picture, another address.
    avatar = models.CharField(max_length=32, blank=True, default="", db_default="")
    # What this person says they are doing; after `until` it is not said any more, and nothing has to take it away.
    doing_emoji = models.CharField(max_length=limits.EMOJI_MAX_CHARS, blank=True, default="", db_default="")
    doing_text = models.CharField(max_length=limits.DOING_MAX_CHARS, blank=True, default="", db_default="")
    doing_until = models.DateTimeField(null=True)
    # Others are not shown what this person has read, and this person not what they have.
    hides_reading = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)
    # Whether a sign-in asks for more than the password; allauth's table has what it asks for.
    has_second_factor = models.BooleanField(default=False, db_default=False)
    # Goes into the digest that sessions carry: another value ends them all.
    session_salt = models.CharField(max_length=32, blank=True)

    # From which address the request came for which this row was read; never stored.
    origin: str = ""

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="user_email_unique")
        ]

    def __str__(self) -> str:
        return self.handle

    @classmethod
    def from_db(cls, *args: Any, **options: Any) -> Self:
        """Build a row, and remember how it was."""
        row = super().from_db(*args, **options)
        # A tuple: one of these is kept for everybody who is connected.
        row.__dict__["_was"] = tuple(map(row.__dict__.get, _WATCHED))
        return row

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Store; who is disabled is signed out for good, and open doors hear of what is another now."""
        was = dict(zip(_WATCHED, self.__dict__.get("_was", ()), strict=False))
        written = _WATCHED if update_fields is None else _WATCHED & set(update_fields)
        is_disabled = was.get("is_active") is True and "is_active" in written and not self.is_active
        if is_disabled:
            self.session_salt = _new_salt()
            update_fields = update_fields and {*update_fields, "session_salt"}
        super().save(*args, update_fields=update_fields, **options)
        changed = {name for name in written if was.get(name) is not None and was[name] != getattr(self, name)}
        if changed:
            _tell([self.pk], changed, is_disabled=is_disabled)
            self.__dict__["_was"] = tuple(
                getattr(self, name) if name in changed else was[name] for name in _WATCHED
            )

    def end_sessions(self) -> None:
        """End all sessions for good, and all sockets; the tokens of programs stay good."""
        self.session_salt = _new_salt()
        self.save(update_fields=["session_salt"])

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        if not self.session_salt:
            return str(super()._get_session_auth_hash(secret))  # type: ignore[misc]
        said = f"{self.password}:{self.session_salt}"
        return salted_hmac("chat.models.users.session", said, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_admin(self) -> bool:
        """Tell whether this account may run the workspace."""
        return self.role in (User.Role.OWNER, User.Role.ADMIN)

    @property
    def is_guest(self) -> bool:
        """Tell whether this account sees only the rooms it was put in."""
        return self.role == User.Role.GUEST

    @property
    def is_staff(self) -> bool:
        """Tell Django's admin who may enter."""
        return self.is_active and self.is_admin

    def get_full_name(self) -> str:
        """Return the name that others see."""
        return self.name or self.handle


class Token(models.Model):
    """A secret with which a program signs in as a user; only its digest is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.label}"

    @staticmethod
    def new_secret() -> str:
        """Return a new secret; it is shown once and never stored."""
        return _TOKEN_PREFIX + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(secret: str) -> str:
        """Return what is stored of a secret. It has 256 random bits, so a plain hash is enough."""
        return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
