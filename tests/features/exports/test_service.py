from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.utils import timezone

from chat.features.erasure import beginning
from chat.features.exports import keeping, own, running, service
from chat.features.exports.running import Outcome
from chat.models import Export, User
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from tests.cast import Cast, make_user
from tests.features.exports.files import ask
from tests.pipeline.threads import at_once

_DIRECTS: dict[str, Any] = {"kind": "workspace", "directs": True, "reason": "a court has asked"}


def code(user: User, **fields: Any) -> ErrorCode | None:
    try:
        ask(user, **fields)
    except (Refused, ProtocolError) as error:
        return error.code
    return None


def ready(user: User, **fields: Any) -> Export:
    row = ask(user, **fields)
    assert running.work(row.pk) is Outcome.READY
    row.refresh_from_db()
    return row


def key_of(row: Export) -> str:
    return unquote((service.link(row, timezone.now()) or "").partition("key=")[2])


def fetched(user: User, row: Export, key: str, **later: float) -> ErrorCode | None:
    now = timezone.now() + timedelta(**later)
    try:
        service.fetch(user, row.pk, key, now, is_begin=True)
    except Refused as error:
        return error.code
    return None


def test_the_workspace_is_for_who_runs_it_and_conversations_for_its_owner(cast: Cast) -> None:
    owner = make_user("omar", role=User.Role.OWNER)
    guest = make_user("gus", role=User.Role.GUEST)
    assert [code(user, kind="workspace") for user in (cast.alice, guest)] == [ErrorCode.FORBIDDEN] * 2
    assert code(cast.admin, **_DIRECTS) is ErrorCode.FORBIDDEN
    assert code(owner, kind="workspace", directs=True) is ErrorCode.BAD_FRAME
    assert code(owner, directs=True) is ErrorCode.BAD_FRAME
    assert not Export.objects.exists()
    assert [code(owner, **_DIRECTS), code(cast.admin, kind="workspace"), code(guest)] == [None] * 3
    kept = Export.objects.get(user=owner)
    assert (kept.has_directs, kept.reason) == (True, "a court has asked")


def test_a_person_has_one_under_way_however_many_requests_come_together(cast: Cast) -> None:
    found = at_once([lambda: code(cast.bob)] * 4)
    assert sorted(map(str, found)) == ["None", *["conflict"] * 3]
    assert Export.objects.count() == 1


def test_so_many_files_are_kept_and_so_many_made_in_an_hour(cast: Cast) -> None:
    rows = [ready(cast.bob) for _ in range(service.KEPT_MAX_COUNT)]
    assert code(cast.bob) is ErrorCode.TOO_MANY
    service.remove(cast.bob, rows[0].pk, timezone.now())
    assert not keeping.path_of(rows[0]).exists()
    while code(cast.bob) is None:
        service.remove(cast.bob, Export.objects.latest("pk").pk, timezone.now())
    assert Export.objects.count() == service.PER_H_MAX_COUNT
    with pytest.raises(Refused) as refused:
        ask(cast.bob)
    assert refused.value.code is ErrorCode.RATE_LIMITED
    assert 3_500_000 < (refused.value.after_ms or 0) <= 3_600_001
    Export.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert code(cast.bob) is None


def test_a_link_is_for_one_person_one_file_and_an_hour(cast: Cast) -> None:
    mine, theirs = ready(cast.bob), ready(cast.alice)
    assert fetched(cast.bob, mine, key_of(mine)) is None
    assert fetched(cast.alice, mine, key_of(mine)) is ErrorCode.NOT_FOUND
    assert fetched(cast.bob, mine, key_of(theirs)) is ErrorCode.FORBIDDEN
    assert fetched(cast.bob, mine, key_of(mine)[:-1] + "x") is ErrorCode.FORBIDDEN
    assert fetched(cast.bob, mine, "") is ErrorCode.FORBIDDEN
    mine.refresh_from_db()
    assert mine.downloads_count == 1
    assert mine.downloaded_at is not None


