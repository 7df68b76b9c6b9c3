from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from chat.models import Erasure, Message, User
from tests.cast import Cast
from tests.make import post


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("erase_user", *arguments, stdout=out)
    return out.getvalue()


def test_an_account_is_erased_to_the_end(cast: Cast) -> None:
    post(cast.room, cast.bob, "said")
    assert said("Bob", "--messages", "remove", "--yes") == f"erased the account with id {cast.bob.pk}\n"
    assert Erasure.objects.get().finished_at is not None
    assert Message.objects.get().body == ""
    assert not User.objects.filter(handle="bob").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["bob", "--messages", "keep"], "say --yes"),
        (["nobody", "--messages", "keep", "--yes"], "no account 'nobody'"),
        (["ada", "--messages", "keep", "--yes"], "last admin"),
        (["bob", "--yes"], "--messages"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(cast: Cast, arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        said(*arguments)
    assert Erasure.objects.count() == 0
