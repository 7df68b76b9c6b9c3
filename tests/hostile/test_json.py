import json
from typing import Any

import pytest

from tests.flows.client import LastingClient
from tests.hostile.house import SOCKET_PATH, House, Line
from tests.people import Person

PING = '"type":"ping","ref":1'
# Each text, and the code that it is answered with over the socket.
TEXTS = {
    "a word": ("hello", "bad_json"),
    "truncated": ("{" + PING, "bad_json"),
    "a byte order mark": ("\ufeff{" + PING + "}", "bad_json"),
    "a trailing comma": ("{" + PING + ",}", "bad_json"),
    "a comment": ("{" + PING + "/* hi */}", "bad_json"),
    "two objects": ("{" + PING + "}{" + PING + "}", "bad_json"),
    "single quotes": ("{'type':'ping'}", "bad_json"),
    "NaN": ('{"type":"ping","ref":NaN}', "bad_json"),
    "Infinity": ('{"type":"ping","ref":-Infinity}', "bad_json"),
    "1e400": ('{"type":"ping","ref":1e400}', "bad_json"),
    "a raw control character": ('{"type":"pi\nng"}', "bad_json"),
    "a raw NUL": ("{" + PING + "}\0", "bad_json"),
    "a bad escape": ('{"type":"\\x41"}', "bad_json"),
    "10,000 brackets": ("[" * 10_000, "bad_json"),
    "10,000 brackets, closed": ("[" * 10_000 + "]" * 10_000, "bad_json"),
    "deep objects": ('{"a":' * 10_000 + "1" + "}" * 10_000, "bad_json"),
    "deep behind an escape": ('{"b":"\\ud800","a":' + "[" * 20_000, "bad_json"),
    "60,000 digits": ('{"ref":' + "9" * 60_000 + "}", "bad_json"),
    "60,000 digits behind an escape": ('{"a":"\\ud800","ref":' + "9" * 60_000 + "}", "bad_json"),
    "an array": ("[{" + PING + "}]", "bad_frame"),
    "a string": ('"ping"', "bad_frame"),
    "a number": ("1", "bad_frame"),
    "null": ("null", "bad_frame"),
    "an empty object": ("{}", "bad_frame"),
    "a type that is a number": ('{"type":1,"ref":1}', "bad_frame"),
    "a type that is an object": ('{"type":{"$ne":""},"ref":1}', "bad_frame"),
    "ref 2^53": ('{"type":"ping","ref":9007199254740992}', "bad_frame"),
    "ref -2^63": ('{"type":"ping","ref":-9223372036854775808}', "bad_frame"),
    "ref true": ('{"type":"ping","ref":true}', "bad_frame"),
    "ref 1.0": ('{"type":"ping","ref":1.0}', "bad_frame"),
    "ref []": ('{"type":"ping","ref":[]}', "bad_frame"),
    "no ref": ('{"type":"history.get","room":1}', "bad_frame"),
    "a ref of 65": ('{"type":"ping","ref":"' + "x" * 65 + '"}', "too_long"),
    "a lone surrogate for a type": ('{"type":"\\ud800","ref":1}', "bad_text"),
    "a lone surrogate for a key": ('{"type":"ping","ref":1,"\\udc00":1}', "bad_text"),
    **{
        f"type {kind!r}": (json.dumps({"type": kind, "ref": 1}), "unknown_type")
        for kind in (
            "", "ack", "ev", "reply", "hello", "pong", "synced", "bye", "message.posted", "member.joined", "presence",
            "websocket.close", "websocket.receive", "websocket.disconnect", "dispatch", "_x", "__class__",
            "constructor", "PING", "ping ", "message.post\0", "x" * 60_000,
        )
    },
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), TEXTS.values(), ids=TEXTS)
def test_odd_text_is_refused_by_its_code_and_the_socket_stays(line: Line, text: str, code: str) -> None:
    error = line.refusal(text)
    assert (error["code"], error["retry"]) == (code, False)
    # What came is not sent back at length.
    assert len(error["detail"]) < 400
    assert line.still_talks()


