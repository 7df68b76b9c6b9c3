from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from chat.models import Message
from tests.aging import age, keep
from tests.cast import Cast
from tests.make import post


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("retention", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _old(cast: Cast) -> None:
    keep(10)
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)


def test_a_dry_run_says_what_would_go_and_removes_nothing(cast: Cast) -> None:
    told = said("--dry-run").splitlines()
    assert told[0].startswith(f"room {cast.room.pk}, 10 days: messages 1, reactions 0, previews 0, log_rows ")
    assert told[-1] == "1 messages would go; nothing was removed"
    assert Message.objects.count() == 1


def test_it_removes_to_the_end(cast: Cast) -> None:
    assert said().startswith("removed 1 messages, ")
    assert Message.objects.count() == 0
    assert said() == "removed 0 messages, 0 rows of logs\n"


def test_only_one_thing_at_a_time(cast: Cast) -> None:
    with pytest.raises(CommandError, match="not allowed with"):
        said("--dry-run", "--compact")


def test_compacting_is_for_sqlite(cast: Cast) -> None:
    if connection.vendor == "postgresql":
        with pytest.raises(CommandError, match="autovacuum"):
            said("--compact")
    else:
        assert "pages before" in said("--compact")
