"""Read an export of a workspace into an empty one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.features.exports import importing, incoming
from chat.protocol import codec


class Command(BaseCommand):
    """`manage.py import_workspace FILE`; prints one line of JSON: how many rows of each kind."""

    help = "Read an export of a workspace into an empty one; all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the file."""
        parser.add_argument("file", type=Path, help="the ZIP that somebody has downloaded")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read it in."""
        try:
            counts = importing.load(options["file"])
        except incoming.Unfit as unfit:
            raise CommandError(str(unfit)) from None
        self.stdout.write(codec.encode_object(counts).decode())
        self.stderr.write("Nobody has a password yet: manage.py changepassword HANDLE gives one.")
