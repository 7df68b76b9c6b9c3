"""Tasks of search."""

from __future__ import annotations

from celery import shared_task

from chat.features.search import indexing


@shared_task(name=indexing.INDEX)
def index() -> int:
    """Index what has been said since the last time."""
    return indexing.go_on()
