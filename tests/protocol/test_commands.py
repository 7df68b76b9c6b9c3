from typing import Any

import pytest

from chat.protocol import commands, limits
from chat.protocol.commands import COMMANDS, AddReaction, CreateRoom, parse
from chat.protocol.errors import ErrorCode, ProtocolError


def refusal(kind: type[commands.Command], **fields: Any) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        parse(kind, fields)
    return caught.value


@pytest.mark.parametrize("slug", ["a", "general", "team-1", "a_b", "마루", "9", "x" * 64])
def test_a_slug_is_short_small_and_may_be_korean(slug: str) -> None:
    assert parse(CreateRoom, {"name": "x", "slug": slug}) == CreateRoom(name="x", slug=slug)


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a b", "a/b", "..", "a.b", "ä", "a\n", "％"])
def test_a_slug_of_other_signs_is_bad_frame(slug: str) -> None:
    assert refusal(CreateRoom, name="x", slug=slug).code is ErrorCode.BAD_FRAME


def test_a_long_slug_is_told_both_numbers() -> None:
    error = refusal(CreateRoom, name="x", slug="x" * 65)
    assert (error.code, error.detail) == (ErrorCode.TOO_LONG, "slug is 65 characters, at most 64")


@pytest.mark.parametrize("emoji", ["👍", "👩‍👩‍👧‍👦", "🇰🇷", ":party:", "❤️"])
def test_an_emoji_may_be_of_several_characters(emoji: str) -> None:
    assert parse(AddReaction, {"message": 1, "emoji": emoji}) == AddReaction(message=1, emoji=emoji)


@pytest.mark.parametrize(
    ("emoji", "code"),
    [
        ("", ErrorCode.BAD_FRAME),
        (" ", ErrorCode.BAD_FRAME),
        ("a b", ErrorCode.BAD_FRAME),
        ("\u200d", ErrorCode.BAD_FRAME),
        ("x" * 65, ErrorCode.TOO_LONG),
        ("\0", ErrorCode.BAD_TEXT),
        ("\ud800", ErrorCode.BAD_TEXT),
    ],
)
def test_an_emoji_that_is_none_is_refused(emoji: str, code: ErrorCode) -> None:
    assert refusal(AddReaction, message=1, emoji=emoji).code is code


def test_a_topic_may_be_empty_and_a_name_may_not() -> None:
    assert CreateRoom(name=" a  b ", topic=" ").model_dump()["topic"] == ""
    assert CreateRoom(name=" a  b ").name == "a b"
    assert refusal(CreateRoom, name=" ").code is ErrorCode.EMPTY
    assert refusal(CreateRoom, name="x" * 81).code is ErrorCode.TOO_LONG
    assert refusal(CreateRoom, name="x", topic="x" * (limits.TOPIC_MAX_CHARS + 1)).code is ErrorCode.TOO_LONG


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_called_noun_and_verb_and_says_what_it_is(name: str) -> None:
    kind = COMMANDS[name]
    assert "." in name or name in ("ping", "resume")
    assert kind.__doc__
    assert kind.model_config["strict"]
    assert kind.model_config["extra"] == "ignore"


def test_a_command_does_not_change_after_it_was_read() -> None:
    command = AddReaction(message=1, emoji="👍")
    with pytest.raises(ValueError, match="frozen"):
        setattr(command, "message", 2)  # noqa: B010 - a type checker would not let it through


def test_the_limits_that_a_client_is_told_are_those_of_the_contract() -> None:
    assert limits.as_wire()["body_chars"] == 8_000
    assert limits.as_wire()["frame_bytes"] == 65_536
    assert limits.as_wire()["resume_rooms"] == 500
