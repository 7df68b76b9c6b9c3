"""What beat wakes, how often (seconds), and on which queue. A wake-up that nobody took expires before the next."""

from typing import Any

QUEUES = ("fast", "mail", "io", "cpu")

SCHEDULE: dict[str, dict[str, Any]] = (
    {
        # The net under the nudges: work whose nudge was lost waits at most this long.
        f"sweep {queue}": {
            "task": "chat.outbox.sweep",
            "schedule": 30.0,
            "kwargs": {"queue": queue},
            "options": {"queue": queue, "expires": 30},
        }
        for queue in QUEUES
    }
    | {
        # Mail about what is still unread is late by this much at most.
        "notifications": {
            "task": "chat.notifications.sweep",
            "schedule": 30.0,
            "options": {"queue": "mail", "expires": 30},
        },
        # Push about it sooner: late by this much at most.
        "pushes": {
            "task": "chat.notifications.push",
            "schedule": 10.0,
            "options": {"queue": "io", "expires": 10},
        },
        "old notifications": {
            "task": "chat.notifications.forget",
            "schedule": 3_600.0,
            "options": {"queue": "fast", "expires": 3_600},
        },
        # Uploads without a message go a day after they came, give or take this.
        "tidy attachments": {
            "task": "chat.attachments.tidy",
            "schedule": 3_600.0,
            "options": {"queue": "fast", "expires": 3_600},
        },
        "tidy previews": {
            "task": "chat.previews.tidy",
            "schedule": 3_600.0,
            "options": {"queue": "io", "expires": 3_600},
        },
        # Each goes on where it stopped; the look at counts begins at night.
        "retention": {
            "task": "chat.retention.sweep",
            "schedule": 600.0,
            "options": {"queue": "cpu", "expires": 600},
        },
        "counts": {
            "task": "chat.counts.check",
            "schedule": 600.0,
            "options": {"queue": "cpu", "expires": 600},
        },
    }
    | {
        # What people put off goes out at most this long after its time.
        task: {"task": task, "schedule": 10.0, "options": {"queue": "fast", "expires": 10}}
        for task in ("chat.scheduled.sweep", "chat.reminders.sweep")
    }
    | {
        # An export whose wake-up was lost, or its worker, is taken up again at most this long after its claim.
        "exports": {
            "task": "chat.exports.sweep",
            "schedule": 15.0,
            "options": {"queue": "cpu", "expires": 15},
        },
        "old exports": {
            "task": "chat.exports.tidy",
            "schedule": 3_600.0,
            "options": {"queue": "cpu", "expires": 3_600},
        },
    }
)
