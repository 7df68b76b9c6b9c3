"""Compare what is derived from rows with the rows, and put it right if asked to."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.models import Room
from chat.pipeline import recount
from chat.queries import counts


class Command(BaseCommand):
    """`manage.py check_counts [--room ID] [--repair]`; ends with 1 when something is wrong and stays so."""

    help = "Compare last_seq, last_msg_no, logs, read markers, mentions and threads with the rows."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", type=int, help="only this room, by id")
        parser.add_argument("--repair", action="store_true", help="put right what is wrong, room by room")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Look at every room, print a line for each that is wrong, and a sum."""
        rooms = Room.objects.order_by("pk").values_list("pk", flat=True)
        if options["room"] is not None:
            rooms = rooms.filter(pk=options["room"])
            if not rooms:
                raise CommandError(f"there is no room {options['room']}")
        count, total = 0, Counter[str]()
        for room_id in list(rooms):
            count += 1
            found = counts.wrong(room_id) and recount.confirmed(room_id)
            if not found:
                continue
            total += found
            if options["repair"]:
                recount.repair(room_id)
                found_again = recount.confirmed(room_id)
                said = f"repaired, {_said(found_again)} left" if found_again else "repaired"
                total -= found - found_again
            else:
                said = "wrong"
            self.stdout.write(f"room {room_id}: {_said(found)}: {said}")
        self.stdout.write(f"{count:,} rooms, {sum(total.values()):,} rows wrong")
        if total:
            raise CommandError(_said(total))


def _said(found: Counter[str]) -> str:
    return ", ".join(f"{kind} {number:,}" for kind, number in sorted(found.items()))
