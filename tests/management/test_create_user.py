from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.models import Token, User
from chat.queries import sign_in

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("create_user", *arguments, stdout=out, stderr=StringIO())
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    result: dict[str, Any] = json.loads(lines[0])
    return result


def test_prints_id_and_handle_only() -> None:
    printed = create("bob")
    user = User.objects.get(handle="bob")
    assert printed == {"id": user.pk, "handle": "bob"}
    assert (user.name, user.role, user.is_bot, user.has_usable_password()) == ("bob", "member", False, False)


def test_takes_everything_that_an_account_has() -> None:
    about = ["--name", "김 지우", "--email", "jiwoo@example.org", "--role", "owner"]
    create("지우", *about, "--password", "긴-비밀번호-열둘")
    user = User.objects.get(handle="지우")
    assert (user.name, user.email, user.role) == ("김 지우", "jiwoo@example.org", "owner")
    assert user.check_password("긴-비밀번호-열둘")


def test_makes_a_token_when_asked() -> None:
    printed = create("beep", "--bot", "--token", "alarm")
    user = sign_in.by_token(printed["token"])
    assert user is not None
    assert (user.pk, user.is_bot) == (printed["id"], True)
    assert Token.objects.get(user=user).label == "alarm"


def test_handle_has_one_spelling() -> None:
    assert create("ＢＯＢ")["handle"] == "bob"
    with pytest.raises(CommandError, match="the handle bob is taken"):
        create("Bob")


def test_weak_password_is_told_and_taken() -> None:
    err = StringIO()
    call_command("create_user", "bob", "--password", "12345", stdout=StringIO(), stderr=err)
    assert err.getvalue().startswith("Weak password:")
    assert User.objects.get(handle="bob").check_password("12345")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bob smith"], "handle 'bob smith': A handle has small letters"),
        ([""], "handle ''"),
        (["x" * 33], "at most 32 characters, this one has 33"),
        (["a\0b"], "handle holds a NUL"),
        (["a\ud800"], "handle holds a lone surrogate"),
        (["everyone"], "This handle is reserved"),
        (["bob", "--email", "nowhere"], "email 'nowhere' is no e-mail address"),
        (["bob", "--role", "king"], "role 'king' is none of owner, admin, member, guest"),
        (["bob", "--password", ""], "password is empty"),
        (["bob", "--password", "x" * 1_001], "password is 1,001 characters, at most 1,000"),
        (["bob", "--name", "x" * 81], "name is 81 characters, at most 80"),
        (["bob", "--name", "\u200b"], "name holds nothing that can be seen"),
        (["bob", "--token", ""], "token label holds nothing that can be seen"),
    ],
)
def test_bad_value_is_one_line_and_leaves_nothing(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        create(*arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.returncode == 1
    assert not User.objects.exists()


def test_email_is_taken_in_any_case() -> None:
    create("bob", "--email", "bob@example.org")
    with pytest.raises(CommandError, match="the email BOB@"):
        create("rob", "--email", "BOB@example.org", "--token", "x")
    assert not User.objects.filter(handle="rob").exists()
