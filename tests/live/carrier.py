"""A channel layer that can be cut and held: what a Redis may do, made to order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from channels.layers import BaseChannelLayer


class Carrier(BaseChannelLayer):  # type: ignore[misc]
    """Carries between the channels of one process; named in CHANNEL_LAYERS like any other layer."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self.is_cut = False
        # Takes everything and delivers nothing, like a link that is half open.
        self.is_mute = False
        self.groups: dict[str, set[str]] = defaultdict(set)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.tries = 0
        self.held = asyncio.Event()
        self.held.set()
        self._queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._number = 0

    async def new_channel(self, prefix: str = "specific") -> str:
        """Make a channel."""
        self._check()
        self._number += 1
        name = f"{prefix}.{self._number}"
        self._queues[name] = asyncio.Queue()
        return name

    async def flush(self) -> None:
        """Forget the channels."""
        self._queues.clear()

    async def group_add(self, group: str, channel: str) -> None:
        """Add a channel to a group."""
        self._check()
        self.groups[group].add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """Take a channel out of a group."""
        self._check()
        self.groups[group].discard(channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send to a group."""
        # A sign of life tells nothing: it is carried and not counted.
        tells = message.get("items") != []
        self.tries += tells
        await self.held.wait()
        self._check()
        if tells:
            self.sent.append((group, message))
        for channel in self.groups[group]:
            self._deliver(channel, message)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send to a channel."""
        self._check()
        self._deliver(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        """Wait for what comes."""
        return await self._queues[channel].get()

    def _deliver(self, channel: str, message: dict[str, Any]) -> None:
        if not self.is_mute:
            self._queues[channel].put_nowait(message)

    def _check(self) -> None:
        if self.is_cut:
            raise ConnectionError("cut")
