from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions import audit
from chat.features.audit import keeping
from chat.models import AuditDeed, AuditEntry, Workspace
from tests.cast import Cast


def _aged(cast: Cast, *days: int) -> None:
    for age in days:
        entry = audit.record(cast.admin, AuditDeed.ROOM_CHANGED)
        AuditEntry.objects.filter(pk=entry.pk).update(at=timezone.now() - timedelta(days=age))


@pytest.fixture
def old(cast: Cast) -> Cast:
    AuditEntry.objects.all().delete()
    _aged(cast, 1, 29, 31, 400)
    return cast


def test_nothing_goes_where_no_time_is_set(old: Cast) -> None:
    assert keeping.tidy() == 0
    assert AuditEntry.objects.count() == 4


def test_what_is_older_goes_and_the_rest_stays(old: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "ROWS_MAX_COUNT", 1)
    Workspace.objects.update(audit_days=30)
    assert keeping.tidy() == 2
    assert AuditEntry.objects.count() == 2
    assert keeping.tidy() == 0


def test_it_ends_in_time_and_goes_on_at_the_next(old: Cast) -> None:
    Workspace.objects.update(audit_days=30)
    assert keeping.tidy(running_s=-1) == 0
    assert keeping.tidy() == 2


def test_a_hold_of_the_workspace_holds_the_record_too(old: Cast) -> None:
    Workspace.objects.update(audit_days=30, held_at=timezone.now())
    assert keeping.tidy() == 0
