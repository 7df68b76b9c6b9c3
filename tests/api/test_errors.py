from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import database
from chat.models import Message
from tests.api.conftest import ORIGIN, Door, Fuzzed, error_of
from tests.cast import Cast


@pytest.mark.parametrize(
    "path",
    ["", "nothing", "rooms/", "rooms//messages", "rooms/1/nothing", "messages", "../v2/rooms", "%00", "%ff"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_unknown_address_is_not_found_in_json(door: Door, cast: Cast, method: str, path: str) -> None:
    response = await door(cast.bob).request(method, f"{ORIGIN}/api/v1/{path}")
    assert error_of(response) == (404, "not_found")


async def test_wrong_method_tells_the_right_ones(door: Door, cast: Cast) -> None:
    response = await door(cast.bob).put("me", json={})
    assert error_of(response) == (405, "unsupported")
    assert set(response.headers["allow"].replace(" ", "").split(",")) == {"GET", "PATCH"}


@pytest.mark.parametrize("path", ["openapi.json", "docs"])
async def test_description_is_only_read(door: Door, path: str) -> None:
    response = await door().post(path)
    assert error_of(response) == (405, "unsupported")
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b'{"body": NaN}', "bad_json"),
        (b'{"body": "\xff"}', "bad_json"),
        (b"[]", "bad_frame"),
        (b"null", "bad_frame"),
        (b"{}", "bad_frame"),
        (b'{"body": 5}', "bad_frame"),
        (b'{"body": null}', "bad_frame"),
        (b'{"body": "hi", "parent": -1}', "bad_frame"),
        (b'{"body": "hi", "parent": 99999999999999999999999}', "bad_frame"),
        (b'{"body": "hi", "client_message_id": "short"}', "bad_frame"),
        (b'{"body": "hi", "client_message_id": null}', "bad_frame"),
        (b'{"body": "\\ud800"}', "bad_text"),
        (b'{"body": "a\\u0000b"}', "bad_text"),
        (b'{"body": " "}', "empty"),
    ],
)
async def test_bad_body_is_named(door: Door, cast: Cast, body: bytes, code: str) -> None:
    response = await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", content=body)
    assert error_of(response) == (400, code)
    assert await database.run(Message.objects.count) == 0


async def test_text_too_long_names_both_numbers(door: Door, cast: Cast) -> None:
    response = await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", json={"body": "x" * 8_001})
    assert error_of(response) == (413, "too_long")
    assert response.json()["error"]["detail"] == "body is 8,001 characters, at most 8,000"


async def test_body_too_large_names_both_numbers(door: Door, cast: Cast) -> None:
    response = await door(cast.bob).post("rooms", content=b" " * 70_000)
    assert error_of(response) == (413, "too_long")
    assert response.json()["error"]["detail"] == "the request is 70,000 bytes, at most 65,536"


async def test_body_too_large_without_a_length_is_refused(door: Door, cast: Cast) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 1_000

    response = await door(cast.bob).post("rooms", content=chunks())
    assert error_of(response) == (413, "too_long")
    assert response.json()["error"]["detail"] == "the request is more than 65,536 bytes, at most 65,536"


async def test_largest_body_is_read(door: Door, cast: Cast) -> None:
    body = b'{"name": "Attic"}'.ljust(65_536)
    assert (await door(cast.bob).post("rooms", content=body)).status_code == 201


@pytest.mark.parametrize(
    "word", ["0", "-1", "1.5", "abc", "1e3", "%00", "9" * 16, "9" * 20, "9" * 5_000, "١", "None"]
)
async def test_what_is_no_id_is_not_found(door: Door, cast: Cast, word: str) -> None:
    bob = door(cast.bob)
    for path in (f"rooms/{word}", f"rooms/{word}/messages", f"messages/{word}", f"users/{word}"):
        assert error_of(await bob.get(path)) == (404, "not_found")
    assert error_of(await bob.delete(f"tokens/{word}")) == (404, "not_found")
    missing = await bob.get("rooms/987654321")
    assert (await bob.get(f"rooms/{word}")).content == missing.content


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "limit=" + "9" * 400, "before=-1", "after=" + "9" * 30, "around=1.5",
     "before=1&after=1", "cursor=x", "cursor=before-x", "cursor=after-99999999999999999999"],
)  # fmt: skip
async def test_bad_parameter_of_a_history_is_named(door: Door, cast: Cast, query: str) -> None:
    response = await door(cast.bob).get(f"rooms/{cast.room.pk}/messages?{query}")
    assert error_of(response) == (400, "bad_frame")


@pytest.mark.parametrize("query", ["cursor=x", "cursor=-1", "cursor=" + "9" * 16, "limit=0", "limit=1000"])
async def test_bad_parameter_of_a_list_is_named(door: Door, cast: Cast, query: str) -> None:
    for path in ("rooms", "rooms?scope=all", "users", f"rooms/{cast.room.pk}/members"):
        response = await door(cast.bob).get(f"{path}{'&' if '?' in path else '?'}{query}")
        assert error_of(response) == (400, "bad_frame")


@pytest.mark.parametrize("path", ["rooms?q=", "rooms?scope=all&q=", "users?q="])
async def test_search_text_is_checked(door: Door, cast: Cast, path: str) -> None:
    bob = door(cast.bob)
    assert error_of(await bob.get(f"{path}a%00b")) == (400, "bad_text")
    assert error_of(await bob.get(f"{path}{'x' * 81}")) == (413, "too_long")
    for text in ("%25", "_", "%FF", "%ED%A0%80", "\\", "'"):
        assert (await bob.get(f"{path}{text}")).status_code == 200


async def test_unknown_scope_is_named(door: Door, cast: Cast) -> None:
    assert error_of(await door(cast.bob).get("rooms?scope=none")) == (400, "bad_frame")


async def test_retryable_refusal_tells_when(
    door: Door, cast: Cast, application: object, runtime: object
) -> None:
    runtime.committer.is_draining = True  # type: ignore[attr-defined]
    response = await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", json={"body": "hi"})
    assert error_of(response) == (503, "draining")
    assert response.json()["error"]["retry"] is True
    assert int(response.headers["retry-after"]) * 1_000 >= response.json()["error"]["after_ms"]


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    scalars | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = [
    "name",
    "slug",
    "kind",
    "topic",
    "members",
    "users",
    "user",
    "role",
    "body",
    "parent",
    "attachments",
    "client_message_id",
    "language",
    "time_zone",
    "label",
    "room",
    "type",
    "archived",
]
PATHS = [
    "me",
    "rooms",
    "rooms/{}",
    "rooms/{}/messages",
    "rooms/{}/members",
    "rooms/{}/members/{}",
    "directs",
    "tokens",
    "invites",
    "messages/{}",
    "messages/{}/reactions/{}",
    "tokens/{}",
]
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
often = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@often
@given(
    path=st.sampled_from(PATHS),
    words=st.lists(st.integers().map(str) | st.text(max_size=12), min_size=2, max_size=2),
    method=st.sampled_from(METHODS),
    body=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5) | json_values,
)
def test_no_input_is_a_fault_of_the_server(
    fuzzed: Fuzzed, path: str, words: list[str], method: str, body: object
) -> None:
    assert fuzzed(method, path, words, body) < 500


@often
@given(body=st.binary(max_size=200))
def test_no_bytes_are_a_fault_of_the_server(fuzzed: Fuzzed, body: bytes) -> None:
    assert fuzzed("POST", "rooms", [], body) < 500
