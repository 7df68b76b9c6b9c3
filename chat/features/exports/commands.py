"""What may be asked for."""

from __future__ import annotations

from typing import Literal

from chat.protocol.commands import Command
from chat.protocol.fields import Reason


class AskForExport(Command):
    """Have one's own data gathered, or those of the workspace; with `directs` the direct conversations too."""

    kind: Literal["own", "workspace"] = "own"
    directs: bool = False
    reason: Reason = ""
