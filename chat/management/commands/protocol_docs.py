"""Write the tables of docs/protocol.md from chat/protocol, or check that they are fresh."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from chat.management.tables import TablesCommand, table
from chat.protocol import changes, ephemeral, limits, shapes
from chat.protocol.commands import COMMANDS
from chat.protocol.errors import CLOSES, ERRORS


def _first_line(described: Any) -> str:
    return (described.__doc__ or "").strip().splitlines()[0]


def _type_name(hint: Any) -> str:
    if hint is type(None):
        return "null"
    arguments = get_args(hint)
    if get_origin(hint) is list:
        return f"[{_type_name(arguments[0])}]"
    if get_origin(hint) is dict:
        return "object"
    if arguments and all(isinstance(argument, str) for argument in arguments):
        return " / ".join(f'"{argument}"' for argument in arguments)
    if arguments:
        return " or ".join(_type_name(argument) for argument in arguments)
    names: dict[Any, str] = {int: "integer", str: "string", bool: "boolean", float: "number"}
    return names.get(hint) or str(getattr(hint, "__name__", hint))


def _fields(shape: Any) -> str:
    hints = get_type_hints(shape)
    return ", ".join(f"`{name}`: {_type_name(hint)}" for name, hint in hints.items() if name != "type")


def _commands() -> str:
    rows = []
    for name, kind in COMMANDS.items():
        fields = [
            f"`{field}`" + ("" if info.is_required() else " (optional)")
            for field, info in kind.model_fields.items()
            if field != "type"
        ]
        answer = "reply" if kind.has_reply else "none"
        rows.append(
            (f"`{name}`", ", ".join(fields) or "–", "pong" if name == "ping" else answer, _first_line(kind))
        )
    return table(["type", "fields", "answer", "what it does"], rows)


def _events(module: Any) -> str:
    rows = []
    for shape in vars(module).values():
        hints = get_type_hints(shape) if hasattr(shape, "__total__") else {}
        if "type" not in hints or not (shape.__doc__ or "").strip():
            continue
        names = ", ".join(f"`{name}`" for name in get_args(hints["type"]))
        rows.append((names, _fields(shape), _first_line(shape)))
    return table(["type", "fields", "meaning"], rows)


def _shapes() -> str:
    names = (
        shapes.User,
        shapes.Message,
        shapes.RoomState,
        shapes.Member,
        shapes.Ban,
        shapes.RoomFields,
        shapes.Reminder,
    )
    return table(["shape", "fields"], ((f"`{shape.__name__}`", _fields(shape)) for shape in names))


def _errors() -> str:
    rows = (
        (f"`{code}`", "yes" if row.retry else "no", str(row.http_status), row.meaning)
        for code, row in ERRORS.items()
    )
    return table(["code", "retry", "HTTP", "meaning"], rows)


def _closes() -> str:
    rows = ((str(int(code)), "yes" if row.reconnect else "no", row.meaning) for code, row in CLOSES.items())
    return table(["code", "reconnect", "meaning"], rows)


def _limits() -> str:
    rows = ((f"`{name}`", f"{value:,}") for name, value in limits.as_wire().items())
    return table(["limit in `hello`", "value"], rows)


TABLES: dict[str, Callable[[], str]] = {
    "commands": _commands,
    "changes": lambda: _events(changes),
    "ephemeral": lambda: _events(ephemeral),
    "shapes": _shapes,
    "errors": _errors,
    "closes": _closes,
    "limits": _limits,
}


class Command(TablesCommand):
    """`manage.py protocol_docs [--check]`."""

    help = "Write the tables of docs/protocol.md from the code, or check them."
    path = Path("docs") / "protocol.md"
    tables = TABLES
