from __future__ import annotations

from typing import Any

from chat import database
from chat.api import tokens
from chat.models import Token
from tests.api.conftest import Door, error_of
from tests.cast import Cast


async def test_made_token_signs_in_and_shows_its_secret_once(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    made = await bob.post("tokens", json={"label": "  backup  script "})
    assert made.status_code == 201
    token: dict[str, Any] = made.json()
    assert token["label"] == "backup script"
    other = door(authorization=f"Bearer {token['token']}")
    assert (await other.get("me")).json()["handle"] == "bob"
    listed = (await bob.get("tokens")).json()
    assert token["id"] in [item["id"] for item in listed["items"]]
    assert token["token"] not in str(listed)
    stored = await database.run(Token.objects.get, pk=token["id"])
    assert token["token"] not in (stored.digest, stored.label)


async def test_revoked_token_is_dead_and_no_longer_listed(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    token = (await bob.post("tokens", json={"label": "old"})).json()
    assert (await bob.delete(f"tokens/{token['id']}")).status_code == 204
    assert error_of(await door(authorization=f"Bearer {token['token']}").get("me")) == (401, "signed_out")
    assert token["id"] not in [item["id"] for item in (await bob.get("tokens")).json()["items"]]
    assert error_of(await bob.delete(f"tokens/{token['id']}")) == (404, "not_found")


async def test_tokens_of_others_are_not_listed(door: Door, cast: Cast) -> None:
    items = (await door(cast.bob).get("tokens")).json()["items"]
    assert len(items) == 1


async def test_label_is_checked(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    assert error_of(await bob.post("tokens", json={"label": " "})) == (400, "empty")
    assert error_of(await bob.post("tokens", json={"label": "x" * 81})) == (413, "too_long")
    assert error_of(await bob.post("tokens", json={})) == (400, "bad_frame")


async def test_number_of_tokens_is_bounded(door: Door, cast: Cast) -> None:
    most = tokens.TOKENS_PER_USER_MAX_COUNT

    def fill() -> None:
        Token.objects.bulk_create(
            Token(user=cast.bob, label="t", digest=f"{number:064}") for number in range(most - 1)
        )

    await database.run(fill)
    response = await door(cast.bob).post("tokens", json={"label": "one more"})
    assert error_of(response) == (400, "too_many")
    assert response.json()["error"]["detail"] == f"you have {most} tokens, at most {most}"
