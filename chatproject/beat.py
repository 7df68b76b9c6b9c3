"""The scheduler process of Celery, stopped without a traceback at any moment of its start."""

from __future__ import annotations

from typing import Any

from celery.apps.beat import Beat as StockBeat


class Beat(StockBeat):
    """`celery -A chatproject beat`."""

    def install_sync_handler(self, service: Any) -> None:
        """Take SIGTERM and SIGINT over, once there is a schedule to save.

        The stock handler makes the scheduler when there is none yet, also in the middle of the imports that
        its making needs, and fails there.
        """
        service.scheduler  # noqa: B018 - made by being looked at
        super().install_sync_handler(service)
