import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.protocol import codec, limits
from chat.protocol.commands import COMMANDS, Command, GetHistory, MarkRead, PostMessage, Resume
from chat.protocol.errors import ErrorCode, ProtocolError
from tests.protocol import strategies


def refusal(text: str | bytes) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        codec.decode(text)
    return caught.value


def frame(kind: str, /, **fields: Any) -> str:
    return json.dumps({"type": kind, "ref": 1, **fields})


def post(**fields: Any) -> str:
    return frame("message.post", **{"room": 1, "client_message_id": "abcdefgh", "body": "hi", **fields})


NOT_JSON = {
    "nothing": "",
    "a word": "hello",
    "truncated": '{"type":"ping"',
    "a byte order mark": '\ufeff{"type":"ping","ref":1}',
    "a trailing comma": '{"type":"ping","ref":1,}',
    "a comment": '{"type":"ping"/* hi */,"ref":1}',
    "two objects": '{"type":"ping"}{"type":"ping"}',
    "NaN": '{"type":"ping","ref":NaN}',
    "Infinity": '{"type":"ping","ref":-Infinity}',
    "depth": "[" * 10_000,
    "depth with an escape": '"\\u0041"' + "[" * 10_000,
    "deep objects": '{"a":' * 10_000 + '"\\ud800"' + "}" * 10_000,
    "a very long number": '{"ref":' + "9" * 60_000 + "}",
    "a very long number with an escape": '{"a":"\\ud800","ref":' + "9" * 60_000 + "}",
    "1e400": '{"type":"ping","ref":1e400}',
    "1e400 with an escape": '{"a":"\\u0041","ref":1e400}',
    "bytes that are no UTF-8": b'{"type":"\xff"}',
    "a raw surrogate": '{"type":"\ud800"}',
}


