"""What a failure says about the database, and how to let go of a connection that leads nowhere."""

from __future__ import annotations

import socket
import sqlite3
import time
from contextlib import suppress
from typing import Any

import structlog
from django.db import InterfaceError, InternalError, OperationalError, connection
from psycopg_pool import PoolTimeout

_log = structlog.get_logger(__name__)

# The database could not do it for anybody: another moment, another connection. A demoted primary is an
# InternalError (it takes no writes).
PASSING = (OperationalError, InterfaceError, InternalError)
# Somebody else holds the lock: that is about two who write, not about the database.
_CONTENTION = ("40001", "40P01", "55P03")
_SQLITE_CONTENTION = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_READ_ONLY = "25006"
_DRAIN_EVERY_S = 1.0

_drained_at = 0.0


def is_away(error: BaseException) -> bool:
    """Tell whether a failure is one of the database, whoever asks: lost, full, read-only, late."""
    if not isinstance(error, PASSING):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF not in _SQLITE_CONTENTION
    return getattr(cause, "sqlstate", None) not in _CONTENTION


def has_no_connection(error: BaseException) -> bool:
    """Tell whether it failed at connecting; another try at once would wait as long for the same."""
    return isinstance(error.__cause__, PoolTimeout)


def let_go(error: BaseException) -> None:
    """Part from this thread's connection if the failure was its own, so that the next try gets another one.

    What waits in the pool comes from the same server: it goes too, else each of them would fail one unit.
    """
    global _drained_at  # all threads share the pool
    is_read_only = getattr(error.__cause__, "sqlstate", None) == _READ_ONLY
    if connection.connection is None or (not is_read_only and connection.is_usable()):
        return
    if connection.vendor == "postgresql":
        # Closed first: what is only given back would be given out again.
        with suppress(Exception):
            connection.connection.close()
        pool = getattr(connection, "pool", None)
        if pool is not None and time.monotonic() - _drained_at > _DRAIN_EVERY_S:
            _drained_at = time.monotonic()
            with suppress(Exception):
                pool.drain()
    connection.close()


def cut(link: Any) -> None:
    """Shut the socket of another thread's connection: its wait ends with a lost connection. PostgreSQL only.

    Nothing of the connection is touched but the descriptor; the thread itself closes it.
    """
    if link.vendor != "postgresql":
        return
    with suppress(Exception):
        raw = link.connection
        with socket.socket(fileno=socket.dup(raw.pgconn.socket)) as twin:
            twin.shutdown(socket.SHUT_RDWR)
        _log.warning("database.cut")


def durability() -> dict[str, str]:
    """Return what the database promises of a COMMIT: `state` is ok, weak or off, the last two with a `why`.

    off: what was acknowledged may be gone after a crash of the database alone.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("PRAGMA synchronous")
            level = cursor.fetchone()[0]
            if level >= 2:  # FULL or EXTRA
                return {"state": "ok"}
            return {"state": "weak", "why": "PRAGMA synchronous is below FULL: a power cut loses messages"}
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        commit, fsync = cursor.fetchone()
    if commit == "off":
        return {"state": "off", "why": "synchronous_commit is off: a crash of the database loses messages"}
    if fsync == "off":
        return {"state": "weak", "why": "fsync is off: a power cut may destroy the database"}
    return {"state": "ok"}
