from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from chat.features.attachments import service
from chat.models import Attachment
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from tests.cast import Cast
from tests.features.attachments.conftest import Upload, files_of
from tests.pictures.drawing import drawn

NOW = timezone.now


def code_of(call: Callable[[], object]) -> ErrorCode:
    with pytest.raises((Refused, ProtocolError)) as caught:
        call()
    assert isinstance(caught.value, Refused | ProtocolError)
    return caught.value.code


def test_upload_belongs_to_its_uploader_and_to_no_message(cast: Cast, upload: Upload, media: Path) -> None:
    row = upload(cast.alice, b"words", "notes.txt", alt="my notes")
    kept = Attachment.objects.get(pk=row.pk)
    assert (kept.uploader, kept.message, kept.state, kept.name) == (cast.alice, None, "ready", "notes.txt")
    assert (kept.type, kept.bytes, kept.alt) == ("application/octet-stream", 5, "my notes")
    assert files_of(media) == {"raw"}
    assert "notes" not in str([path for path in media.rglob("*") if path.is_file()])


def test_picture_waits_to_be_made_anew(cast: Cast, upload: Upload) -> None:
    assert upload(cast.alice, drawn("PNG"), "a.png").state == "waiting"
    assert upload(cast.alice, drawn("PNG"), "a.html").state == "ready"
    assert upload(cast.alice, b"<html>", "a.png").state == "ready"


def test_place_of_a_person_and_of_all_is_bounded(
    cast: Cast, upload: Upload, configure: Callable[..., None]
) -> None:
    configure(FILES_PER_USER_BYTES=100, FILES_TOTAL_BYTES=150)
    upload(cast.alice, bytes(60))
    assert code_of(lambda: service.reserve(cast.alice, 41, NOW())) is ErrorCode.FULL
    service.reserve(cast.alice, 40, NOW())
    assert code_of(lambda: service.reserve(cast.bob, 51, NOW())) is ErrorCode.FULL
    upload(cast.bob, bytes(50))


def test_place_is_taken_before_the_first_byte_and_given_back(
    cast: Cast, configure: Callable[..., None]
) -> None:
    configure(FILES_PER_USER_BYTES=100)
    row = service.reserve(cast.alice, 100, NOW())
    assert code_of(lambda: service.reserve(cast.alice, 1, NOW())) is ErrorCode.FULL
    service.forget(row)
    service.reserve(cast.alice, 100, NOW())


def test_few_uploads_of_a_person_are_under_way_at_once(cast: Cast) -> None:
    for _ in range(service.ARRIVING_MAX_COUNT):
        service.reserve(cast.alice, 1, NOW())
    assert code_of(lambda: service.reserve(cast.alice, 1, NOW())) is ErrorCode.RATE_LIMITED
    service.reserve(cast.bob, 1, NOW())
    # What a process that was killed has left is in nobody's way for long.
    service.reserve(cast.alice, 1, NOW() + timedelta(hours=1))


def test_unposted_uploads_of_a_person_are_bounded(cast: Cast, upload: Upload) -> None:
    Attachment.objects.bulk_create(
        [
            Attachment(uploader=cast.alice, key=f"k{number}", name="a", type="t", bytes=1, state="ready")
            for number in range(service.UNPOSTED_MAX_COUNT)
        ]
    )
    assert code_of(lambda: service.reserve(cast.alice, 1, NOW())) is ErrorCode.TOO_MANY
    upload(cast.bob, b"x")


def test_size_is_refused_by_what_is_declared(configure: Callable[..., None]) -> None:
    configure(UPLOAD_MAX_BYTES=5_000)
    service.check_size(5_000 + 60_000)
    assert code_of(lambda: service.check_size(5_000 + 70_000)) is ErrorCode.TOO_LONG


def test_words_for_a_picture_are_cleaned_and_bounded(cast: Cast, upload: Upload) -> None:
    row = upload(cast.alice, b"x")
    assert service.describe(cast.alice, row.pk, "a\u202e cat \n here").alt == "a cat here"
    assert code_of(lambda: service.describe(cast.alice, row.pk, "x" * 501)) is ErrorCode.TOO_LONG
    assert code_of(lambda: service.describe(cast.alice, row.pk, "a\0")) is ErrorCode.BAD_TEXT
    assert Attachment.objects.get(pk=row.pk).alt == "a cat here"


def test_nobody_else_touches_an_upload(cast: Cast, upload: Upload) -> None:
    row = upload(cast.alice, b"x")
    assert code_of(lambda: service.describe(cast.bob, row.pk, "mine")) is ErrorCode.NOT_FOUND
    assert code_of(lambda: service.discard(cast.bob, row.pk, NOW())) is ErrorCode.NOT_FOUND
    service.discard(cast.alice, row.pk, NOW())
    assert code_of(lambda: service.discard(cast.alice, row.pk, NOW())) is ErrorCode.NOT_FOUND
    assert code_of(lambda: service.describe(cast.alice, row.pk, "late")) is ErrorCode.NOT_FOUND