def test_hundred_thousand_keys_are_closed_by_size_and_fewer_are_read(line: Line, house: House) -> None:
    keys = {f"k{number}": 0 for number in range(4_000)}
    assert line.frame(1, json.dumps({"type": "ping", "ref": 1} | keys).encode()).reply()["type"] == "pong"
    assert line.frame(1, json.dumps(dict.fromkeys(map(str, range(100_000)), 0)).encode()).close_code() == 1009


ECHOED = ['{"type":"nothing","ref":1,"type":"ping","ref":2}', '{"type":"ping","ref":2,"__proto__":{"ref":3}}',
          '{"type":"ping","ref":2,"constructor":{"prototype":{}},"toString":null}', ' \t\r\n{"ref":2,"type":"ping"}\n',
          '{"type":"\\u0070ing","ref":2}', '{"type":"ping","ref":2,"unknown":[[[[1e308]]]]}']  # fmt: skip


@pytest.mark.parametrize("text", ECHOED)
def test_last_of_two_keys_wins_and_unknown_ones_have_no_effect(line: Line, text: str) -> None:
    assert line.frame(1, text.encode()).reply() == {"type": "pong", "ref": 2}


POST: dict[str, Any] = {"type": "message.post", "ref": 1, "client_message_id": "fields-0001", "body": "hi"}
MISSING = object()
NO_TEXTS: tuple[Any, ...] = (MISSING, None, True, 1, [], {})
NO_IDS: tuple[Any, ...] = (
    None,
    12345678,
    "",
    "short",
    "a b c d e",
    "한글한글한글한글",
    "x" * 65,
    "x" * 200,
    "12345678\n",
    "../../../x",
    [],
)
NO_ROOMS: tuple[Any, ...] = (MISSING, None, True, "1", 1.0, 1.5, [], {}, 0, -1, 2**53, 2**63, 2**64)
NO_LISTS: tuple[Any, ...] = (1, "1", {}, ["1"], [True], [0], [None])
NO_PARENTS: tuple[Any, ...] = ("1", 0, -1, True, 2**53, [1])
# Field, value, code; a dash for bad_frame that names the field.
FIELDS: list[tuple[str, Any, str]] = [
    *[("room", value, "-") for value in NO_ROOMS],
    *[("body", value, "-") for value in NO_TEXTS],
    *[("client_message_id", value, "-") for value in (MISSING, *NO_IDS)],
    *[("parent", value, "-") for value in NO_PARENTS],
    *[("attachments", value, "-") for value in NO_LISTS],
    ("attachments", list(range(1, 22)), "too_many"),
    ("attachments", [1], "not_found"),
    ("parent", 2**53 - 1, "not_found"),
    ("room", 2**53 - 1, "not_found"),
]


@pytest.mark.parametrize(("field", "value", "code"), FIELDS)
def test_wrong_field_is_named_over_the_socket_and_over_rest(
    house: House, mallory: Person, line: Line, room: int, field: str, value: Any, code: str
) -> None:
    fields = POST | {"room": room} | {field: value}
    fields = {name: given for name, given in fields.items() if given is not MISSING}
    error = line.refusal(json.dumps(fields))
    assert error["code"] == ("bad_frame" if code == "-" else code)
    assert code != "-" or error["detail"].startswith(field)
    assert line.still_talks()
    if field == "room" or (field, value) == ("client_message_id", MISSING):
        return  # REST takes the room from the address, and makes an id where none is given.
    answer = house.ask(mallory, "POST", f"/rooms/{room}/messages", fields)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"] == error


def test_command_before_the_resume_is_answered(house: House, mallory: Person, room: int) -> None:
    with Line(house).sign_in(mallory, resume=False) as line:
        assert line.asked("message.post", room=room, client_message_id="before-resume", body="hi")["ok"]
        assert line.asked("history.get", room=room, limit=1)["ok"]
        assert line.asked("resume", epoch=None, rooms={})["ok"]


