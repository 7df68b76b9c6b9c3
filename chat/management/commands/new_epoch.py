"""Begin a new incarnation of the change logs, after a restore from a backup."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chat.models import Workspace
from chat.models.workspace import new_epoch


class Command(BaseCommand):
    """`manage.py new_epoch`.

    A restored log ends earlier than clients remember, and gives numbers they know to other changes. With another
    epoch their cursors do not fit, and they read everything anew.
    """

    help = "Begin a new incarnation of the change logs, as deploy/restore does after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the epoch and print it."""
        epoch = new_epoch()
        Workspace.objects.filter(pk=1).update(epoch=epoch)
        self.stdout.write(epoch)
