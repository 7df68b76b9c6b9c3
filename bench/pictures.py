"""Measures pictures: how many a worker makes anew in a second, and the most memory that it takes.

    python -m bench.pictures [--count 40] [--repeats 3] [--folder var/bench/pictures]

Fills an empty SQLite database with messages of one photograph each (12 megapixels, made here), as an upload leaves
them, then starts a Celery worker of one process and counts what gets ready, from the first to the last.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from PIL import Image

from scripts.services import Redis, Worker, environment, manage

_SIZE = (4_000, 3_000)
# What every photograph has and what makes its files large.
_NOISE = 24
_LOOK_S = 0.02
# Well above what a slow machine takes for one.
_STUCK_S = 120.0


def main() -> None:
    """Measure as often as asked and print one line of JSON each time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("var/bench/pictures"))
    asked = parser.parse_args()
    if asked.count < 2:
        parser.error("a rate needs two pictures at least")
    folder = asked.folder.absolute()
    # Of a run before: what it had waiting would be counted.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Redis(folder / "redis") as redis:
        env = environment(folder, REDIS_URL=redis.url, SECRET_KEY=uuid.uuid4().hex * 2)
        manage(["migrate", "-v0"], env)
        os.environ.update(env, DJANGO_SETTINGS_MODULE="chatproject.settings")
        import django

        django.setup()
        for _ in range(asked.repeats):
            print(json.dumps(_measured(folder, env, asked.count)), flush=True)


def _measured(folder: Path, env: dict[str, str], count: int) -> dict[str, Any]:
    from chat.models import Attachment

    sizes = _post(count)
    waiting = Attachment.objects.filter(state=Attachment.State.WAITING)
    makers_kib, first, last, left = 0, 0.0, time.monotonic(), count
    with Worker(folder, env=env, concurrency=1) as worker:
        while left:
            time.sleep(_LOOK_S)
            makers_kib = max(makers_kib, *_peaks_kib(b"chat.pictures"), 0)
            now = time.monotonic()
            if (still := waiting.count()) < left:
                first, last, left = first or now, now, still
            elif now - last > _STUCK_S:
                sys.exit(f"{left} pictures have stopped coming; {worker.log} says more")
        worker_kib = max(_peaks_kib(b"celery"))
    if failed := Attachment.objects.filter(state=Attachment.State.FAILED).count():
        sys.exit(f"{failed} pictures have failed")
    return {
        "pictures": count,
        "megapixels": _SIZE[0] * _SIZE[1] / 1e6,
        "file_mib": round(sum(sizes) / len(sizes) / 2**20, 1),
        # From the first that was ready: how long a worker takes to start is another matter.
        "pictures_per_s": round((count - 1) / (last - first), 2),
        "maker_peak_mib": round(makers_kib / 1024),
        "worker_peak_mib": round(worker_kib / 1024),
    }


def _post(count: int) -> list[int]:
    """Post so many messages with a photograph each, and return the sizes of the files."""
    from django.utils import timezone

    from chat.files import storage
    from chat.models import Attachment, User, Workspace
    from chat.pipeline.run import run
    from chat.protocol.commands import CreateRoom, PostMessage

    Workspace.objects.get_or_create(pk=1)
    user, _ = User.objects.get_or_create(handle="bench-owner", defaults={"role": "owner", "password": "!"})
    # The same again gets the room that was made first.
    room_id = run(user.pk, CreateRoom(name="Bench", client_room_id="bench-room"))["room"]
    came = Path(os.environ["VAR_DIR"]) / "photograph.jpg"
    sizes = []
    for number in range(count):
        body = _photograph(number)
        came.write_bytes(body)
        sizes.append(len(body))
        row = Attachment.objects.create(
            uploader=user, key=storage.new_key(), name=f"{number}.jpg", type="image/jpeg", bytes=len(body),
            state=Attachment.State.WAITING, uploaded_at=timezone.now(),
        )  # fmt: skip
        storage.put(row.key, storage.RAW, came)
        post = PostMessage(room=room_id, client_message_id=uuid.uuid4().hex, body="", attachments=[row.pk])
        run(user.pk, post)
    return sizes


def _photograph(number: int) -> bytes:
    """Return a JPEG with soft shapes and the grain of a sensor, each another one."""
    shapes = Image.effect_noise((16, 12), 120).resize(_SIZE, Image.Resampling.BICUBIC)
    grain = Image.effect_noise(_SIZE, _NOISE)
    light = Image.blend(shapes, grain, 0.5)
    bands = (light, light.point(lambda value: 255 - value), shapes.rotate(180 * (number % 2)))
    written = io.BytesIO()
    Image.merge("RGB", bands).save(written, "JPEG", quality=90)
    return written.getvalue()


def _peaks_kib(word: bytes) -> list[int]:
    """Return the most memory that each process with this word in its command has held so far."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if not process.name.isdigit() or word not in (process / "cmdline").read_bytes():
                continue
            status = (process / "status").read_text()
        except OSError:
            # It has ended meanwhile.
            continue
        found += [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
    return found


if __name__ == "__main__":
    main()
