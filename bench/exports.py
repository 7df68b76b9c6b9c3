"""Measures an export of the whole workspace: rows a second, and the most memory that it takes.

    python -m bench.exports [--messages 1000000] [--folder var/bench/exports]

Fills an empty SQLite database (DATABASE_URL names another, empty one), then writes the export in a process of its own
for a tenth of the messages and for all of them: the peak memory of both is the same, or it is not bounded.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_ROOMS_COUNT = 10
_BATCH = 5_000
_BODY = "a message of quite an ordinary length that somebody wrote some time ago, number {number}"


def main() -> None:
    """Fill, measure twice, print one line of JSON each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("var/bench/exports"))
    parser.add_argument("step", nargs="?", choices=["fill", "take"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        _set_up(asked.folder)
        {"fill": _fill, "take": _take}[asked.step](asked.messages)
        return
    asked.folder.mkdir(parents=True, exist_ok=True)
    own = [sys.executable, "-m", "bench.exports", "--folder", str(asked.folder)]
    for count in (asked.messages // 10, asked.messages):
        for step in ("fill", "take"):
            subprocess.run([*own, "--messages", str(count), step], check=True)


def _set_up(folder: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    os.environ["VAR_DIR"] = str(folder.absolute())
    import django

    django.setup()


def _fill(count: int) -> None:
    """Make so many messages in all; those that are there stay."""
    from django.core.management import call_command
    from django.db.models import Max
    from django.utils import timezone

    from chat.models import Change, Message, Room, User, Workspace

    call_command("migrate", verbosity=0)
    Workspace.objects.get_or_create(pk=1)
    owner, _ = User.objects.get_or_create(handle="bench-owner", defaults={"role": "owner", "password": "!"})
    rooms = [
        Room.objects.get_or_create(slug=f"bench-{number}", defaults={"kind": "closed"})[0]
        for number in range(_ROOMS_COUNT)
    ]
    for room in rooms:
        first = (room.messages.aggregate(last=Max("seq"))["last"] or 0) + 1
        for start in range(first, count // _ROOMS_COUNT + 1, _BATCH):
            now = timezone.now()
            messages = [
                Message(room=room, seq=seq, msg_no=seq, sender=owner, body=_BODY.format(number=seq), at=now)
                for seq in range(start, min(start + _BATCH, count // _ROOMS_COUNT + 1))
            ]
            Message.objects.bulk_create(messages)
            Change.objects.bulk_create(
                Change(room=room, seq=one.seq, kind="message.posted", at=now, actor=owner, message=one)
                for one in messages
            )
        last = count // _ROOMS_COUNT
        Room.objects.filter(pk=room.pk).update(last_seq=last, last_msg_no=last)


def _take(count: int) -> None:
    """Write an export from beginning to end as a worker does, and print what it took."""
    from chat.features.exports import keeping, running
    from chat.features.exports.running import Outcome
    from chat.models import Export, User

    row = Export.objects.create(user=User.objects.get(handle="bench-owner"), kind=Export.Kind.WORKSPACE)
    before_mib = _peak_mib()
    began, cpu_s = time.perf_counter(), time.process_time()
    while (outcome := running.work(row.pk)) is Outcome.MORE:
        pass
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
    row.refresh_from_db()
    if outcome is not Outcome.READY:
        sys.exit(f"the export has ended as {outcome.name}: {row.failure}")
    found: dict[str, Any] = {
        "messages": count,
        "rows": row.rows_count,
        "seconds": round(took_s, 1),
        "rows_per_s": round(row.rows_count / took_s),
        "cpu_us_per_row": round(cpu_s * 1e6 / row.rows_count, 1),
        "file_mib": round(row.size_bytes / 2**20, 1),
        "peak_mib": round(_peak_mib(), 1),
        "peak_mib_before": round(before_mib, 1),
    }
    print(json.dumps(found))
    keeping.remove(row)
    row.delete()


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
