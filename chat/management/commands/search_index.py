"""Write into the search index what is not in it yet, or all of it anew."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chat.features.search import indexing

_TOLD_EVERY_S = 10.0


class Command(BaseCommand):
    """`manage.py search_index [--anew]`: ends when everything is indexed; may be broken off and run beside workers."""

    help = "Index what was said for the search; workers do this by themselves."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--anew", action="store_true", help="forget the whole index first")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Index, and say every ten seconds what is left."""
        if options["anew"]:
            indexing.begin_anew()
        began, count = time.monotonic(), 0
        while left := indexing.behind_count():
            self.stdout.write(f"{left:,} changes left")
            done = indexing.go_on(running_s=_TOLD_EVERY_S)
            count += done
            if not done:
                # Another one is at all that is left.
                break
        self.stdout.write(f"{count:,} changes indexed in {time.monotonic() - began:.0f} s")