@pytest.mark.parametrize("text", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_bad_json(text: str | bytes) -> None:
    assert refusal(text).code is ErrorCode.BAD_JSON


@pytest.mark.parametrize(
    ("text", "what"),
    [("[]", "an array"), ('"hi"', "a string"), ("12", "a number"), ("null", "null"), ("true", "a boolean")],
)
def test_a_frame_that_is_no_object_is_bad_frame(text: str, what: str) -> None:
    error = refusal(text)
    assert error.code is ErrorCode.BAD_FRAME
    assert error.detail == f"a frame is one object, this is {what}"


def test_a_lone_surrogate_is_bad_text_and_answered_by_its_ref() -> None:
    error = refusal(
        '{"type":"message.post","ref":"r7","room":1,"client_message_id":"abcdefgh","body":"\\ud800"}'
    )
    assert error.code is ErrorCode.BAD_TEXT
    assert error.ref == "r7"


@pytest.mark.parametrize("ref", ['"\\udfff"', "true", "[]", "9" * 30, '"' + "x" * 65 + '"'])
def test_a_ref_that_cannot_be_echoed_is_not_echoed(ref: str) -> None:
    error = refusal(f'{{"type":"ping","ref":{ref},"a":"\\ud800"}}')
    assert error.code is ErrorCode.BAD_TEXT
    assert error.ref is None


def test_a_pair_of_surrogates_is_one_character() -> None:
    command = codec.decode(post().replace('"hi"', '"\\ud83d\\ude00"')).command
    assert isinstance(command, PostMessage)
    assert command.body == "😀"


def test_a_nul_is_bad_text_by_its_place() -> None:
    error = refusal(post(body="ab\0c"))
    assert (error.code, error.ref) == (ErrorCode.BAD_TEXT, 1)
    assert error.detail == "body holds a NUL at character 2"


def test_a_frame_above_the_limit_is_told_both_numbers() -> None:
    error = refusal(post(body="x" * limits.FRAME_MAX_BYTES))
    assert error.code is ErrorCode.TOO_LONG
    assert error.detail.startswith("frame is 65,6")
    assert error.detail.endswith("at most 65,536")


def test_the_frame_limit_counts_bytes_not_characters() -> None:
    assert refusal("한" * (limits.FRAME_MAX_BYTES // 3 + 1)).code is ErrorCode.TOO_LONG


def test_a_hundred_thousand_keys_are_refused_by_size() -> None:
    assert refusal(json.dumps(dict.fromkeys(map(str, range(100_000)), 0))).code is ErrorCode.TOO_LONG


def test_of_duplicate_keys_the_last_wins() -> None:
    assert codec.decode('{"type":"nothing","ref":1,"type":"ping","ref":2}').ref == 2


@pytest.mark.parametrize(
    "kind", ["ack", "ev", "reply", "hello", "websocket.close", "_x", "dispatch", "message.posted", ""]
)
def test_a_type_that_no_client_may_send_is_unknown(kind: str) -> None:
    error = refusal(frame(kind))
    assert (error.code, error.ref) == (ErrorCode.UNKNOWN_TYPE, 1)


@pytest.mark.parametrize("value", [None, 1, True, [], {}])
def test_a_type_that_is_no_string_is_bad_frame(value: Any) -> None:
    error = refusal(json.dumps({"type": value, "ref": 1}))
    assert (error.code, error.detail) == (ErrorCode.BAD_FRAME, "type: a string is required")


@pytest.mark.parametrize("ref", [True, 1.5, [], {}, 2**53, -(2**53)])
def test_a_ref_is_an_integer_that_every_client_can_hold_or_a_string(ref: Any) -> None:
    error = refusal(json.dumps({"type": "ping", "ref": ref}))
    assert error.code is ErrorCode.BAD_FRAME
    assert error.detail.startswith("ref: an integer")
    assert error.ref is None


def test_a_long_ref_is_told_both_numbers() -> None:
    error = refusal(json.dumps({"type": "ping", "ref": "x" * 65}))
    assert (error.code, error.detail) == (ErrorCode.TOO_LONG, "ref is 65 characters, at most 64")


def test_a_command_with_a_reply_needs_a_ref() -> None:
    assert refusal('{"type":"room.join","room":1}').detail == "ref: an integer or a string is required"


def test_typing_needs_no_ref_and_ping_may_do_without() -> None:
    assert codec.decode('{"type":"typing.start","room":1}').ref is None
    assert codec.decode('{"type":"ping"}').ref is None


WRONG_FIELDS = [
    (frame("read.mark", msg_no=1), "room"),
    (frame("read.mark", room=True, msg_no=1), "room"),
    (frame("read.mark", room="1", msg_no=1), "room"),
    (frame("read.mark", room=None, msg_no=1), "room"),
    (frame("read.mark", room=0, msg_no=1), "room"),
    (frame("read.mark", room=-1, msg_no=1), "room"),
    (frame("read.mark", room=2**53, msg_no=1), "room"),
    (frame("read.mark", room=2**63, msg_no=1), "room"),
    (frame("read.mark", room=1.5, msg_no=1), "room"),
    (frame("read.mark", room=1.0, msg_no=1), "room"),
    (frame("read.mark", room=1, msg_no=-1), "msg_no"),
    (post(body=None), "body"),
    (post(body=1), "body"),
    (post(attachments=[1, "2"]), "attachments.1"),
    (frame("member.update", room=1, user=1, role="king"), "role"),
    (frame("room.create", name="x", kind="direct"), "kind"),
    (frame("resume", epoch=1, rooms={}), "epoch"),
    (frame("resume", epoch=None, rooms={"1": -1}), "rooms.1"),
    (frame("resume", epoch=None, rooms=[]), "rooms"),
    (frame("history.get", room=1, limit=0), "limit"),
    (frame("history.get", room=1, limit=201), "limit"),
    (frame("changes.get", room=1), "after"),
    (frame("changes.get", room=1, after=-1), "after"),
    (frame("direct.open", users=[]), "users"),
]


@pytest.mark.parametrize(("text", "field"), WRONG_FIELDS)
def test_a_wrong_field_is_bad_frame_by_its_name(text: str, field: str) -> None:
    error = refusal(text)
    assert (error.code, error.ref) == (ErrorCode.BAD_FRAME, 1)
    assert error.detail.split(": ")[0] == field


def test_a_key_of_the_client_does_not_come_back_whole() -> None:
    error = refusal(frame("resume", epoch=None, rooms={"x" * 50_000: "y"}))
    assert error.code is ErrorCode.BAD_FRAME
    assert len(error.detail) < 300


def test_unknown_fields_are_ignored() -> None:
    text = frame("read.mark", room=1, msg_no=2, __proto__={"x": 1}, constructor="y", ev=3)
    assert codec.decode(text).command == MarkRead(room=1, msg_no=2)


@pytest.mark.parametrize(
    "value", ["", "1234567", "x" * 65, "with space", "tab\tinside", "한글한글한글한글", "abcdefgh\n"]
)
def test_a_client_message_id_that_is_none_is_told_how_it_looks(value: str) -> None:
    error = refusal(post(client_message_id=value))
    assert error.code is ErrorCode.BAD_FRAME
    assert error.detail == f"client_message_id has {len(value):,} characters, needs 8 to 64 of A-Za-z0-9_-"


@pytest.mark.parametrize("value", ["abcd1234", "x" * 64, "6f1c7d0e-6a35-4f0c-b1c2-0d5c3b9f5a77"])
def test_a_client_message_id_need_not_be_a_uuid(value: str) -> None:
    assert codec.decode(post(client_message_id=value)).ref == 1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (post(attachments=list(range(1, 22))), "attachments"),
        (frame("direct.open", users=list(range(1, 10))), "users"),
        (frame("room.create", name="x", members=list(range(1, 202))), "members"),
    ],
)
def test_too_many_items_are_too_many(text: str, field: str) -> None:
    error = refusal(text)
    assert error.code is ErrorCode.TOO_MANY
    assert error.detail.startswith(field)


def test_a_history_page_has_one_anchor_at_most() -> None:
    assert refusal(frame("history.get", room=1, before=2, after=1)).code is ErrorCode.BAD_FRAME
    command = codec.decode(frame("history.get", room=1, around=5)).command
    assert isinstance(command, GetHistory)
    assert (command.around, command.limit) == (5, 50)


def test_cursors_are_room_ids() -> None:
    assert Resume(rooms={"12": 346, "0012": 3}).cursors() == {12: 3}


@pytest.mark.parametrize("key", ["", "-1", "x", "1.0", "٣", "9" * 17, str(2**53)])
def test_a_cursor_key_that_is_no_id_is_bad_frame(key: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        Resume(rooms={key: 1}).cursors()
    assert caught.value.code is ErrorCode.BAD_FRAME


def test_501_cursors_are_too_many() -> None:
    assert len(Resume(rooms={str(key): 1 for key in range(1, 501)}).cursors()) == 500
    with pytest.raises(ProtocolError) as caught:
        Resume(rooms={str(key): 1 for key in range(1, 502)}).cursors()
    assert (caught.value.code, caught.value.detail) == (
        ErrorCode.TOO_MANY,
        "rooms has 501 entries, at most 500",
    )


def test_every_command_has_a_strategy() -> None:
    assert set(strategies.FIELDS) == set(COMMANDS.values())


@given(strategies.any_command, strategies.refs)
def test_decode_of_encode_is_the_command(command: Command, ref: int | str) -> None:
    found = codec.decode(codec.encode({"ref": ref, **command.model_dump()}))
    assert found == codec.Frame(ref, command)


@settings(max_examples=300)
@given(
    st.one_of(
        st.text(),
        st.binary(),
        strategies.json_values.map(json.dumps),
        strategies.almost_frames.map(json.dumps),
    )
)
def test_decode_raises_nothing_but_protocol_errors_that_can_be_answered(text: str | bytes) -> None:
    try:
        codec.decode(text)
    except ProtocolError as error:
        codec.encode({"ref": error.ref, "detail": error.detail})


@given(st.lists(strategies.json_values.map(lambda value: {"a": value}), min_size=1, max_size=4))
def test_join_makes_an_object_of_one_and_an_array_of_several(values: list[dict[str, Any]]) -> None:
    try:
        encoded = [codec.encode(value) for value in values]
    except TypeError:
        return  # a text that no encoder takes
    found = json.loads(codec.join(encoded))
    whole = [json.loads(part) for part in encoded]
    assert found == (whole[0] if len(whole) == 1 else whole)


def test_what_is_encoded_already_stands_as_it_is() -> None:
    assert json.loads(codec.encode({"users": codec.encoded(b'[{"id":1}]'), "x": "y"})) == {
        "users": [{"id": 1}],
        "x": "y",
    }
