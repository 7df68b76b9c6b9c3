from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from chat.features.attachments import follow_up
from chat.features.erasure import beginning, remains
from chat.features.exports import importing, incoming, keeping, paging, running, workspace
from chat.features.exports.running import Outcome
from chat.features.retention import policy, removal
from chat.features.retention.commands import SetRetention, SetRoomRetention
from chat.models import (
    Attachment,
    Change,
    CustomEmoji,
    Erasure,
    Message,
    OutboxEntry,
    Room,
    User,
    UserGroup,
    UserGroupMember,
    Workspace,
)
from chat.pipeline import holds, recount
from chat.pipeline.run import run
from chat.protocol.commands import (
    AddReaction,
    DeleteMessage,
    EditMessage,
    MuteMember,
    OpenDirect,
    PostMessage,
    UpdateRoom,
)
from chat.queries import changes
from tests import aging
from tests.cast import Cast, make_user
from tests.features.attachments.conftest import Upload
from tests.features.exports.files import Lines, ask, read, whole
from tests.make import client_message_id, post, post_command
from tests.pictures.drawing import drawn

_EMPTY = "the workspace is not empty"


@pytest.fixture
def file(cast: Cast, upload: Upload) -> Path:
    """An export of a workspace in which all kinds of things have happened; the workspace is empty since."""
    first = CustomEmoji.objects.create(
        name="party", key="k", picture=b"p", width=8, height=9, made_by=cast.bob
    )
    CustomEmoji.objects.create(name="파티", alias_of=first)
    owner = make_user("omar", role=User.Role.OWNER, email="omar@example.org")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    said = post(cast.room, cast.bob, "hello @mina, **look**: `code`")
    run(cast.bob.pk, EditMessage(message=said.pk, body="hello @mina, **look** again"))
    post(cast.room, cast.jiwoo, "답장", parent=said.pk)
    run(cast.alice.pk, AddReaction(message=said.pk, emoji="👍"))
    gone = post(cast.room, cast.bob, "regretted")
    run(cast.bob.pk, DeleteMessage(message=gone.pk))
    run(cast.alice.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk, minutes=30, reason="a rest"))
    design = UserGroup.objects.create(handle="design", name="Design", made_by=cast.alice)
    UserGroupMember.objects.create(group=design, user=cast.mina)
    post(cast.room, cast.alice, "@design and @room: look")
    direct = run(cast.alice.pk, OpenDirect(users=[cast.carol.pk]))["room"]
    run(cast.alice.pk, PostMessage(room=direct, client_message_id=client_message_id(), body="to Carol"))
    picture = upload(cast.alice, drawn("PNG"), "cat.png", alt="a cat")
    with_files = post(cast.room, cast.alice, "", attachments=[upload(cast.alice, b"words").pk, picture.pk])
    follow_up.prepare(cast.room.pk, with_files.seq)
    policy.set_days(owner, SetRetention(days=400))
    policy.set_room(owner, cast.room.pk, SetRoomRetention(keep="days", days=30))
    policy.hold_room(owner, cast.plaza.pk, timezone.now())
    run(cast.alice.pk, UpdateRoom(room=cast.room.pk, previews=False))
    beginning.erase(make_user("gone-soon").pk, owner, removes_messages=True, now=timezone.now())
    row = ask(owner, kind="workspace", directs=True, reason="we move")
    whole(row)
    path = keeping.path_of(row).rename(keeping.path_of(row).parent.parent / "moved.zip")
    _empty()
    return path


def _empty() -> None:
    Room.objects.all().delete()
    Attachment.objects.all().delete()
    OutboxEntry.objects.all().delete()
    UserGroup.objects.all().delete()
    Workspace.objects.update(retention_days=None, held_at=None)
    CustomEmoji.objects.all().delete()
    User.objects.all().delete()
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


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
    stored = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    return not (User.objects.exists() or Message.objects.exists() or Attachment.objects.exists() or stored)


def test_what_was_read_in_is_exported_again_as_the_same(file: Path) -> None:
    epoch = Workspace.objects.get(pk=1).epoch
    before = content(file)
    counts = importing.load(file)
    assert counts == {kind: len(lines) for kind, lines in before.items()}
    assert all(counts.values())
    assert [+recount.confirmed(room.pk) for room in Room.objects.all()] == [Counter()] * len(before["rooms"])
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
    assert json.loads(told.out)["users"] == 9
    assert "changepassword" in told.err


def test_what_is_kept_and_held_and_set_in_rooms_comes_back(file: Path) -> None:
    importing.load(file)
    room, plaza = Room.objects.get(name="Maru team"), Room.objects.get(name="Plaza")
    owner = User.objects.get(handle="omar")
    assert Workspace.objects.get(pk=1).retention_days == 400
    assert (room.retention.days, room.retention.held_at, room.previews) == (30, None, False)
    assert plaza.retention.held_by == owner
    # What keeps a message from expiring is in force at once.
    with transaction.atomic():
        assert holds.stands(plaza.pk)
        assert not holds.stands(room.pk)


