"""Write the page's TypeScript types of the wire from chat/protocol."""

from __future__ import annotations

import inspect
import types
import typing
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Union, cast, get_args, get_origin

import typing_extensions
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pydantic import BaseModel

from chat.protocol import changes, ephemeral, limits, replies, shapes
from chat.protocol.commands import COMMANDS
from chat.protocol.errors import CLOSES, ERRORS

TARGET = Path("static") / "src" / "protocol.ts"

_MODULES = (shapes, changes, ephemeral, replies)
_SCALARS: dict[Any, str] = {
    int: "number",
    float: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
    Any: "unknown",
}
_HEADER = """\
// The wire of /ws/v1/ as types. Generated from chat/protocol by `manage.py protocol_types`; do not edit.
"""


class Command(BaseCommand):
    """Write static/src/protocol.ts, or say that it is stale."""

    help = (
        "Write static/src/protocol.ts from chat/protocol; --check only compares and exits 1 when it is stale."
    )
    # The types come from the code alone: neither a database nor a finished configuration is needed.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--check", action="store_true", help="write nothing, exit 1 when the file is stale"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write or compare."""
        target = Path(settings.BASE_DIR) / TARGET
        wanted = render()
        if not options["check"]:
            target.write_text(wanted, encoding="utf-8")
            self.stdout.write(f"wrote {TARGET}")
        elif not target.is_file() or target.read_text(encoding="utf-8") != wanted:
            raise CommandError(f"{TARGET} is stale: run `python manage.py protocol_types`", returncode=1)
        else:
            self.stdout.write(f"{TARGET} is fresh")


def render() -> str:
    """Return the whole file; the same code gives the same text, byte by byte."""
    names = _alias_names()
    parts = [_HEADER]
    for module in _MODULES:
        parts += _aliases(module, names)
        parts += [_interface(kind, names) for kind in _typed_dicts(module)]
        parts += _unions(module)
    parts.append(_server_frame())
    parts.append(_commands(names))
    parts.append(_tables())
    return "\n".join(parts)


def _alias_names() -> dict[Any, str]:
    return {
        value: name
        for module in _MODULES
        for name, value in vars(module).items()
        if get_origin(value) is Literal and not name.startswith("_")
    }


def _aliases(module: ModuleType, names: dict[Any, str]) -> list[str]:
    own = [(name, value) for name, value in vars(module).items() if names.get(_key(value)) == name]
    return [
        f"export type {name} = {' | '.join(_literal(item) for item in get_args(value))};\n"
        for name, value in own
        if _is_first_home(module, name)
    ]


def _key(value: Any) -> Any:
    return value if get_origin(value) is Literal else None


def _is_first_home(module: ModuleType, name: str) -> bool:
    # A module may import an alias of another one; it is written where it first appears.
    return next(home for home in _MODULES if name in vars(home)) is module


def _typed_dicts(module: ModuleType) -> list[type]:
    return [
        value
        for name, value in vars(module).items()
        if typing_extensions.is_typeddict(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    ]


def _interface(kind: type, names: dict[Any, str]) -> str:
    hints = typing_extensions.get_type_hints(kind, include_extras=True)
    lines = [_doc(kind), f"export interface {kind.__name__} {{"]
    for field, hint in hints.items():
        mark, origin = "", cast(object, get_origin(hint))
        if origin is typing.NotRequired:
            mark, hint = "?", get_args(hint)[0]
        lines.append(f"  {field}{mark}: {_type(hint, names)};")
    return "\n".join([*lines, "}\n"])


def _unions(module: ModuleType) -> list[str]:
    found = []
    for name, value in vars(module).items():
        is_union = isinstance(value, types.UnionType) or get_origin(value) is Union
        if is_union and all(typing_extensions.is_typeddict(item) for item in get_args(value)):
            found.append(f"export type {name} = {' | '.join(item.__name__ for item in get_args(value))};\n")
    return found


def _server_frame() -> str:
    kinds = [
        kind.__name__
        for module in _MODULES
        for kind in _typed_dicts(module)
        if "type" in typing_extensions.get_type_hints(kind)
        and module is not shapes
        and kind is not shapes.Attachment
    ]
    return "/** Whatever the server may send; a newer server may send more. */\n" + (
        "export type ServerFrame =\n  | " + "\n  | ".join(kinds) + ";\n"
    )


def _commands(names: dict[Any, str]) -> str:
    lines = [
        "/** What a client may ask: type -> fields (without `type` and `ref`). */",
        "export interface Commands {",
    ]
    for name, kind in COMMANDS.items():
        lines.append(f"  /** {_sentence(kind)} */")
        fields = [_command_field(kind, field, names) for field in kind.model_fields if field != "type"]
        body = f"{{ {'; '.join(fields)} }}" if fields else "Record<string, never>"
        lines.append(f'  "{name}": {body};')
    lines.append("}\n")
    silent = ", ".join(f'"{name}"' for name, kind in COMMANDS.items() if not kind.has_reply)
    lines.append("/** Commands that get no reply and carry no ref. */")
    lines.append(f"export const SILENT_COMMANDS = [{silent}] as const;\n")
    return "\n".join(lines)


def _command_field(kind: type[BaseModel], name: str, names: dict[Any, str]) -> str:
    field = kind.model_fields[name]
    return f"{name}{'' if field.is_required() else '?'}: {_type(field.annotation, names)}"


def _tables() -> str:
    errors = [
        f"  {code.value}: {{ retry: {_bool(row.retry)} }}, // {row.meaning}" for code, row in ERRORS.items()
    ]
    closes = [
        f'  {code.value}: {{ name: "{code.name.lower()}", reconnect: {_bool(row.reconnect)} }},'
        f" // {row.meaning}"
        for code, row in CLOSES.items()
    ]
    numbers = [
        f"  {name}: {value},"
        for name, value in vars(limits).items()
        if name.isupper() and isinstance(value, int)
    ]
    return "\n".join(
        [
            "export const ERRORS = {", *errors, "} as const;\n",
            "export type ErrorCode = keyof typeof ERRORS;\n",
            "export const CLOSES = {", *closes, "} as const;\n",
            "export type CloseCode = keyof typeof CLOSES;\n",
            "export const LIMITS = {", *numbers, "} as const;\n",
        ]
    )  # fmt: skip


def _type(hint: Any, names: dict[Any, str]) -> str:
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return names.get(hint) or " | ".join(_literal(item) for item in args)
    if origin is typing.Annotated:
        return _type(args[0], names)
    if origin in (types.UnionType, Union):
        return " | ".join(_type(item, names) for item in args)
    if origin is list:
        item = _type(args[0], names)
        return f"({item})[]" if " " in item else f"{item}[]"
    if origin is dict:
        return f"Record<string, {_type(args[1], names)}>"
    if typing_extensions.is_typeddict(hint):
        return str(hint.__name__)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return f"{{ {'; '.join(_command_field(hint, field, names) for field in hint.model_fields)} }}"
    raise CommandError(f"no TypeScript type is known for {hint!r}")


def _literal(value: Any) -> str:
    return _bool(value) if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _doc(kind: type) -> str:
    return f"/** {_sentence(kind)} */"


def _sentence(kind: type) -> str:
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