def test_an_old_link_has_ended(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ready(cast.bob)
    key = key_of(row)
    later = timezone.now().timestamp() + service.LINK_S + 2
    monkeypatch.setattr("time.time", lambda: later)
    assert fetched(cast.bob, row, key) is ErrorCode.FORBIDDEN


def test_who_runs_the_workspace_no_more_cannot_fetch_it(cast: Cast) -> None:
    row = ready(cast.admin, kind="workspace")
    User.objects.filter(pk=cast.admin.pk).update(role=User.Role.MEMBER)
    cast.admin.refresh_from_db()
    assert fetched(cast.admin, row, key_of(row)) is ErrorCode.FORBIDDEN


def test_after_a_week_there_is_no_file_whether_or_not_it_was_removed_already(cast: Cast) -> None:
    row = ready(cast.bob)
    now = timezone.now()
    assert service.link(row, now + timedelta(days=6)) is not None
    assert service.link(row, now + timedelta(days=7, seconds=5)) is None
    assert fetched(cast.bob, row, key_of(row), days=7, seconds=5) is ErrorCode.NOT_FOUND
    assert keeping.tidy(now + timedelta(days=6)) == 0
    assert keeping.tidy(now + timedelta(days=7, seconds=5)) == 1
    row.refresh_from_db()
    assert (row.state, keeping.path_of(row).exists()) == (Export.State.GONE, False)


def test_what_an_erased_person_had_made_goes_with_them(cast: Cast) -> None:
    mine, others = ready(cast.bob), ready(cast.alice)
    waiting = ask(cast.bob)
    beginning.erase(cast.bob.pk, None, removes_messages=False, now=timezone.now())
    assert running.work(waiting.pk) is Outcome.FAILED
    assert keeping.tidy() == 1
    assert not keeping.path_of(mine).exists()
    assert keeping.path_of(others).exists()
    assert not Export.objects.filter(user=cast.bob).exists()


def test_a_file_that_is_not_here_is_not_found(cast: Cast) -> None:
    row = ready(cast.bob)
    keeping.path_of(row).unlink()
    assert fetched(cast.bob, row, key_of(row)) is ErrorCode.NOT_FOUND


def test_files_that_nobody_knows_of_go_after_a_while(cast: Cast) -> None:
    kept, running_ = ready(cast.bob), ask(cast.alice)
    assert running.work(running_.pk, running_s=0) is Outcome.MORE
    root = keeping.path_of(kept).parent
    fresh, old = root / "fresh.zip", root / "old.zip"
    for path in (fresh, old):
        path.write_bytes(b"?")
    for path in (old, keeping.path_of(kept), keeping.path_of(running_)):
        os.utime(path, (0, 0))
    assert keeping.tidy() == 1
    left = {path.name for path in root.iterdir()}
    assert left == {fresh.name, keeping.path_of(kept).name, keeping.path_of(running_).name}


def test_without_a_folder_there_is_nothing_to_tidy(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.EXPORT_ROOT = tmp_path / "nowhere"
    assert keeping.tidy() == 0


def test_rows_of_ones_own_data_go_and_those_of_the_workspace_stay(cast: Cast) -> None:
    for row in (ready(cast.bob), ready(cast.admin, kind="workspace")):
        service.remove(row.user, row.pk, timezone.now())
    keeping.tidy(timezone.now() + timedelta(days=31))
    assert [row.kind for row in Export.objects.all()] == [Export.Kind.WORKSPACE]


def test_lists_are_ones_own_and_who_runs_the_workspace_sees_who_took_it(cast: Cast) -> None:
    owner = make_user("omar", role=User.Role.OWNER)
    rows = [ready(cast.bob), ready(owner, **_DIRECTS), ready(cast.admin, kind="workspace")]
    assert service.browse(cast.bob, "mine", 0, 10) == ([rows[0]], None)
    assert service.browse(cast.admin, "workspace", 0, 1) == ([rows[2]], rows[2].pk)
    assert service.browse(cast.admin, "workspace", rows[2].pk, 1) == ([rows[1]], None)
    with pytest.raises(Refused):
        service.browse(cast.bob, "workspace", 0, 10)


def test_of_an_erased_account_only_stays_that_it_took_the_workspace(cast: Cast) -> None:
    workspace, mine = ready(cast.admin, kind="workspace"), ready(cast.admin)
    others = ready(cast.bob)
    ask(cast.admin)
    for _ in range(2):
        service.forget(cast.admin.pk, timezone.now())
    assert set(Export.objects.all()) == {workspace, others}
    assert Export.objects.get(pk=workspace.pk).state == "gone"
    assert [keeping.path_of(row).exists() for row in (workspace, mine, others)] == [False, False, True]


def test_an_export_that_is_written_while_its_account_is_erased_leaves_no_file(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ask(cast.bob)
    page = own.page

    def erasing(*given: Any) -> Any:
        service.forget(cast.bob.pk, timezone.now())
        return page(*given)

    monkeypatch.setattr(own, "page", erasing)
    assert running.work(row.pk) is Outcome.LOST
    assert not Export.objects.exists()
    assert not keeping.path_of(row).exists()
