"""Named places on the way of a message where a test ends, holds or fails the process. Off unless FAILPOINTS is set.

`commit.before=kill@3,publish.after=pause:0.5`: at a point an action, at each pass or at the n-th one only. Where a
point stands: `if failpoints.is_on: failpoints.reach(...)`, so that without it a pass costs one look at a name.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from dataclasses import dataclass, field

import structlog

_log = structlog.get_logger(__name__)

POINTS = {
    "commit.before": "everything is written, COMMIT is not sent",
    "commit.after": "COMMIT has returned, nobody is answered",
    "reply.after": "the answers have left, no reader has heard of it, here or elsewhere",
    "publish.before": "local readers have it, the channel layer does not",
    "publish.after": "the channel layer has taken it",
    "resume.read": "a resume watches its rooms and has not read them",
    "export.page": "a page of an export is read, nothing of it is written",
}
_RULE = re.compile(
    r"(?P<point>[a-z.]+)=(?P<action>kill|error|pause:(?P<pause_s>\d+(\.\d+)?))(@(?P<at>[1-9]\d*))?"
)
# What was handed to the sockets has left the process by then.
_SETTLE_S = 0.05

is_on = False


@dataclass(slots=True)
class Rule:
    """What happens at a point."""

    point: str
    action: str
    pause_s: float
    # 0: at each pass.
    at: int
    passes: int = field(default=0)

    def is_due(self) -> bool:
        """Count a pass and tell whether this is one."""
        self.passes += 1
        return self.at in (0, self.passes)


_rules: list[Rule] = []


def parse(text: str) -> list[Rule]:
    """Read rules separated by commas.

    Raises:
        ValueError: with the sentence for the operator.
    """
    rules = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        found = _RULE.fullmatch(word)
        if found is None:
            raise ValueError(
                f"{word!r} is not POINT=kill, POINT=error or POINT=pause:SECONDS, each with @N or not"
            )
        if found["point"] not in POINTS:
            raise ValueError(f"{found['point']!r} is not one of {', '.join(POINTS)}")
        action = found["action"].partition(":")[0]
        rules.append(Rule(found["point"], action, float(found["pause_s"] or 0), int(found["at"] or 0)))
    return rules


def arm(text: str) -> None:
    """Set the rules of this process, in place of those before; an empty text sets none."""
    global is_on  # the one look of the hot path
    _rules[:] = parse(text)
    is_on = bool(_rules)
    if is_on:
        _log.warning("failpoints.armed", rules=text)


def reach(point: str) -> None:
    """Pass a point in a thread.

    Raises:
        OperationalError: where the rule says so, like a lost connection.
    """
    for rule in _due(point):
        if rule.action == "pause":
            time.sleep(rule.pause_s)
        else:
            _strike(rule)


async def reach_on_loop(point: str) -> None:
    """Pass a point on the event loop, which turns on meanwhile. Raises as `reach` does."""
    for rule in _due(point):
        await asyncio.sleep(rule.pause_s if rule.action == "pause" else _SETTLE_S)
        _strike(rule)


def _due(point: str) -> list[Rule]:
    due = [rule for rule in _rules if rule.point == point and rule.is_due()]
    for rule in due:
        _log.warning("failpoints.reached", point=point, action=rule.action, passes=rule.passes)
    return due


def _strike(rule: Rule) -> None:
    if rule.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if rule.action == "error":
        from django.db import OperationalError  # settings read the rules before Django is set up

        raise OperationalError(f"failpoint {rule.point}")
