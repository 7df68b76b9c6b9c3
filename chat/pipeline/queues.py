"""The queues of follow-up work, and which task stands in which: one table, by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queue:
    """A line of work with workers of its own, so that what takes long does not hold up what does not.

    A worker takes `claim_count` entries at a time and has them for `lease_s` seconds. What has failed
    `attempts_max_count` times, or has taken its worker down so often, is put aside for a person to look at.
    """

    name: str
    claim_count: int
    lease_s: int
    attempts_max_count: int


FAST = Queue("fast", claim_count=20, lease_s=300, attempts_max_count=8)
# A mail server may be away for hours: with the waits of the outbox these are about six.
MAIL = Queue("mail", claim_count=10, lease_s=300, attempts_max_count=16)
# Waits for others, such as the servers behind links.
IO = Queue("io", claim_count=5, lease_s=300, attempts_max_count=5)
# One long computation at a time; longer than the hard limit of a task.
CPU = Queue("cpu", claim_count=1, lease_s=900, attempts_max_count=3)

QUEUES = {queue.name: queue for queue in (FAST, MAIL, IO, CPU)}

# The queue of each task that may stand in an outbox entry. A house test checks that each is a task.
TASKS: dict[str, Queue] = {
    "chat.erasure.erase": CPU,
    "chat.attachments.forget": FAST,
    "chat.attachments.prepare": CPU,
    "chat.attachments.remove": FAST,
    "chat.exports.forget": FAST,
    "chat.mail.send": MAIL,
    "chat.notifications.note": FAST,
    "chat.notifications.push_test": IO,
    "chat.notifications.test": MAIL,
    "chat.previews.attach": IO,
    "chat.quotes.withdraw": FAST,
}


def of(task: str) -> Queue:
    """Return the queue of a task; a name that a newer version has written waits in the first one."""
    return TASKS.get(task, FAST)


def label(task: str) -> str:
    """Return the name under which a task is counted: its own, or one for all that are not known here."""
    return task if task in TASKS else "other"
