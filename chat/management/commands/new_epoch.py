"""Begin a new incarnation of the change logs, after a restore from a backup."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from chat.models import Message, Room, Workspace
from chat.models.workspace import new_epoch

# More than can have been written since any backup: what a client holds back for a lost message or room must not
# meet another one of the same number.
_SKIPPED_COUNT = 1_000_000_000


class Command(BaseCommand):
    """`manage.py new_epoch`.

    A restored log ends earlier than clients remember, and gives numbers they know to other changes. With another
    epoch their cursors do not fit, and they read everything anew.
    """

    help = "Begin a new incarnation of the change logs, as deploy/restore does after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the epoch and print it."""
        epoch = new_epoch()
        with transaction.atomic():
            Workspace.objects.filter(pk=1).update(epoch=epoch)
            for model in (Message, Room):
                _skip_numbers(model._meta.db_table)
        self.stdout.write(epoch)


def _skip_numbers(table: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, nextval({sequence}) + {_SKIPPED_COUNT})")
        else:
            # Without a row there was never a number that anybody could hold.
            cursor.execute(
                "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", [_SKIPPED_COUNT, table]
            )
