"""Make a room for a script."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from chat.models import Room, User
from chat.models.users import normalize_handle
from chat.pipeline import run
from chat.protocol import codec
from chat.protocol.commands import CreateRoom, parse
from chat.protocol.errors import ProtocolError, Refused

_KINDS = ("open", "closed")


class Command(BaseCommand):
    """Prints one line of JSON: id and slug."""

    help = "Make a room; prints one JSON line with id and slug."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments; their values are checked later, so that each fault is one line."""
        parser.add_argument("name", help="what people see")
        parser.add_argument("--slug", help="its address; made of the name by default")
        parser.add_argument("--kind", default="open", help="open (all may join) or closed")
        parser.add_argument(
            "--member", metavar="HANDLE", action="append", default=[], dest="members",
            help="who is in it; may be repeated. The first one owns the room",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the room as a person would, so that it is numbered, logged and told to everybody."""
        if options["kind"] not in _KINDS:
            raise CommandError(f"kind {options['kind']!a} is none of {', '.join(_KINDS)}")
        try:
            members = _members(options["members"])
            creator = _creator(members)
            fields = {name: options[name] for name in ("name", "slug", "kind")}
            command = parse(CreateRoom, {**fields, "members": [member.pk for member in members]})
            result = run.run(creator.pk, command)
            slug = Room.objects.values_list("slug", flat=True).get(pk=result["room"])
        except (ProtocolError, Refused) as error:
            raise CommandError(error.detail) from None
        except Error as error:
            first = (str(error).splitlines() or [type(error).__name__])[0]
            detail = f"the database is not ready ({first}); run `manage.py migrate` first"
            raise CommandError(detail) from None
        self.stdout.write(codec.encode({"id": result["room"], "slug": slug}).decode())


def _members(handles: list[str]) -> list[User]:
    """Return the accounts in the order of the handles. Raises CommandError for one that is none."""
    wanted = list(dict.fromkeys(normalize_handle(handle) for handle in handles))
    spelled = [handle for handle in wanted if "\0" not in handle and handle.isprintable()]
    found = {user.handle: user for user in User.objects.filter(handle__in=spelled, is_active=True)}
    for handle in wanted:
        if handle not in found:
            raise CommandError(f"no active account has the handle {handle!a}; create the user first")
    return [found[handle] for handle in wanted]


def _creator(members: list[User]) -> User:
    """Return who owns the room: the first member who may, so that exactly the members are in it.

    Without members the owner of the workspace, else whoever has been there longest.
    """
    for member in members:
        if not member.is_guest:
            return member
    able = User.objects.filter(is_active=True).exclude(role=User.Role.GUEST).order_by("is_bot", "pk")
    creator = able.filter(role=User.Role.OWNER).first() or able.first()
    if creator is None:
        raise CommandError("there is no account yet; create a user first: manage.py create_user HANDLE")
    return creator