def test_an_erased_account_stays_erased_and_what_was_left_of_it_goes(file: Path) -> None:
    importing.load(file)
    erasure = Erasure.objects.get()
    assert erasure.asked_by == User.objects.get(handle="omar")
    assert (erasure.removes_messages, erasure.finished_at, erasure.user.is_active) == (True, None, False)
    (entry,) = OutboxEntry.objects.filter(task=remains.ERASE)
    assert entry.payload == {"user": erasure.user_id, "step": 0}
    assert remains.remove(erasure.user_id)
    assert Erasure.objects.get().finished_at is not None


def test_a_hold_of_the_whole_comes_back(cast: Cast, tmp_path: Path) -> None:
    owner = make_user("omar", role=User.Role.OWNER)
    held_at = timezone.now()
    policy.hold(owner, held_at)
    row = ask(owner, kind="workspace")
    whole(row)
    path = keeping.path_of(row).rename(tmp_path / "moved.zip")
    _empty()
    importing.load(path)
    found = Workspace.objects.get(pk=1)
    assert (found.held_at, found.held_by) == (held_at, User.objects.get(handle="omar"))


def test_a_log_that_has_expired_in_the_middle_begins_behind_that(file: Path) -> None:
    def expired(name: str, body: bytes) -> bytes:
        if name == "manifest.json":
            manifest = json.loads(body)
            manifest["files"]["changes"]["rows"] -= 3
            return json.dumps(manifest).encode()
        if not name.startswith("changes"):
            return body
        room = b'"room_id":%d,' % team
        lines = body.splitlines(keepends=True)
        gone = [line for line in lines if room in line and json.loads(line)["seq"] in (3, 4, 5)]
        assert len(gone) == 3
        return b"".join(line for line in lines if line not in gone)

    team = next(line["id"] for line in content(file)["rooms"] if line["name"] == "Maru team")
    importing.load(rewritten(file, expired))
    room = Room.objects.get(pk=team)
    seqs = list(Change.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
    assert room.expired_seq == 5
    assert seqs == list(range(6, room.last_seq + 1))
    assert Room.objects.get(name="Plaza").expired_seq == 0
    with pytest.raises(changes.LogBeginsLater):
        changes.since(room.pk, 2, 10)


def test_what_expires_while_an_export_is_written_leaves_a_workspace_that_is_whole(
    cast: Cast, upload: Upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_COUNT", 4)
    monkeypatch.setattr(workspace, "PAGE_COUNT", 4)
    first = post(cast.room, cast.bob, "the first")
    for number in range(8):
        post(cast.room, cast.bob, f"number {number}", attachments=[upload(cast.bob, b"words").pk])
    old = Room.objects.get(pk=cast.room.pk).last_seq
    post(cast.room, cast.bob, "of today", attachments=[upload(cast.bob, b"of today").pk])
    aging.age(cast.room, 30, through=old)
    aging.keep(7, cast.room)
    row = ask(cast.admin, kind="workspace")
    steps: list[str] = []

    def expire(step: str, _percent: int, _rows: int) -> None:
        steps.append(step)
        if steps.count("messages") == 3:
            removal.sweep()
            steps.append("messages")

    assert running.work(row.pk, expire) is Outcome.READY
    assert not Message.objects.filter(pk=first.pk).exists()
    path = keeping.path_of(row).rename(tmp_path / "moved.zip")
    bodies = [line["body"] for line in content(path)["messages"]]
    assert bodies[-1] == "of today"
    assert 1 < len(bodies) < 10
    _empty()
    importing.load(path)
    room = Room.objects.get(pk=cast.room.pk)
    assert room.expired_seq == old
    seqs = Change.objects.filter(room=room).order_by("seq").values_list("seq", flat=True)
    assert list(seqs) == list(range(old + 1, room.last_seq + 1))
    assert not +recount.confirmed(room.pk)
    said = Message.objects.get(body="of today")
    assert [file.bytes for file in said.attachments.all()] == [8]


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


def _days_of_a_blink(name: str, body: bytes) -> bytes:
    return body.replace(b'"days":30', b'"days":0') if name.startswith("rooms") else body


@pytest.mark.parametrize(
    "change",
    [
        _days_of_a_blink,
        _no_part,
        _no_manifest,
        _a_line_less,
        _torn,
        _twice,
        _unknown_field,
        _of_nobody,
        _newer,
        _own,
    ],
)
def test_a_broken_file_is_one_line_and_leaves_nothing(file: Path, change: Any) -> None:
    other = rewritten(file, change)
    with pytest.raises(incoming.Unfit) as found:
        importing.load(other)
    assert str(found.value)
    assert "\n" not in str(found.value).strip()
    assert nothing_is_there()


def test_what_is_no_zip_is_refused(file: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.zip", tmp_path, Path(__file__)):
        with pytest.raises(incoming.Unfit):
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
    with pytest.raises(incoming.Unfit, match="no export of a workspace"):
        importing.load(path)
