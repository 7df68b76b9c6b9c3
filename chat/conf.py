"""Limits and intervals of this installation, read once from settings; units stand in the names."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Conf:
    """What an operator may turn; the meaning of each stands beside it in settings and docs/operations.md."""

    GROUP_COMMIT_MS: float
    GROUP_COMMIT_MAX_COUNT: int
    DB_THREADS: int
    HUB_SHARD_COUNT: int
    FRAMES_PER_S: float
    FRAMES_BURST: int
    SENDS_PER_S: float
    SENDS_BURST: int
    SEARCHES_PER_S: float
    SEARCHES_BURST: int
    CONNECTIONS_PER_USER: int
    CONNECTIONS_PER_SESSION: int
    GUESTS_PER_NETWORK_PER_H: int
    GUESTS_MAX_COUNT: int
    CONNECTIONS_PER_IP: int
    HANDSHAKES_PER_S: float
    HANDSHAKES_BURST: int
    HANDSHAKES_PER_S_PER_IP: float
    HANDSHAKES_BURST_PER_IP: int
    RECHECK_S: float
    RESUME_WITHIN_S: float
    MAX_AGE_S: float
    HEARTBEAT_S: float
    SEND_QUEUE_BYTES: int
    SLOW_READER_S: float
    DRAIN_S: float
    RESUME_MAX_CHANGES: int
    ALLOWED_ORIGINS: tuple[str, ...]
    TRUST_PROXY: bool
    LINK_PREVIEWS: bool
    CALLS_EVERYBODY_MAX_MEMBERS: int
    EXPORT_MAX_BYTES: int
    EXPORT_FREE_BYTES: int
    UPLOAD_MAX_BYTES: int
    FILES_PER_USER_BYTES: int
    FILES_TOTAL_BYTES: int


@cache
def get() -> Conf:
    """Return the limits of this process."""
    values = {field.name: getattr(settings, field.name) for field in fields(Conf)}
    values["ALLOWED_ORIGINS"] = tuple(values["ALLOWED_ORIGINS"])
    return Conf(**values)
