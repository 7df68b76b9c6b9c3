"""The scheduler process of Celery, stopped without a traceback at any moment of its start, and not by a clock."""

from __future__ import annotations

from typing import Any

from celery.apps.beat import Beat as StockBeat
from celery.beat import PersistentScheduler
from celery.utils.time import maybe_make_aware

from chat.pipeline import signs

# Between two readings of one clock; nothing waits for so short a time.
_JITTER_S = 1.0


class Beat(StockBeat):
    """`celery -A chatproject beat`."""

    def install_sync_handler(self, service: Any) -> None:
        """Take SIGTERM and SIGINT over, once there is a schedule to save.

        The stock handler makes the scheduler when there is none yet, also in the middle of the imports that
        its making needs, and fails there.
        """
        service.scheduler  # noqa: B018 - made by being looked at
        super().install_sync_handler(service)


class Scheduler(PersistentScheduler):
    """The timetable; after the clock was set back it goes on from the time of now.

    The stock one waits until the clock has come again to where it was: for an hour that was too much nothing
    would be swept and nothing sent.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._sign = signs.beat()
        super().__init__(*args, **options)

    def tick(self, *args: Any, **options: Any) -> float:
        """Run what is due and return in how many seconds to come again."""
        self._sign.give()
        now = self.app.now()
        ahead = [
            entry
            for entry in self.schedule.values()
            if entry.last_run_at is not None
            and (maybe_make_aware(entry.last_run_at) - now).total_seconds() > _JITTER_S
        ]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            # Made anew: in it stand times of the clock before.
            self._heap = None
        return float(super().tick(*args, **options))
