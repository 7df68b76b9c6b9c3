"""Times that stand in the payloads of changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chat.queries.faces import time


def said(payload: Mapping[str, Any], name: str) -> str | None:
    """Return a time that a payload has under a name, as on the wire; None where it has none."""
    return time(datetime.fromisoformat(payload[name])) if name in payload else None
