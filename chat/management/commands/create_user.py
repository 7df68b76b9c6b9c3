"""Make an account for a script, a bot or a person."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import Error, IntegrityError, transaction

from chat.models import Token, User
from chat.models.groups import is_taken
from chat.models.users import normalize_handle, validate_handle
from chat.protocol import codec, limits, text_rules
from chat.protocol.errors import ProtocolError

_PASSWORD_MAX_CHARS = 1_000
_EMAIL_MAX_CHARS = 254
_LABEL_MAX_CHARS = 80


class Command(BaseCommand):
    """Prints one line of JSON: id, handle and, if asked for, the secret of a token."""

    help = "Make an account; prints one JSON line with id, handle and, with --token, the token."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments; their values are checked later, so that each fault is one line."""
        parser.add_argument("handle", help="unique short name: small letters, digits, Hangul, dots, - and _")
        parser.add_argument("--name", default="", help="the name that others see; the handle by default")
        parser.add_argument("--email", default="")
        parser.add_argument("--password", help="without one nobody can sign in with a password")
        parser.add_argument("--role", default=User.Role.MEMBER.value, help=", ".join(User.Role.values))
        parser.add_argument("--bot", action="store_true", help="a program, not a person")
        parser.add_argument("--token", metavar="LABEL", help="make a token too and print its secret")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything, then write the account and its token together."""
        fields = _checked(options)
        password, label = _password(options["password"]), options["token"]
        if label is not None:
            label = _line(label, "token label", _LABEL_MAX_CHARS)
        handle = fields.pop("handle")
        self._warn_of_weak(password, User(handle=handle, **fields))
        try:
            with transaction.atomic():
                user = User.objects.create_user(handle, password, **fields)
                secret = _make_token(user, label) if label is not None else None
        except IntegrityError:
            raise CommandError(_taken(handle, fields["email"])) from None
        except Error as error:
            raise CommandError(_database(error)) from None
        line = {"id": user.pk, "handle": user.handle}
        self.stdout.write(codec.encode(line | ({"token": secret} if secret else {})).decode())

    def _warn_of_weak(self, password: str | None, user: User) -> None:
        # Scripts make accounts for trials too; the sign-up page is where a weak password is refused.
        if password is None:
            return
        try:
            validate_password(password, user)
        except ValidationError as error:
            self.stderr.write(self.style.WARNING(f"Weak password: {' '.join(error.messages)}"))


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the account. Raises CommandError."""
    handle = _storable(options["handle"], "handle")
    email = _storable(options["email"], "email")
    try:
        handle = normalize_handle(handle)
        validate_handle(handle)
    except ValidationError as error:
        raise CommandError(f"handle {handle!a}: {error.messages[0]}") from None
    if is_taken(handle):
        raise CommandError(f"the handle {handle} is taken")
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise CommandError(f"email {email!a} is no e-mail address") from None
    if len(email) > _EMAIL_MAX_CHARS:
        raise CommandError(f"email is {len(email)} characters, at most {_EMAIL_MAX_CHARS}")
    if options["role"] not in User.Role.values:
        raise CommandError(f"role {options['role']!a} is none of {', '.join(User.Role.values)}")
    name = _line(options["name"], "name", limits.NAME_MAX_CHARS) if options["name"] else ""
    return {
        "handle": handle, "name": name, "email": email, "role": options["role"], "is_bot": options["bot"],
    }  # fmt: skip


def _password(password: str | None) -> str | None:
    if password is None:
        return None
    _storable(password, "password")
    if not password:
        raise CommandError("password is empty; leave --password out for an account without one")
    if len(password) > _PASSWORD_MAX_CHARS:
        raise CommandError(f"password is {len(password):,} characters, at most {_PASSWORD_MAX_CHARS:,}")
    return password


def _storable(text: str, field: str) -> str:
    try:
        text_rules.check_storable(text, field)
    except ProtocolError as error:
        raise CommandError(error.detail) from None
    return text


def _line(text: str, field: str, max_chars: int) -> str:
    try:
        return text_rules.clean_line(text, field, max_chars)
    except ProtocolError as error:
        raise CommandError(error.detail) from None


def _make_token(user: User, label: str) -> str:
    secret = Token.new_secret()
    Token.objects.create(user=user, label=label, digest=Token.digest_of(secret))
    return secret


def _taken(handle: str, email: str) -> str:
    if is_taken(handle):
        return f"the handle {handle} is taken"
    return f"the email {email} is taken"


def _database(error: Error) -> str:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return f"the database is not ready ({first}); run `manage.py migrate` first"
