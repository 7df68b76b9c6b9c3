from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from chat.features.exports import importing, keeping, running
from chat.features.exports.running import Outcome
from chat.models import Message, Room, User, Workspace
from chat.pipeline.run import run
from chat.protocol.commands import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    MuteMember,
    OpenDirect,
    PostMessage,
)
from tests.cast import Cast, make_user
from tests.features.exports.files import Lines, ask, read, whole
from tests.make import client_message_id, post, post_command

_EMPTY = "the workspace is not empty"


@pytest.fixture
def file(cast: Cast) -> Path:
    """An export of a workspace in which all kinds of things have happened; the workspace is empty since."""
    owner = make_user("omar", role=User.Role.OWNER, email="omar@example.org")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    said = post(cast.room, cast.bob, "hello @mina, **look**: `code`")
    run(cast.bob.pk, EditMessage(message=said.pk, body="hello @mina, **look** again"))
    post(cast.room, cast.jiwoo, "답장", parent=said.pk)
    run(cast.alice.pk, AddReaction(message=said.pk, emoji="👍"))
    gone = post(cast.room, cast.bob, "regretted")
    run(cast.bob.pk, DeleteMessage(message=gone.pk))
    run(cast.alice.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk, minutes=30, reason="a rest"))
    direct = run(cast.alice.pk, OpenDirect(users=[cast.carol.pk]))["room"]
    run(cast.alice.pk, PostMessage(room=direct, client_message_id=client_message_id(), body="to Carol"))
    row = ask(owner, kind="workspace", directs=True, reason="we move")
    whole(row)
    path = keeping.path_of(row).rename(keeping.path_of(row).parent.parent / "moved.zip")
    _empty()
    return path


def _empty() -> None:
    Room.objects.all().delete()
    User.objects.all().delete()


def content(path: Path) -> Lines:
    return read(path)[1]


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Copy a file with members that are changed or left out."""
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w") as made:
        for name in archive.namelist():
            body = change(name, archive.read(name))
            if body is not None:
                made.writestr(name, body)
    return other


def nothing_is_there() -> bool:
    return not (User.objects.exists() or Message.objects.exists())


def test_what_was_read_in_is_exported_again_as_the_same(file: Path) -> None:
    epoch = Workspace.objects.get(pk=1).epoch
    before = content(file)
    counts = importing.load(file)
    assert counts == {kind: len(lines) for kind, lines in before.items()}
    assert all(counts.values())
    owner = User.objects.get(handle="omar")
    _, again = whole(ask(owner, kind="workspace", directs=True, reason="to compare"))
    assert again == before
    assert Workspace.objects.get(pk=1).epoch != epoch


def test_life_goes_on_after_it(file: Path) -> None:
    importing.load(file)
    alice, room = User.objects.get(handle="alice"), Room.objects.get(name="Maru team")
    first = Message.objects.get(body__startswith="hello")
    assert first.html is not None
    assert "<strong>look</strong>" in first.html
    assert not alice.has_usable_password()
    largest = Message.objects.latest("pk").pk
    said = run(alice.pk, post_command(room, "we are here"))
    assert said["seq"] == room.last_seq + 1
    assert said["id"] > largest
    assert make_user("nina").pk > User.objects.get(handle="omar").pk


def test_the_command_tells_what_it_has_read(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_workspace", str(file))
    told = capsys.readouterr()
    assert json.loads(told.out)["users"] == 8
    assert "changepassword" in told.err


def test_a_workspace_that_is_not_empty_is_left_alone(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=_EMPTY):
        call_command("import_workspace", str(tmp_path / "any.zip"))


def _no_part(name: str, body: bytes) -> bytes | None:
    return None if name == "messages-000001.jsonl" else body


def _no_manifest(name: str, body: bytes) -> bytes | None:
    return None if name == "manifest.json" else body


def _a_line_less(name: str, body: bytes) -> bytes:
    return body.split(b"\n", 1)[1] if name.startswith("changes") else body


def _torn(name: str, body: bytes) -> bytes:
    return body[:-20] if name.startswith("messages") else body


def _twice(name: str, body: bytes) -> bytes:
    return body + body if name.startswith("users") else body


def _unknown_field(name: str, body: bytes) -> bytes:
    return body.replace(b'"topic"', b'"headline"') if name.startswith("rooms") else body


def _of_nobody(name: str, body: bytes) -> bytes:
    return body.replace(b'"sender_id":', b'"sender_id":99') if name.startswith("messages") else body


def _newer(name: str, body: bytes) -> bytes:
    return body.replace(b'"version":1', b'"version":2') if name == "manifest.json" else body


def _own(name: str, body: bytes) -> bytes:
    return body.replace(b'"kind":"workspace"', b'"kind":"own"') if name == "manifest.json" else body


@pytest.mark.parametrize(
    "change",
    [_no_part, _no_manifest, _a_line_less, _torn, _twice, _unknown_field, _of_nobody, _newer, _own],
)
def test_a_broken_file_is_one_line_and_leaves_nothing(file: Path, change: Any) -> None:
    other = rewritten(file, change)
    with pytest.raises(importing.Unfit) as found:
        importing.load(other)
    assert str(found.value)
    assert "\n" not in str(found.value).strip()
    assert nothing_is_there()


def test_what_is_no_zip_is_refused(file: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.zip", tmp_path, Path(__file__)):
        with pytest.raises(importing.Unfit):
            importing.load(path)
    assert nothing_is_there()


def test_html_of_a_foreign_file_does_not_come_in(file: Path) -> None:
    def change(name: str, body: bytes) -> bytes:
        return body.replace(b"**look**", b"<script>alert(1)</script>") if name.startswith("mess") else body

    importing.load(rewritten(file, change))
    first = Message.objects.get(body__startswith="hello")
    assert "<script>" in first.body
    assert "<script>" not in (first.html or "")


def test_the_own_data_of_somebody_is_no_workspace(cast: Cast, tmp_path: Path) -> None:
    row = ask(cast.bob)
    assert running.work(row.pk) is Outcome.READY
    path = keeping.path_of(row).rename(tmp_path / "own.zip")
    _empty()
    with pytest.raises(importing.Unfit, match="no export of a workspace"):
        importing.load(path)
