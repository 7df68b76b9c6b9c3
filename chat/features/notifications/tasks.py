"""Tasks of notifications."""

from __future__ import annotations

from celery import shared_task

from chat.features.notifications import ledger, sweeps, trial
from chat.features.notifications.push import sweep as pushing
from chat.features.notifications.push import trial as push_trial


@shared_task(name=ledger.NOTE)
def note(room: int, seq: int) -> None:
    """Note whom a message could tell."""
    ledger.note(room, seq)


@shared_task(name=trial.TASK)
def send_test(user: int) -> None:
    """Send somebody the test mail that was asked for."""
    if trial.is_asked_for(user):
        sweeps.write(trial.KIND, user)


@shared_task(name="chat.notifications.sweep")
def sweep() -> int:
    """Write to everybody for whom it is time."""
    return sweeps.sweep()


@shared_task(name="chat.notifications.forget")
def forget() -> int:
    """Remove what is older than 30 days."""
    return ledger.forget()


@shared_task(name=pushing.SWEEP)
def push() -> int:
    """Push to everybody for whom it is time."""
    return pushing.sweep()


@shared_task(name=push_trial.TASK)
def send_test_push(subscription: int) -> None:
    """Send somebody the test push that was asked for."""
    push_trial.send(subscription)
