"""Let messages go that are past their time, or say what would go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from chat.features.retention import forecast, removal, space

_ROOMS_COUNT = 100
_COUNTED = ("messages", "reactions", "previews", "log_rows", "bytes", "files", "file_bytes")


class Command(BaseCommand):
    """`manage.py retention [--dry-run | --compact]`."""

    help = "Remove the messages that are past the time for which their rooms keep them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        way = parser.add_mutually_exclusive_group()
        way.add_argument(
            "--dry-run", action="store_true", help="say for each room what would go; remove nothing"
        )
        way.add_argument("--compact", action="store_true", help="SQLite: give free space back to the disk")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it to the end, however long that takes."""
        if options["dry_run"]:
            self._forecast()
        elif options["compact"]:
            self._compact()
        else:
            removed = removal.sweep(running_s=float("inf"))
            self.stdout.write(f"removed {removed.messages:,} messages, {removed.log_rows:,} rows of logs")

    def _forecast(self) -> None:
        now, after, total = timezone.now(), 0, 0
        while True:
            items, last = forecast.page(now, after, _ROOMS_COUNT)
            for item in items:
                total += 0 if item["is_held"] else item["messages"]
                figures = ", ".join(
                    f"{name} {'?' if item[name] is None else f'{item[name]:,}'}" for name in _COUNTED
                )
                held = " (held)" if item["is_held"] else ""
                self.stdout.write(f"room {item['room']}, {item['days']} days{held}: {figures}")
            if last is None:
                break
            after = last
        self.stdout.write(f"{total:,} messages would go; nothing was removed")

    def _compact(self) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("PostgreSQL does this by itself (autovacuum); see docs/operations.md")
        before, after = space.compact()
        self.stdout.write(f"{before:,} pages before, {after:,} now")
