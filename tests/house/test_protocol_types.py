import json
import re
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any, Literal, NotRequired

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from typing_extensions import TypedDict

from chat.management.commands import protocol_types
from chat.protocol import limits
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import COMMANDS
from chat.protocol.errors import CLOSES, ERRORS

TARGET = "static/src/protocol.ts"


def test_the_types_of_the_page_are_fresh() -> None:
    call_command("protocol_types", check=True, stdout=StringIO())


def test_a_stale_file_is_told_with_exit_code_1(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "static" / "src").mkdir(parents=True)
    (tmp_path / TARGET).write_text(protocol_types.render() + "// by hand\n")
    with pytest.raises(CommandError, match="protocol_types") as stale:
        call_command("protocol_types", check=True)
    assert stale.value.returncode == 1


def test_a_missing_file_is_stale_and_is_written(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "static" / "src").mkdir(parents=True)
    with pytest.raises(CommandError):
        call_command("protocol_types", check=True)
    call_command("protocol_types", stdout=StringIO())
    assert (tmp_path / TARGET).read_text() == protocol_types.render()


def test_the_same_code_gives_the_same_bytes() -> None:
    assert protocol_types.render() == protocol_types.render()


def test_every_command_change_and_code_is_in_the_file() -> None:
    text = protocol_types.render()
    missing = [name for name in [*COMMANDS, *ChangeKind] if f'"{name}"' not in text]
    missing += [
        code for code in ERRORS if not re.search(rf"^  {code}: {{ retry: (true|false) }}", text, re.MULTILINE)
    ]
    missing += [
        str(code) for code in CLOSES if not re.search(rf"^  {code.value}: {{ name: ", text, re.MULTILINE)
    ]
    assert missing == []
    assert f"FRAME_MAX_BYTES: {limits.FRAME_MAX_BYTES}," in text


def test_a_field_with_a_default_may_be_left_out() -> None:
    line = next(line for line in protocol_types.render().splitlines() if '"message.post": {' in line)
    assert "body: string;" in line
    assert "parent?: number | null;" in line
    assert "type" not in line


class Shape(TypedDict):
    """A shape.

    More.
    """

    a: int | None
    b: list[int | str]
    c: dict[str, int]
    d: Literal["x", 3, True]
    e: NotRequired[str]
    f: Any


def test_every_form_of_type_has_its_counterpart() -> None:
    assert protocol_types._interface(Shape, {}).splitlines() == [
        "/** A shape. */",
        "export interface Shape {",
        "  a: number | null;",
        "  b: (number | string)[];",
        "  c: Record<string, number>;",
        '  d: "x" | 3 | true;',
        "  e?: string;",
        "  f: unknown;",
        "}",
    ]


def test_a_type_without_a_counterpart_stops_the_command() -> None:
    with pytest.raises(CommandError, match="bytes"):
        protocol_types._type(bytes, {})


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_the_tables_are_what_a_page_reads() -> None:
    text = protocol_types.render()
    tables = (
        text[text.index("export const ERRORS") :].replace("export const", "const").replace(" as const", "")
    )
    code = re.sub(r"export type .*", "", tables) + "console.log(JSON.stringify([ERRORS, CLOSES, LIMITS]))"
    done = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True, timeout=30)
    errors, closes, numbers = json.loads(done.stdout)
    assert errors == {code.value: {"retry": row.retry} for code, row in ERRORS.items()}
    assert {int(code): row["reconnect"] for code, row in closes.items()} == {
        code.value: row.reconnect for code, row in CLOSES.items()
    }
    assert numbers["BODY_MAX_CHARS"] == limits.BODY_MAX_CHARS
