"""The made-up internet for a real worker: `celery ... --include` this module. Nothing but tests can bring it in."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import httpcore

from chat.features.previews import service
from chat.pipeline import runner
from tests.outside.internet import SmallInternet

ENV = "SMALL_INTERNET"


class NotedInternet(SmallInternet):
    """Writes down for each connection which process made it, on which of its loops."""

    notes = Path(os.devnull)

    async def connect(self, address: str, port: int, timeout_s: float | None) -> httpcore.AsyncNetworkStream:
        """Connect to the server of the test."""
        line = f"{os.getpid()} {id(asyncio.get_running_loop())} {runner.made_count()} {address}\n"
        with self.notes.open("a") as notes:
            notes.write(line)
        return await super().connect(address, port, timeout_s)


def described(internet: SmallInternet, notes: Path) -> str:
    """Return what a worker has to know to be in the same internet."""
    return json.dumps({"port": internet.plain_port, "names": internet.names, "notes": str(notes)})


if ENV in os.environ:
    _told = json.loads(os.environ[ENV])
    _internet = NotedInternet(plain_port=_told["port"], names=_told["names"])
    _internet.notes = Path(_told["notes"])
    service.network = _internet
