import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app

from chat import tasks
from chat.actions import DECIDE, FOUND, WRITE
from chat.actions.state import Draft
from chat.models import Change
from chat.pipeline import follow_ups, outbox, queues
from chat.protocol import commands
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import COMMANDS
from chat.protocol.system import SYSTEM_COMMANDS, SystemCommand

ROOT = Path(__file__).resolve().parents[2]
CHAT = ROOT / "chat"
WRITES = {
    "create", "acreate", "bulk_create", "abulk_create", "get_or_create", "update_or_create", "update", "aupdate",
    "bulk_update", "delete", "adelete", "save", "asave",
}  # fmt: skip


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield each module of the app as its path below chat/ and its syntax tree."""
    for path in sorted(CHAT.rglob("*.py")):
        yield path.relative_to(CHAT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(*names: str) -> set[str]:
    """Return the modules that import one of these, or something inside of it."""
    return {
        path
        for path, tree in modules()
        for found in imports(tree)
        if any(found == name or found.startswith(f"{name}.") for name in names)
    }


def writers_of_changes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if is_given_to(node, Change.__name__, "insert", "update"):
            yield ast.unparse(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            chain = ast.unparse(node.func.value)
            if "Change.objects" in chain or ".changes." in f"{chain}.":
                yield ast.unparse(node)


def is_given_to(node: ast.AST, name: str, *functions: str) -> bool:
    """Tell whether this calls one of the functions, of whatever module, with the name first."""
    if not isinstance(node, ast.Call) or not node.args or ast.unparse(node.args[0]) != name:
        return False
    return ast.unparse(node.func).rpartition(".")[2] in functions


def test_only_the_pipeline_writes_the_log() -> None:
    found = {path for path, tree in modules() for _ in writers_of_changes(tree)}
    # What is gone leaves at the old end; nothing but the writer of changes adds to the new one.
    assert found == {"pipeline/execute.py", "pipeline/rebuild.py", "pipeline/trim.py"}


def test_rows_of_the_log_are_drafted_in_one_place() -> None:
    found = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and ast.unparse(node.func) == Change.__name__)
        or is_given_to(node, Change.__name__, "new")
    }
    assert found == {"actions/state.py"}


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("Change.objects.filter(room=1).order_by('seq')", 0),
        ("Change.objects.create(seq=1)", 1),
        ("Change.objects.filter(room=1).update(seq=2)", 1),
        ("room.changes.create(seq=1)", 1),
        ("Message.objects.create(seq=1)", 0),
        ("insert(Change, NAMES, rows)", 1),
        ("statements.update(Change, NAMES, rows)", 1),
        ("statements.select(Change, NAMES, KEYS, wanted)", 0),
        ("insert(Message, NAMES, rows)", 0),
    ],
)
def test_a_writer_would_be_seen(code: str, count: int) -> None:
    assert len(list(writers_of_changes(ast.parse(code)))) == count


def test_only_live_and_the_path_of_scripts_speak_to_the_channel_layer() -> None:
    assert importers("channels.layers", "channels_redis") == {"live/layer.py", "pipeline/run.py"}


def test_only_the_codec_knows_the_json_of_the_wire() -> None:
    assert importers("json", "orjson", "ujson", "msgspec", "simplejson") == {"protocol/codec.py"}


def test_only_the_gateway_knows_the_server_and_the_consumers() -> None:
    beside = {path for path in importers("daphne", "channels.generic", "channels.consumer") if "/" in path}
    assert {path.partition("/")[0] for path in beside} <= {"gateway", "management"}


def test_every_follow_up_is_a_registered_task() -> None:
    assert tasks.sweep_outbox.name == outbox.SWEEP
    following = {row.task for row in follow_ups.FOLLOW_UPS} | set(follow_ups.AFTER_ERASURE)
    assert following <= set(queues.TASKS)
    names = set(queues.TASKS) | {outbox.SWEEP}
    assert names <= set(current_app.tasks)


def test_every_task_of_the_timetable_is_registered() -> None:
    from chatproject.settings import CELERY_BEAT_SCHEDULE

    assert {entry["task"] for entry in CELERY_BEAT_SCHEDULE.values()} <= set(current_app.tasks)


def test_every_command_has_one_who_answers_it() -> None:
    durable = {kind for kind in COMMANDS.values() if kind.is_durable}
    assert set(DECIDE) == durable | set(SYSTEM_COMMANDS)
    assert {kind for kind in DECIDE if issubclass(kind, SystemCommand)} == set(SYSTEM_COMMANDS)
    tree = ast.parse((CHAT / "gateway" / "dispatch.py").read_text(encoding="utf-8"))
    matched = {ast.unparse(node.cls) for node in ast.walk(tree) if isinstance(node, ast.MatchClass)}
    assert matched == {f"commands.{kind.__name__}" for kind in COMMANDS.values() if not kind.is_durable}


def test_what_founds_a_room_is_a_command_that_decides_too() -> None:
    assert set(FOUND) <= set(DECIDE)
    assert {commands.CreateRoom, commands.OpenDirect} == set(FOUND)


def drafts(kind: type[Draft] = Draft) -> Iterator[type[Draft]]:
    for found in kind.__subclasses__():
        # What `slots` has made anew leaves the class of before behind, for a while or, in some Pythons, for good.
        if getattr(sys.modules[found.__module__], found.__name__) is found:
            yield found
            yield from drafts(found)


def test_every_draft_has_its_writer_and_every_kind_of_change_its_draft() -> None:
    abstract = {found for found in drafts() if any(found in other.__bases__ for other in drafts())}
    concrete = set(drafts()) - abstract
    assert concrete == set(WRITE)
    kinds = [found.kind for found in concrete if found.kind is not None]
    assert sorted(kinds) == sorted(ChangeKind)


def test_every_kind_of_change_has_a_shape_on_the_wire() -> None:
    import typing

    from chat.protocol import changes

    types = [typing.get_type_hints(shape)["type"] for shape in typing.get_args(changes.Change)]
    assert sorted(name for kind in types for name in typing.get_args(kind)) == sorted(ChangeKind)


def test_the_linter_keeps_the_floors() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_package_says_what_it_holds() -> None:
    for path in sorted(CHAT.rglob("__init__.py")):
        if path.parent.name not in ("migrations", "chat"):
            docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            assert len(docstring.splitlines()) >= 3, path
