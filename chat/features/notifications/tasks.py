"""Tasks of notifications."""

from __future__ import annotations

from celery import shared_task

from chat.features.notifications import ledger, sweeps, trial


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
