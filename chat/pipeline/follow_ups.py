"""Which change leads to which task: one table, by name, because the pipeline does not know the features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat.models import Change
from chat.protocol.changes import ChangeKind


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task that runs after a change, at least once."""

    kind: ChangeKind
    applies: Callable[[Change], bool]
    task: str


# Empty until the first feature has work to do afterwards; a house test checks that each name is a task.
FOLLOW_UPS: tuple[FollowUp, ...] = ()


def of(change: Change) -> list[str]:
    """Return the names of the tasks that follow a change."""
    return [row.task for row in FOLLOW_UPS if row.kind == change.kind and row.applies(change)]
