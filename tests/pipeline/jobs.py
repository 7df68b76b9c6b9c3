"""A real Redis of the workers, and an application that uses it, for the length of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import Celery
from celery._state import get_current_app as default_app

from chatproject import parts
from scripts.services import Redis


@contextmanager
def jobs_redis(folder: Path) -> Iterator[Redis]:
    """Start one and make an application with it the current one; a test may stop it and start it again."""
    before = default_app()
    with Redis(folder) as redis:
        app = Celery(
            broker=parts.celery_redis(redis.url, database_offset=1),
            backend=parts.celery_redis(redis.url, database_offset=2),
        )
        app.conf.redis_socket_timeout = app.conf.redis_socket_connect_timeout = 2.0
        # The default is what other threads see.
        app.set_current()
        app.set_default()
        try:
            yield redis
        finally:
            before.set_current()
            before.set_default()
            app.close()
