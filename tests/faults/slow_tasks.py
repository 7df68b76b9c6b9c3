"""Follow-up work that takes time or fails, for the workers of a fault test: `celery ... --include` this module."""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import shared_task

_FOLDER = "FAULTS_FOLDER"


@shared_task(name="tests.faults.work")
def work(name: str, takes_s: float) -> None:
    """Write down that it has begun, and that it is done."""
    _note("begun", name)
    time.sleep(takes_s)
    _note("done", name)


@shared_task(name="tests.faults.fail")
def fail(name: str) -> None:
    """Fail each time. Raises ValueError."""
    _note("begun", name)
    raise ValueError(f"{name} cannot be done")


def _note(what: str, name: str) -> None:
    with (Path(os.environ[_FOLDER]) / f"work-{what}").open("a", encoding="utf-8") as notes:
        notes.write(f"{name}\n")
