"""What beat wakes, how often, and on which queue. A wake-up that nobody took expires before the next."""

from typing import Any, NamedTuple

QUEUES = ("fast", "mail", "io", "cpu")


class _Wake(NamedTuple):
    name: str
    task: str
    every_s: int
    queue: str


_WAKES = (
    # Mail about what is still unread is late by this much at most, push about it sooner.
    _Wake("notifications", "chat.notifications.sweep", 30, "mail"),
    _Wake("pushes", "chat.notifications.push", 10, "io"),
    _Wake("old notifications", "chat.notifications.forget", 3_600, "fast"),
    # Uploads without a message go a day after they came, give or take this.
    _Wake("tidy attachments", "chat.attachments.tidy", 3_600, "fast"),
    _Wake("tidy previews", "chat.previews.tidy", 3_600, "io"),
    # Each goes on where it stopped; the look at counts begins at night.
    _Wake("retention", "chat.retention.sweep", 600, "cpu"),
    _Wake("counts", "chat.counts.check", 600, "cpu"),
    _Wake("old audit", "chat.audit.tidy", 3_600, "fast"),
    # What people put off goes out at most this long after its time.
    _Wake("scheduled messages", "chat.scheduled.sweep", 10, "fast"),
    # A poll takes no vote after its time, whoever is late; that it is closed for good is told so long after.
    _Wake("polls", "chat.polls.sweep", 15, "fast"),
    _Wake("reminders", "chat.reminders.sweep", 10, "fast"),
    # An export whose wake-up was lost, or its worker, is taken up again at most this long after its claim.
    _Wake("exports", "chat.exports.sweep", 15, "cpu"),
    _Wake("old exports", "chat.exports.tidy", 3_600, "cpu"),
    # What was said is in the index so long after, where a worker is free; until then it is looked through.
    _Wake("search", "chat.search.index", 5, "cpu"),
)


def _entry(task: str, every_s: int, queue: str, kwargs: dict[str, str] | None = None) -> dict[str, Any]:
    options = {"queue": queue, "expires": every_s}
    return {"task": task, "schedule": float(every_s), "kwargs": kwargs or {}, "options": options}


SCHEDULE = {
    # The net under the nudges: work whose nudge was lost waits at most this long.
    f"sweep {queue}": _entry("chat.outbox.sweep", 30, queue, {"queue": queue})
    for queue in QUEUES
} | {wake.name: _entry(wake.task, wake.every_s, wake.queue) for wake in _WAKES}
