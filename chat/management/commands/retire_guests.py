"""Put away the accounts of visitors without sign-in who do not come any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chat.pipeline import guests


class Command(BaseCommand):
    """`manage.py retire_guests [--idle-days 7]`."""

    help = "Disable the accounts of guests who were not seen for some days; what they said stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--idle-days", type=float, default=7.0, help="not seen for so long (default 7)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Put away and say how many."""
        count = guests.retire(timedelta(days=max(0.0, options["idle_days"])))
        self.stdout.write(f"retired {count:,} guests")
