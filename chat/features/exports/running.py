"""A worker's part: take the export whose turn it is, go on with it for a while, give it back or finish it.

One export is written at a time in an installation, and each for so long only: then the one that has waited longest is
next. What is written is safe at a place that the row knows, and whoever takes it up again goes on there. A process that
has lost its claim can do no more harm: it writes to a file that has no name any more, and its word about the row
is not taken.
"""

from __future__ import annotations

import errno
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from itertools import islice
from typing import Any

import structlog
from django.db import Error, transaction
from django.db.models import F
from django.utils import timezone

from chat import failpoints
from chat.features.exports import files, keeping, own, rights, workspace
from chat.features.exports.archive import Archive, Unfit, Unreadable
from chat.features.exports.paging import File, Line, Page
from chat.files import storage
from chat.models import Export, User, Workspace
from chat.pipeline import due
from chat.protocol import codec

_log = structlog.get_logger(__name__)

# One run goes on for so long at most: others want the worker too, and one that is asked to stop stops.
RUN_S = 8.0
# Or earlier: what is gathered in memory goes to the disk when there is so much of it.
SAVE_S = 4.0
PART_BYTES = 4 * 1024 * 1024
# What has taken its process down so often without getting further is given up.
_TRIES_MAX_COUNT = 5
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_OPEN = (Export.State.WAITING, Export.State.RUNNING)
FORMAT = 1
# A file that takes longer to come out of the storage counts as one that cannot be read.
_FILE_S = 120.0
# So many missing files are named in the manifest; the lines name all.
_NAMED_MAX_COUNT = 1_000

_PLANS = {Export.Kind.OWN: own, Export.Kind.WORKSPACE: workspace}
# Step, percent, rows: heard of at each page.
Report = Callable[[str, int, int], None]


class Outcome(Enum):
    """What became of a run."""

    # Another process has it, another one runs, or it is over.
    NOT_OURS = auto()
    # There is more of it.
    MORE = auto()
    READY = auto()
    FAILED = auto()
    # Cancelled, or taken up by another process.
    LOST = auto()


class _Lost(Exception):
    """The row is no longer ours."""


def _to_nobody(_step: str, _percent: int, _rows_count: int) -> None:
    pass


def next_in_line(now: datetime) -> Export | None:
    """Return the export that has waited longest, if none runs."""
    waiting = Export.objects.filter(state__in=_OPEN)
    if waiting.exclude(due.free(now)).exists():
        return None
    return waiting.order_by("served_at", "pk").first()


@transaction.atomic
def take(pk: int, now: datetime) -> Export | None:
    """Have an export for this process alone for a while; None where it is over or one runs already."""
    # The lock keeps two processes from both seeing that none runs.
    Workspace.objects.select_for_update(no_key=True).filter(pk=1).first()
    open_ = Export.objects.filter(state__in=_OPEN)
    if open_.exclude(due.free(now)).exists():
        return None
    taken = open_.filter(pk=pk).update(
        state=Export.State.RUNNING,
        claim=uuid.uuid4().hex,
        claimed_until=due.claim(now),
        served_at=now,
        tries=F("tries") + 1,
    )
    return Export.objects.select_related("user").get(pk=pk) if taken else None


def work(
    pk: int,
    report: Report = _to_nobody,
    *,
    clock: Callable[[], datetime] = timezone.now,
    running_s: float = RUN_S,
    saving_s: float = SAVE_S,
) -> Outcome:
    """Go on with an export for a while. Bears being run by several at once, and being killed at any point."""
    row = take(pk, clock())
    if row is None:
        return Outcome.NOT_OURS
    run = _Run(row, report, clock, saving_s)
    try:
        if row.tries > _TRIES_MAX_COUNT:
            raise Unfit(Export.Failure.WORKER_LOST)
        return run.go(time.monotonic() + running_s)
    except _Lost:
        return run.lose()
    except Unfit as unfit:
        return run.fail(unfit.failure)
    except Error as error:
        # The database is away: the claim ends by itself, and the file stays for whoever comes next.
        _log.warning("exports.interrupted", export=pk, error=type(error).__name__)
        return Outcome.LOST
    except OSError as error:
        if error.errno not in _FULL:
            _log.exception("exports.failed", export=pk)
        return run.fail(Export.Failure.DISK_FULL if error.errno in _FULL else Export.Failure.FAULT)
    except Exception:
        # It would come to the same each time.
        _log.exception("exports.failed", export=pk)
        return run.fail(Export.Failure.FAULT)
    finally:
        run.close()


