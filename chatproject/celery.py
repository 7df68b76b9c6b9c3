"""The Celery application and its timetable; started by `celery -A chatproject worker` and `... beat`."""

import os
from functools import cached_property
from typing import Any

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")


class _App(Celery):
    @cached_property
    def Beat(self) -> Any:  # noqa: N802 - Celery's name for it
        # Imported here, because every web process imports this module and none is a scheduler.
        from chatproject.beat import Beat

        return self.subclass_with_self(Beat)


app = _App("chatproject")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
