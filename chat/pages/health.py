"""Health for machines: does the loop turn, does this process take work, how is each part, the figures."""

from __future__ import annotations

import asyncio
import ipaddress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chat import database, database_link
from chat import metrics as prometheus
from chat.features.counts import checking
from chat.features.search import indexing
from chat.pages.watch import Watch
from chat.pipeline import backlog, figures, queues, runtime, signs
from chat.queries import counts

_DATABASE_S = 1.0
_WORKERS_S = 2.0
# One trip to Redis in so many seconds, however often we are asked.
_WORKERS_KEPT_S = 2.0
_DATABASE_KEPT_S = 0.5
# The sweep comes every 30 seconds, so what is due for longer is not being done.
_BACKLOG_LATE_S = 300
_INTERNAL = [
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
        "::1/128", "fc00::/7", "fe80::/10",
    )
]  # fmt: skip


@never_cache
@require_safe
async def livez(_request: HttpRequest) -> HttpResponse:
    """Answer: the event loop turns."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
async def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while this process takes new work, 503 while it drains. Asks nobody else."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    server = (scope.get("extensions") or {}).get("maru.server")
    process = scope.get("runtime")
    is_draining = bool(server is not None and server.state.draining)
    # A stock server says nothing about its end; the committer knows when it has been told.
    if process is not None and process.is_started:
        is_draining = is_draining or process.committer.is_draining
    word = "draining" if is_draining else "ready"
    return HttpResponse(f"{word}\n", status=503 if is_draining else 200, content_type="text/plain")


@never_cache
@require_safe
async def healthz(request: HttpRequest) -> JsonResponse:
    """Answer the state of each part, always with 200: a part that is down must not take the process out."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    stored, workers = await asyncio.gather(_database.state(), _workers.state())
    # The database is asked anew here, whatever the process knows of it.
    degraded = [part for part in runtime.of(scope).degraded() if part != "db"] if "runtime" in scope else []
    parts: dict[str, Any] = {
        "database": stored["state"],
        "redis": _redis(degraded),
        "workers": workers["state"],
        # Redis that does not answer hides the clock like the workers.
        "beat": workers.get("beat", "down"),
    }
    if workers.get("unattended"):
        parts["unattended"] = workers["unattended"]
    parts |= {name: stored[name] for name in ("durability", "outbox", "later") if name in stored}
    if derived := stored.get("derived"):
        parts["derived"] = derived
        degraded += ["derived"] if any(derived["wrong"].values()) else []
    if stored["state"] != "ok":
        degraded.append("database")
    degraded += [part for part in ("workers", "beat") if parts[part] in ("down", "partly")]
    for part in ("outbox", "later"):
        is_late = any(line["oldest_s"] > _BACKLOG_LATE_S for line in stored.get(part, {}).values())
        if settings.HAS_WORKERS and is_late:
            degraded.append(part)
    return JsonResponse({"status": "degraded" if degraded else "ok", "degraded": degraded, "parts": parts})


@require_safe
async def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the figures of this process and of all workers, to peers of internal networks alone."""
    if not _is_internal(request.META.get("REMOTE_ADDR", "")):
        raise Http404
    stored, workers, counted = await asyncio.gather(_database.state(), _workers.state(), _figures.state())
    heard = workers.get("heard", signs.NOBODY)
    for name in queues.QUEUES:
        prometheus.WORKERS_HEARD.labels(name).set(heard.by_queue.get(name, 0))
    prometheus.BEATS_HEARD.set(heard.beats_count)
    for name, line in stored.get("later", {}).items():
        prometheus.LATER_DUE.labels(name).set(line["due"])
        prometheus.LATER_OLDEST_S.labels(name).set(line["oldest_s"])
    if derived := stored.get("derived"):
        prometheus.DERIVED_AGE_S.set(derived["age_s"])
        for kind, number in derived["wrong"].items():
            prometheus.DERIVED_WRONG.labels(kind).set(number)
    prometheus.SEARCH_BEHIND.set(stored.get("search", 0))
    for name, queue in stored.get("outbox", {}).items():
        prometheus.OUTBOX_DUE.labels(name).set(queue["due"])
        prometheus.OUTBOX_OLDEST_S.labels(name).set(queue["oldest_s"])
        prometheus.OUTBOX_PARKED.labels(name).set(queue["parked"])
    # Reads files below /proc, so it stays off the loop.
    text = await asyncio.to_thread(generate_latest)
    # Of Redis that is away nothing is said: zeros would look as if everything began anew.
    if "sum" in counted:
        text += generate_latest(counted["sum"])
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _is_internal(address: str) -> bool:
    if not address:
        return True  # a unix socket: whoever can open it is on this machine
    try:
        peer = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(peer in network for network in _INTERNAL)


def _redis(degraded: list[str]) -> str:
    if not settings.REDIS_URL:
        return "off"
    return "down" if "redis" in degraded else "ok"


def _ask_database() -> dict[str, Any]:
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {
        "state": "ok",
        "durability": database_link.durability()["state"],
        "outbox": backlog.outbox(now),
        "later": backlog.later(now),
        "derived": _derived(now),
        "search": indexing.behind_count(),
    }


def _derived(now: datetime) -> dict[str, Any] | None:
    """Return what the last look at derived numbers has found, by kind; None before the first has ended."""
    last = checking.last()
    if last is None or last.finished_at is None:
        return None
    age: timedelta = now - last.finished_at
    return {
        "age_s": int(age.total_seconds()),
        "wrong": {kind: last.wrong.get(kind, 0) for kind in counts.KINDS},
    }


def _ask_workers() -> dict[str, Any]:
    found = signs.heard()
    unattended = [name for name in queues.QUEUES if not found.by_queue.get(name)]
    return {
        "state": "down" if not found.workers_count else "partly" if unattended else "ok",
        "beat": "ok" if found.beats_count else "down",
        "unattended": unattended,
        "heard": found,
    }


def _ask_figures() -> dict[str, Any]:
    return {"state": "ok", "sum": figures.Sum(figures.stored())}


async def _database_state() -> dict[str, Any]:
    return await database.run(_ask_database)


async def _workers_state() -> dict[str, Any]:
    if not settings.HAS_WORKERS:
        return {"state": "off", "beat": "off"}
    return await asyncio.to_thread(_ask_workers)


async def _figures_state() -> dict[str, Any]:
    if not settings.HAS_WORKERS:
        return {"state": "off"}
    return await asyncio.to_thread(_ask_figures)


_database = Watch("database", _database_state, timeout_s=_DATABASE_S, kept_s=_DATABASE_KEPT_S)
_workers = Watch("workers", _workers_state, timeout_s=_WORKERS_S, kept_s=_WORKERS_KEPT_S)
_figures = Watch("figures", _figures_state, timeout_s=_WORKERS_S, kept_s=_WORKERS_KEPT_S)
