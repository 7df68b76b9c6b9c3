"""Erase an account for good."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from chat.features.erasure import beginning, remains
from chat.models import User
from chat.models.users import normalize_handle
from chat.protocol.errors import Refused


class Command(BaseCommand):
    """`manage.py erase_user HANDLE --messages keep|remove --yes`."""

    help = "Erase an account; what was said stays under nobody's name, or is emptied. There is no way back."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("handle")
        parser.add_argument("--messages", required=True, choices=["keep", "remove"])
        parser.add_argument("--yes", action="store_true", help="really")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Erase, to the end."""
        user = User.objects.filter(handle=normalize_handle(options["handle"])).first()
        if user is None:
            raise CommandError(f"there is no account {options['handle']!a}")
        if not options["yes"]:
            raise CommandError(f"this erases {user.handle} (id {user.pk}) for good; say --yes")
        try:
            removes = options["messages"] == "remove"
            beginning.erase(user.pk, None, removes_messages=removes, now=timezone.now())
            remains.remove(user.pk, running_s=float("inf"))
        except Refused as refused:
            raise CommandError(refused.detail) from None
        self.stdout.write(f"erased the account with id {user.pk}")
