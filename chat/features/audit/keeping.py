"""Let go what the record has kept long enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.utils import timezone

from chat.models import AuditEntry, Workspace

_log = structlog.get_logger(__name__)

TIDY = "chat.audit.tidy"
_RUN_S = 60.0
ROWS_MAX_COUNT = 1_000


def tidy(clock: Callable[[], datetime] = timezone.now, running_s: float = _RUN_S) -> int:
    """Remove the entries that are older than the workspace keeps them, some at a time; return how many went.

    A legal hold of the workspace stops it, as it stops messages from going.
    """
    count, ends_at = 0, time.monotonic() + running_s
    while time.monotonic() < ends_at:
        workspace = Workspace.objects.get(pk=1)
        if workspace.audit_days is None or workspace.held_at is not None:
            break
        old = AuditEntry.objects.filter(at__lt=clock() - timedelta(days=workspace.audit_days))
        pks = list(old.order_by("at").values_list("pk", flat=True)[:ROWS_MAX_COUNT])
        count += AuditEntry.objects.filter(pk__in=pks).delete()[0]
        if len(pks) < ROWS_MAX_COUNT:
            break
    if count:
        _log.info("audit.tidied", count=count)
    return count
