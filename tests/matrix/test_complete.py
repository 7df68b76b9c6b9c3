from __future__ import annotations

import re

from chat.api import openapi
from chat.api.api import api
from chat.protocol.commands import COMMANDS
from tests.matrix.deeds import FIELDS
from tests.matrix.table import DEEDS


def test_every_command_and_route_has_a_row_and_nothing_else_has() -> None:
    routes = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in openapi.describe(api)["paths"].items()
        for method in operations
    }
    rows = {re.sub(r"\?.*", "", door) for deed in DEEDS for door in deed.doors}
    assert len(routes) > 30
    assert rows - {"ws /ws/chat/<slug>/"} == set(COMMANDS) | routes


def test_every_row_has_something_to_say() -> None:
    assert [deed.name for deed in DEEDS] == list(FIELDS)
    assert all(deed.cells and deed.doors for deed in DEEDS)
    assert all(("any" in deed.cells) != ("closed" in deed.cells) for deed in DEEDS)
