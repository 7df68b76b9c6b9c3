from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection

from chat.models import Token, token_uses
from tests.cast import Cast, token_of

EARLY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATE = datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_waits() -> Iterator[None]:
    token_uses._waiting.clear()
    yield
    token_uses._waiting.clear()


def test_uses_are_written_together_and_once(cast: Cast, django_assert_num_queries: object) -> None:
    secrets = [token_of(user) for user in (cast.bob, cast.mina)]
    first, second = (Token.objects.get(digest=Token.digest_of(secret)).pk for secret in secrets)
    token_uses.note(first, EARLY)
    token_uses.note(second, EARLY)
    token_uses.note(first, LATE)
    assert token_uses.are_waiting()
    token_uses.write()
    assert [Token.objects.get(pk=pk).last_used_at for pk in (first, second)] == [LATE, EARLY]
    assert not token_uses.are_waiting()
    with django_assert_num_queries(0):  # type: ignore[operator]
        token_uses.write()


def test_uses_wait_on_when_the_database_fails(cast: Cast) -> None:
    pk = Token.objects.get(digest=Token.digest_of(token_of(cast.bob))).pk
    token_uses.note(pk, EARLY)

    def fail(*_: object) -> None:
        raise OperationalError("disk is full")

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        token_uses.write()
    token_uses.write()
    assert Token.objects.get(pk=pk).last_used_at == EARLY


def test_uses_beyond_the_bound_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_uses, "MAX_COUNT", 2)
    for pk in (1, 2, 3, 1):
        token_uses.note(pk, EARLY)
    assert sorted(token_uses._waiting) == [1, 2]
