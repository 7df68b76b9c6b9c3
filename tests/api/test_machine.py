from __future__ import annotations

import pytest
from django.utils import timezone

from chat import database
from chat.features.machine import reading
from chat.models import OutboxEntry
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.planted import a_file


@pytest.fixture
def failed(cast: Cast) -> list[int]:
    now = timezone.now()
    return [
        OutboxEntry.objects.create(
            task="chat.mail.send", queue=queue, key=f"aside-{queue}", parked_at=now, attempts=16,
            last_error="the server refuses " + "x" * 1_000,
        ).pk
        for queue in ("mail", "io")
    ]  # fmt: skip


def _waiting() -> set[str]:
    rows = OutboxEntry.objects.filter(parked_at=None, done_at=None, attempts=0, key__startswith="aside")
    return set(rows.values_list("queue", flat=True))


async def test_it_says_what_waits_what_is_stored_and_what_runs(
    door: Door, cast: Cast, failed: list[int]
) -> None:
    await database.run(a_file, cast.bob)
    found = (await door(cast.admin).get("admin/health")).json()
    assert {line["name"]: line["parked"] for line in found["queues"]} == {
        "fast": 0,
        "mail": 1,
        "io": 1,
        "cpu": 0,
    }
    assert found["version"] == reading.app_version()
    assert found["degraded"] == []
    assert found["people"] == {"active": 6, "off": 0, "bots": 1}
    assert found["rooms"] == 3
    assert found["storage"]["files"] == 1
    assert found["storage"]["files_bytes"] > 0
    assert found["storage"]["database_bytes"] > 10_000
    assert found["storage"]["disk_free_bytes"] > 0
    assert found["parts"]["database"].startswith(("SQLite 3", "PostgreSQL 1"))
    assert [line["name"] for line in found["later"]] == ["scheduled", "reminders"]


async def test_what_failed_is_listed_with_its_reason_and_tried_again_one_by_one(
    door: Door, cast: Cast, failed: list[int]
) -> None:
    ada = door(cast.admin)
    items = (await ada.get("admin/work")).json()["items"]
    assert [item["id"] for item in items] == failed[::-1]
    assert items[0]["error"].startswith("the server refuses")
    assert len(items[0]["error"]) == 500
    assert (await ada.post(f"admin/work/{failed[0]}/retry")).json() == {"count": 1}
    assert (await ada.post(f"admin/work/{failed[0]}/retry")).json() == {"count": 0}
    assert await database.run(_waiting) == {"mail"}
    assert error_of(await ada.post("admin/work/987654321/retry")) == (404, "not_found")
    (entry,) = (await ada.get("admin/audit?deed=work.retried")).json()["items"]
    assert entry["facts"] == {"tasks": ["chat.mail.send"], "count": 1}


async def test_all_of_a_queue_is_tried_again(door: Door, cast: Cast, failed: list[int]) -> None:
    ada = door(cast.admin)
    assert (await ada.post("admin/work/retry?queue=io")).json() == {"count": 1}
    assert await database.run(_waiting) == {"io"}
    assert (await ada.post("admin/work/retry")).json() == {"count": 1}
    assert (await ada.post("admin/work/retry")).json() == {"count": 0}
    assert error_of(await ada.post("admin/work/retry?queue=none")) == (400, "bad_frame")


async def test_only_who_runs_the_workspace_sees_it(door: Door, cast: Cast, failed: list[int]) -> None:
    alice = door(cast.alice)
    for path in ("admin/health", "admin/work"):
        assert error_of(await alice.get(path)) == (403, "forbidden")
    for path in ("admin/work/retry", f"admin/work/{failed[0]}/retry", "admin/work/987654321/retry"):
        assert error_of(await alice.post(path)) == (403, "forbidden")
    assert await database.run(_waiting) == set()
