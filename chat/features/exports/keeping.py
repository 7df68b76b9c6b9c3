"""Where the files are, how long they stay, and what is removed."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from chat import conf
from chat.features.exports.archive import Archive
from chat.models import Export

KEEP = timedelta(days=7)
# Rows of one's own data; those of the workspace are the record of who took it.
_KEEP_ROWS = timedelta(days=30)
# Between the making of a file and the note about it lies less.
_UNKNOWN_FOR_S = 3_600.0
_TIDY_COUNT = 500
_FILE = "{name}.zip"


def path_of(row: Export) -> Path:
    """Return where the file of an export is, or would be."""
    return Path(settings.EXPORT_ROOT) / _FILE.format(name=row.name)


def archive_of(row: Export) -> Archive:
    """Open the file of an export to write it, from where it was safe last."""
    limits = conf.get()
    return Archive(
        path_of(row),
        row.size_bytes if row.place else 0,
        max_bytes=limits.EXPORT_MAX_BYTES,
        free_bytes=limits.EXPORT_FREE_BYTES,
        at=row.created_at,
    )


def tidy(now: datetime | None = None) -> int:
    """Remove files whose time is over or that nobody knows of; return how many."""
    now = now or timezone.now()
    old = Export.objects.filter(state=Export.State.READY, expires_at__lte=now).order_by("expires_at")
    # An account that was erased has nobody who could fetch one, and takes its own data along.
    erased = Export.objects.filter(state=Export.State.READY, user__erasure__isnull=False).order_by("pk")
    count = 0
    for row in [*old[:_TIDY_COUNT], *erased[:_TIDY_COUNT]]:
        if remove(row):
            count += 1
    closed = [Export.State.FAILED, Export.State.CANCELLED, Export.State.GONE]
    over = Q(ended_at__lt=now - _KEEP_ROWS) | Q(user__erasure__isnull=False)
    Export.objects.filter(over, kind=Export.Kind.OWN, state__in=closed).delete()
    return count + _remove_unknown()


def remove(row: Export) -> bool:
    """Take a file that is ready away; False where somebody else has."""
    ready = Export.objects.filter(pk=row.pk, state=Export.State.READY)
    if not ready.update(state=Export.State.GONE, size_bytes=0):
        return False
    discard(row)
    return True


def discard(row: Export) -> None:
    """Delete a file that nobody may have any more; where that fails now, the hourly look does it."""
    with suppress(OSError):
        path_of(row).unlink(missing_ok=True)


def _remove_unknown() -> int:
    """Delete files that no open or ready export has: a worker was killed after a cancel, or a backup put back."""
    old = [path for path in Path(settings.EXPORT_ROOT).glob(_FILE.format(name="*")) if _is_old(path)]
    kept = [Export.State.WAITING, Export.State.RUNNING, Export.State.READY]
    count = 0
    for start in range(0, len(old), _TIDY_COUNT):
        some = {path.stem: path for path in old[start : start + _TIDY_COUNT]}
        rows = Export.objects.filter(name__in=list(some), state__in=kept)
        for name in some.keys() - set(rows.values_list("name", flat=True)):
            with suppress(OSError):
                some[name].unlink(missing_ok=True)
                count += 1
    return count


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _UNKNOWN_FOR_S
    except FileNotFoundError:
        return False
