"""Take the second factors of somebody who has lost them away: `manage.py reset_factors HANDLE`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.features.sign_ins import factors
from chat.models import User
from chat.models.users import normalize_handle


class Command(BaseCommand):
    """`manage.py reset_factors HANDLE`."""

    help = "Take the second factors of an account away and end its sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the handle."""
        parser.add_argument("handle")

    def handle(self, *args: Any, handle: str, **options: Any) -> None:
        """Reset and say how many there were."""
        user = User.objects.filter(handle=normalize_handle(handle)).first()
        if user is None:
            raise CommandError(f"there is nobody with the handle {handle!r}")
        count = factors.reset(user.pk)
        self.stdout.write(f"{user.handle}: {count} second factors taken away, all sessions ended")
