"""People, bots and the tokens of programs."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

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
    }
)
_TOKEN_PREFIX = "maru_"


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


class UserManager(BaseUserManager["User"]):
    """Makes accounts; also what Django's own commands call."""

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
    created_at = models.DateTimeField(default=timezone.now)

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