def test_second_resume_is_a_conflict(line: Line) -> None:
    assert line.asked("resume", epoch=None, rooms={})["error"]["code"] == "conflict"
    assert line.still_talks()


RESUMES: dict[str, tuple[dict[str, Any], str]] = {
    "501 rooms": ({"rooms": {str(number): 0 for number in range(1, 502)}}, "too_many"),
    "negative cursor": ({"rooms": {"1": -1}}, "bad_frame"),
    "cursor 2^53": ({"rooms": {"1": 2**53}}, "bad_frame"),
    "cursor true": ({"rooms": {"1": True}}, "bad_frame"),
    "key no id": ({"rooms": {"__proto__": 1}}, "bad_frame"),
    "key in other digits": ({"rooms": {"١": 1}}, "bad_frame"),
    "key -1": ({"rooms": {"-1": 1}}, "bad_frame"),
    "key 1e3": ({"rooms": {"1e3": 1}}, "bad_frame"),
    "a huge key": ({"rooms": {"9" * 5_000: 1}}, "bad_frame"),
    "rooms as an array": ({"rooms": [1, 2]}, "bad_frame"),
    "epoch a number": ({"epoch": 1, "rooms": {}}, "bad_frame"),
}


@pytest.mark.parametrize(("fields", "code"), RESUMES.values(), ids=RESUMES)
def test_odd_resume_is_refused_and_may_be_repeated(
    house: House, mallory: Person, fields: dict[str, Any], code: str
) -> None:
    with Line(house).sign_in(mallory, resume=False) as line:
        assert line.asked("resume", **fields)["error"]["code"] == code
        assert line.asked("resume", epoch=None, rooms={})["ok"]


def test_cursor_that_cannot_be_replayed_is_reset_and_foreign_rooms_are_left_out(
    house: House, mallory: Person, room: int
) -> None:
    hidden = house.room(house["carol"])
    cursors = {str(room): 10**12, str(hidden): 1, str(2**53 - 1): 1}
    for epoch, most in ((None, [room]), ("another", [room]), ("x" * 10_000, [room])):
        with Line(house).sign_in(mallory, resume=False) as line:
            result = line.asked("resume", epoch=epoch, rooms=cursors)["result"]
            assert result["reset"] == most
            assert str(hidden) not in json.dumps([state["id"] for state in result["rooms"]])


def test_id_is_one_message_for_its_sender_and_nobody_elses(house: House, room: int, line: Line) -> None:
    fields = {"room": room, "client_message_id": "one-id-0001", "body": "hi"}
    first = line.asked("message.post", **fields)
    assert first["ok"]
    assert line.asked("message.post", **fields) == first
    assert line.asked("message.post", **fields | {"body": "other"})["error"]["code"] == "conflict"
    carol = house["carol"]
    own = house.room(carol)
    assert house.made(carol, f"/rooms/{own}/messages", fields)["id"] != first["result"]["id"]


GETS: list[tuple[str, dict[str, Any], str]] = [
    ("history.get", {"limit": 0}, "bad_frame"),
    ("history.get", {"limit": 201}, "bad_frame"),
    ("history.get", {"limit": 10**9}, "bad_frame"),
    ("history.get", {"before": -1}, "bad_frame"),
    ("history.get", {"before": 2**53}, "bad_frame"),
    ("history.get", {"before": 9, "after": 1}, "bad_frame"),
    ("changes.get", {}, "bad_frame"),
    ("changes.get", {"after": -1}, "bad_frame"),
    ("changes.get", {"after": 0, "limit": 501}, "bad_frame"),
    ("changes.get", {"after": "0"}, "bad_frame"),
    ("read.mark", {"msg_no": -1}, "bad_frame"),
    ("read.mark", {"msg_no": 1.5}, "bad_frame"),
]


