from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from chat.features.attachments import follow_up
from chat.features.exports import importing, incoming, keeping
from chat.files import storage
from chat.models import Attachment, Message, Room, User
from tests.cast import Cast
from tests.features.attachments.conftest import Upload, files_of
from tests.features.exports.files import ask, whole
from tests.features.exports.test_importing import _empty, nothing_is_there
from tests.make import post
from tests.pictures.drawing import CAMERA, bomb, drawn, photo

Member = tuple[zipfile.ZipInfo, bytes]


@pytest.fixture
def file(cast: Cast, upload: Upload) -> Path:
    """An export of a workspace with a message of two files; the workspace is empty since."""
    notes = upload(cast.bob, b"words")
    picture = upload(cast.bob, drawn("PNG"), "cat.png", alt="a cat")
    said = post(cast.room, cast.bob, "look", attachments=[notes.pk, picture.pk])
    follow_up.prepare(cast.room.pk, said.seq)
    row = ask(cast.admin, kind="workspace")
    whole(row)
    path = keeping.path_of(row).rename(keeping.path_of(row).parent.parent / "moved.zip")
    _empty()
    return path


def changed(path: Path, change: Callable[[zipfile.ZipInfo, bytes], list[Member]]) -> Path:
    """Copy an archive with members that are changed, left out or more."""
    other = path.with_name("other.zip")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w") as made:
        for member in archive.infolist():
            for info, body in change(member, archive.read(member)):
                made.writestr(info, body)
    return other


def with_line(path: Path, **facts: object) -> Path:
    """Copy an archive in which the first file is said to be something else."""

    def change(member: zipfile.ZipInfo, body: bytes) -> list[Member]:
        if not member.filename.startswith("attachments-"):
            return [(member, body)]
        first, *others = body.splitlines(keepends=True)
        return [(member, json.dumps(json.loads(first) | facts).encode() + b"\n" + b"".join(others))]

    return changed(path, change)


def with_body(path: Path, body: bytes, **facts: object) -> Path:
    """Copy an archive in which the first file has another content."""

    def change(member: zipfile.ZipInfo, found: bytes) -> list[Member]:
        return [(member, body if member.filename.endswith("notes.txt") else found)]

    return with_line(changed(path, change).rename(path.with_name("body.zip")), **facts)


def refused(path: Path) -> str:
    with pytest.raises(incoming.Unfit) as found:
        importing.load(path)
    assert nothing_is_there()
    assert "\n" not in str(found.value)
    return str(found.value)


def outside(path: Path) -> list[Path]:
    return [found for found in path.parent.parent.rglob("*evil*") if found.is_file()]


def test_files_come_back_with_their_rows_and_quotas_do_not_count(
    file: Path, configure: Callable[..., None], media: Path
) -> None:
    configure(FILES_PER_USER_BYTES=1, FILES_TOTAL_BYTES=1, UPLOAD_MAX_BYTES=1_024)
    counts = importing.load(file)
    assert counts["attachments"] == 2
    said = Message.objects.get(body="look")
    notes, cat = said.attachments.order_by("place")
    assert said.attachment_count == 2
    assert (notes.name, notes.state, notes.uploader.handle) == ("notes.txt", "ready", "bob")
    opened, size_bytes = storage.open_file(notes.key, storage.RAW)
    with opened:
        assert (opened.read(), size_bytes) == (b"words", 5)
    assert (cat.name, cat.alt, cat.width, cat.height, cat.is_picture) == ("cat.png", "a cat", 80, 60, True)
    assert files_of(media) == {"raw", "whole", "large", "small"}


def test_a_picture_that_says_it_was_made_anew_is_made_anew(file: Path, media: Path) -> None:
    importing.load(with_body(file, photo(), name="cat.jpg", state="ready", width=5, height=5))
    row = Attachment.objects.get(name="cat.jpg")
    assert (row.state, row.type, row.width, row.height) == ("ready", "image/jpeg", 80, 60)
    for path in media.rglob("*"):
        assert not path.is_file() or CAMERA.encode() not in path.read_bytes()


def test_a_picture_that_cannot_be_made_is_kept_to_be_saved(file: Path) -> None:
    importing.load(
        with_body(file, bomb(), name="bomb.png", state="ready", type="image/png", width=5, height=5)
    )
    row = Attachment.objects.get(name="bomb.png")
    assert (row.state, row.type, row.width) == ("failed", "application/octet-stream", None)