class _Run:
    """One process at one export."""

    def __init__(self, row: Export, report: Report, clock: Callable[[], datetime], saving_s: float) -> None:
        self._row, self._report, self._clock, self._saving_s = row, report, clock, saving_s
        self._plan = _PLANS[Export.Kind(row.kind)]
        self._archive: Archive | None = None
        self._files: dict[str, dict[str, int]] = {}
        # By kind: lines that are encoded already, as one piece. Many small ones would take several times the room.
        self._gathered: dict[str, bytearray] = defaultdict(bytearray)
        self._rows_count = 0

    def go(self, ends_at: float) -> Outcome:
        """Write page after page until the end, or until the time is up."""
        row = self._row
        archive = self._archive = keeping.archive_of(row)
        place: dict[str, Any] | None = None
        if row.place and archive.size_bytes == row.size_bytes:
            place, self._files = row.place["plan"], row.place["files"]
            self._rows_count = row.rows_count
        if place is None:
            place = self._plan.begin(row)
        saved_at = time.monotonic()
        while True:
            self._check()
            page = self._plan.page(row, place)
            if failpoints.is_on:
                failpoints.reach("export.page")
            self._gather(page.lines)
            for file in page.files:
                self._add_file(archive, file)
            self._report(page.step, page.percent, self._rows_count)
            if page.place is None:
                return self._finish(archive)
            place, now = page.place, time.monotonic()
            is_over = now >= ends_at
            is_much = sum(map(len, self._gathered.values())) >= PART_BYTES
            if is_over or is_much or now - saved_at >= self._saving_s:
                self._save(archive, page, gives_back=is_over)
                saved_at = time.monotonic()
            if is_over:
                return Outcome.MORE

    def lose(self) -> Outcome:
        """Leave the export to whoever has it now, or has finished it; nobody has the file of a cancelled one."""
        taken = Export.objects.filter(pk=self._row.pk, state__in=[*_OPEN, Export.State.READY])
        if self._archive is not None and not taken.exists():
            self._archive.remove()
        return Outcome.LOST

    def fail(self, failure: Export.Failure) -> Outcome:
        """Give it up with a reason, and remove what was written."""
        if not self._end(Export.State.FAILED, failure=failure, size_bytes=0):
            return self.lose()
        if self._archive is not None:
            self._archive.close()
        keeping.discard(self._row)
        _log.warning("exports.given_up", export=self._row.pk, failure=failure.value)
        return Outcome.FAILED

    def close(self) -> None:
        """Let go of the file."""
        if self._archive is not None:
            self._archive.close()

    def _check(self) -> None:
        """Raise unless this export is ours still, and its person may still have it."""
        facts = Export.objects.filter(pk=self._row.pk).values_list(
            "state", "claim", "user__is_active", "user__role"
        )
        found = facts.first()
        if found is None or found[:2] != (Export.State.RUNNING, self._row.claim):
            raise _Lost
        _, _, is_active, role = found
        if not rights.may_have(self._row, is_active=is_active, role=User.Role(role)):
            raise Unfit(Export.Failure.FORBIDDEN)

    def _gather(self, lines_by_kind: Mapping[str, Sequence[Line]]) -> None:
        for kind, lines in lines_by_kind.items():
            if not lines:
                continue
            file, gathered = self._files.setdefault(kind, {"parts": 0, "rows": 0}), self._gathered[kind]
            for line in lines:
                gathered += codec.encode_object(line)
                gathered += b"\n"
            file["rows"] += len(lines)
            self._rows_count += len(lines)

    def _add_file(self, archive: Archive, file: File) -> None:
        """Copy a file in pieces, or note that it is missing; either way it has its line."""
        name, why = file.line["file"], "not_ready"
        if name is not None:
            try:
                self._copy(archive, file)
            except (FileNotFoundError, Unreadable) as error:
                why = "not_found" if isinstance(error, FileNotFoundError) else "unreadable"
                _log.warning("exports.file_left_out", attachment=file.line["id"], why=why)
                name = None
        found: dict[str, list[Line]] = {files.KIND: [{**file.line, "file": name}]}
        if name is None:
            facts = ("id", "message_id", "name", "bytes")
            found[files.MISSING] = [{**{fact: file.line[fact] for fact in facts}, "why": why}]
        self._gather(found)

    def _copy(self, archive: Archive, file: File) -> None:
        opened, size_bytes = self._opened(file)
        looked_at = began_at = time.monotonic()

        def between(_bytes: int) -> None:
            nonlocal looked_at
            now = time.monotonic()
            if now - looked_at >= self._saving_s:
                # A file may take longer than a claim lasts.
                looked_at = now
                self._check()
                self._update(claimed_until=due.claim(self._clock()))
            if now - began_at >= _FILE_S:
                raise Unreadable

        with opened:
            archive.add_file(file.line["file"], opened, size_bytes, between)

    def _opened(self, file: File) -> tuple[Any, int]:
        """Open a file of the storage. Raises FileNotFoundError, Unreadable."""
        try:
            return storage.open_file(file.key, file.rendition)
        except FileNotFoundError:
            raise
        except Exception as error:
            # Each storage has errors of its own.
            raise Unreadable from error

    def _write(self, archive: Archive) -> None:
        """Make a member of each kind of lines that were gathered."""
        for kind, gathered in self._gathered.items():
            if gathered:
                self._files[kind]["parts"] += 1
                archive.add(f"{kind}-{self._files[kind]['parts']:06d}.jsonl", gathered)
        self._gathered.clear()

    def _save(self, archive: Archive, page: Page, *, gives_back: bool) -> None:
        """Bring everything so far to the disk, and note from where to go on."""
        self._write(archive)
        size_bytes, now = archive.secure(), self._clock()
        self._update(
            place={"plan": page.place, "files": self._files},
            size_bytes=size_bytes,
            rows_count=self._rows_count,
            step=page.step,
            percent=page.percent,
            tries=0,
            claimed_until=None if gives_back else due.claim(now),
        )

    def _finish(self, archive: Archive) -> Outcome:
        self._write(archive)
        manifest = self._manifest(archive)
        archive.add("manifest.json", codec.encode_object(manifest))
        size_bytes = archive.finish()
        facts = {"size_bytes": size_bytes, "rows_count": self._rows_count, "percent": 100}
        if not self._end(Export.State.READY, **facts):
            raise _Lost
        _log.info("exports.ready", export=self._row.pk, rows=self._rows_count, size_bytes=size_bytes)
        return Outcome.READY

    def _manifest(self, archive: Archive) -> dict[str, Any]:
        row = self._row
        names = ["name", "epoch"]
        if row.kind == Export.Kind.WORKSPACE:
            names += ["retention_days", "held_at", "held_by_id"]
        place = Workspace.objects.filter(pk=1).values(*names).first()
        found: dict[str, Any] = {
            "format": "maru-export",
            "version": FORMAT,
            "kind": row.kind,
            "workspace": place,
            "asked_by": {"id": row.user_id, "handle": row.user.handle},
            "asked_at": row.created_at,
            "made_at": self._clock(),
            "files": self._files,
            # Of files that could not be read; all of them are among the lines.
            "missing": list(islice(archive.lines(files.MISSING), _NAMED_MAX_COUNT)),
        }
        if row.kind == Export.Kind.WORKSPACE:
            found["has_directs"] = row.has_directs
            # Up to which seq each room is in the file.
            found["rooms"] = {str(line["id"]): line["last_seq"] for line in archive.lines("rooms")}
        return found

    def _end(self, state: Export.State, **facts: Any) -> bool:
        """Close the row; False where it is no longer ours."""
        now = self._clock()
        facts |= {"state": state, "ended_at": now, "claimed_until": None, "claim": "", "place": {}}
        if state is Export.State.READY:
            facts["expires_at"] = now + keeping.KEEP
        return bool(self._ours().update(**facts))

    def _update(self, **facts: Any) -> None:
        if not self._ours().update(**facts):
            raise _Lost

    def _ours(self) -> Any:
        return Export.objects.filter(pk=self._row.pk, state=Export.State.RUNNING, claim=self._row.claim)