@pytest.mark.parametrize(("kind", "fields", "code"), GETS)
def test_odd_range_is_refused(line: Line, room: int, kind: str, fields: dict[str, Any], code: str) -> None:
    assert line.asked(kind, room=room, **fields)["error"]["code"] == code


def test_range_beyond_the_end_is_empty(line: Line, room: int) -> None:
    for anchor in ("after", "around"):
        assert line.asked("history.get", room=room, **{anchor: 2**53 - 1})["ok"]
    assert line.asked("changes.get", room=room, after=2**53 - 1)["result"] == {"items": []}


def test_reading_goes_neither_beyond_the_last_message_nor_back(house: House, line: Line) -> None:
    room = house.room(house["mallory"])
    last = line.asked("message.post", room=room, client_message_id="to-be-read", body="hi")["result"][
        "msg_no"
    ]
    for msg_no in (2**53 - 1, 0, last):
        found = line.asked("read.mark", room=room, msg_no=msg_no)["result"]
        assert found == {"room": room, "msg_no": last, "backs": 0}


def test_hidden_and_missing_are_told_alike(house: House, line: Line) -> None:
    carol = house["carol"]
    room = house.room(carol)
    message = house.made(carol, f"/rooms/{room}/messages", {"body": "secret"})["id"]
    none = 2**53 - 1
    pairs: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("message.edit", {"body": "x"}, {"message": message}),
        ("message.delete", {}, {"message": message}),
        ("reaction.add", {"emoji": "👍"}, {"message": message}),
        ("reaction.remove", {"emoji": "👍"}, {"message": message}),
        ("message.post", {"body": "x", "client_message_id": "hidden-room"}, {"room": room}),
        ("history.get", {}, {"room": room}),
        ("changes.get", {"after": 0}, {"room": room}),
        ("read.mark", {"msg_no": 1}, {"room": room}),
        ("read.back", {"msg_no": 1, "backs": 0}, {"room": room}),
        ("message.pin", {}, {"message": message}),
        ("room.join", {}, {"room": room}),
        ("room.delete", {}, {"room": room}),
        ("member.add", {"user": 1}, {"room": room}),
    ]
    for kind, fields, place in pairs:
        hidden = line.asked(kind, **fields, **place)
        missing = line.asked(kind, **fields, **dict.fromkeys(place, none))
        assert hidden == missing, kind
        assert hidden["error"]["code"] == "not_found", kind


def test_reply_to_a_message_of_another_room_is_not_found(house: House, line: Line, room: int) -> None:
    other = house.made(house["mallory"], f"/rooms/{house.room(house['mallory'])}/messages", {"body": "hi"})[
        "id"
    ]
    fields = {"client_message_id": "other-parent", "body": "x", "parent": other}
    assert line.asked("message.post", room=room, **fields)["error"]["code"] == "not_found"


def test_flood_is_told_when_to_come_again(house: House) -> None:
    grace, count = house["grace"], 300
    room = house.room(grace)
    with Line(house).sign_in(grace) as line:
        for number in range(count):
            line.say(
                type="message.post", ref=number, room=room, body="x", client_message_id=f"told-{number:04}"
            )
        replies = [line.reply() for _ in range(count)]
    assert {reply["ref"] for reply in replies} == set(range(count))
    refused = [reply["error"] for reply in replies if not reply["ok"]]
    # The burst went through, and what was earned meanwhile.
    assert 60 <= count - len(refused) < count
    assert {(error["code"], error["retry"]) for error in refused} == {("rate_limited", True)}
    assert all(0 < error["after_ms"] < 60_000 for error in refused)


async def test_client_that_comes_again_as_told_loses_nothing(house: House) -> None:
    frank, count = house["frank"], 150
    room = house.room(frank)
    async with LastingClient(frank.token, [f"ws://{house.host}{SOCKET_PATH}"]) as client:
        for number in range(count):
            await client.post(room, str(number))
        await client.hears(room, count)
    assert client.bodies(room) == [str(number) for number in range(count)]
    assert (client.faults, client.connections_count) == ([], 1)