def test_what_it_is_said_to_be_is_not_believed(file: Path) -> None:
    page = b"<html><script>alert(1)</script>"
    importing.load(with_body(file, page, type="text/html", bytes=3, key="../../evil"))
    row = Attachment.objects.get(place=0)
    assert (row.type, row.bytes) == ("application/octet-stream", len(page))
    assert "evil" not in row.key


def test_names_are_made_safe_anew(file: Path) -> None:
    importing.load(with_line(file, name="../../etc/\u202egpj.evil\0"))
    assert Attachment.objects.get(place=0).name == "gpj.evil"
    assert outside(file) == []


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/tmp/evil.txt",
        "files/../../evil.txt",
        "files/",
        "files/a/evil.txt",
        "files/..",
        "a\\evil.txt",
    ],
)
def test_a_name_with_a_path_is_refused(file: Path, name: str) -> None:
    def change(member: zipfile.ZipInfo, body: bytes) -> list[Member]:
        more = [(zipfile.ZipInfo(name), b"evil")] if member.filename == "manifest.json" else []
        return [*more, (member, body)]

    assert "no name of a member" in refused(changed(file, change))
    assert outside(file) == []


def test_a_link_is_refused(file: Path) -> None:
    def change(member: zipfile.ZipInfo, body: bytes) -> list[Member]:
        if not member.filename.endswith("notes.txt"):
            return [(member, body)]
        link = zipfile.ZipInfo(member.filename)
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        return [(link, b"/etc/passwd")]

    assert "is no file" in refused(changed(file, change))


def test_a_file_that_is_packed_is_refused(file: Path) -> None:
    def change(member: zipfile.ZipInfo, body: bytes) -> list[Member]:
        if member.filename.endswith("notes.txt"):
            member.compress_type = zipfile.ZIP_DEFLATED
            return [(member, bytes(1_000_000))]
        return [(member, body)]

    assert "stored as they are" in refused(changed(file, change))


def _in_the_list(path: Path, name: bytes, at: int, value: bytes) -> Path:
    """Copy an archive with other bytes in what its list says of a member."""
    other = path.with_name("other.zip")
    body = bytearray(path.read_bytes())
    start = body.rindex(b"files/", 0, body.rindex(name)) - 46
    assert body[start : start + 4] == b"PK\x01\x02"
    body[start + at : start + at + len(value)] = value
    other.write_bytes(body)
    return other


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        # Both sizes: more than may be, more than the whole has, more and less than there is.
        (20, (2**30 + 1).to_bytes(4, "little") * 2, "at most 1,073,741,824"),
        (20, (2**29).to_bytes(4, "little") * 2, "the whole has"),
        (20, (9).to_bytes(4, "little") * 2, "cannot be read"),
        (20, (3).to_bytes(4, "little") * 2, "cannot be read"),
        (16, b"\0\0\0\0", "CRC"),
        (8, b"\x01\x00", "encrypted"),
    ],
)
def test_sizes_and_sums_that_lie_are_refused(file: Path, at: int, value: bytes, said: str) -> None:
    assert said in refused(_in_the_list(file, b"-notes.txt", at, value))


def test_a_file_that_is_named_and_not_there_is_refused(file: Path) -> None:
    assert "files/9-none.txt" in refused(with_line(file, file="files/9-none.txt"))


def test_what_is_no_file_of_a_message_is_not_made_one(file: Path) -> None:
    assert "manifest.json" in refused(with_line(file, file="manifest.json"))


def test_a_file_of_a_message_that_is_not_there_is_refused(file: Path) -> None:
    assert "not there" in refused(with_line(file, message_id=10**9))


def test_a_file_that_was_missing_at_the_export_is_missing_still(file: Path, media: Path) -> None:
    importing.load(with_line(file, file=None))
    row = Attachment.objects.get(place=0)
    assert (row.name, row.state, row.bytes) == ("notes.txt", "failed", 0)
    with pytest.raises(FileNotFoundError):
        storage.open_file(row.key, storage.RAW)


def test_what_was_stored_is_taken_out_again_where_the_end_is_broken(file: Path) -> None:
    def change(member: zipfile.ZipInfo, body: bytes) -> list[Member]:
        return [(member, b"?" if member.filename.startswith("changes-") else body)]

    assert "changes-000001" in refused(changed(file, change))
    assert not Room.objects.filter(name="Maru team").exists()
    assert not User.objects.exists()
    assert Path(settings.MEDIA_ROOT).is_dir()
