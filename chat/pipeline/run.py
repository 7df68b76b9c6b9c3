"""The write path for scripts, tasks and the Python shell: a batch of one, synchronous."""

from __future__ import annotations

import uuid
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from chat import conf
from chat.actions.state import Request
from chat.live import envelope
from chat.live.layer import EVERYBODY, by_group
from chat.pipeline import outbox
from chat.pipeline.execute import execute
from chat.protocol.commands import Command
from chat.protocol.errors import Refused

_log = structlog.get_logger(__name__)
_INSTANCE = f"script-{uuid.uuid4().hex[:8]}"


def run(actor_id: int, command: Command) -> dict[str, Any]:
    """Carry out a durable command, tell the hubs, and return the reply's result.

    Must not be called on an event loop: there the committer does this.

    Raises:
        Refused: with the code that a client would get.
    """
    executed = execute([Request(actor_id, command)])
    outcome = executed.outcomes[0]
    if isinstance(outcome, Refused):
        raise outcome
    if executed.items:
        tell(executed.items)
    if executed.has_follow_ups:
        outbox.nudge()
    return outcome


def tell(items: list[envelope.Item]) -> None:
    """Publish; a layer that is down costs the readers a moment until their hub looks into the log."""
    layer = get_channel_layer()
    if layer is None:
        return
    groups = by_group(items, conf.get().HUB_SHARD_COUNT)
    # The hubs look for new members in their own group before anything of the room can reach them.
    for group in sorted(groups, key=lambda name: name != EVERYBODY):
        try:
            async_to_sync(layer.group_send)(group, envelope.pack(groups[group], _INSTANCE))
        except Exception as error:
            _log.warning("run.publish_failed", error=type(error).__name__)
            return
