from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.live.envelope import (
    BadEnvelope,
    Head,
    Item,
    Joined,
    Lease,
    RoomChanges,
    RoomEvent,
    SharedEvent,
    SignedOut,
    UserChanged,
    UserEvent,
    pack,
    unpack,
)

numbers = st.integers(0, 2**53 - 1)
frames = st.binary(max_size=30)
users = st.lists(numbers, max_size=4).map(tuple)
items = st.one_of(
    st.builds(
        RoomChanges,
        numbers,
        numbers,
        st.lists(frames, max_size=4).map(tuple),
        st.lists(st.tuples(numbers, numbers, st.booleans()), max_size=3).map(tuple),
    ),
    st.builds(Head, numbers, numbers),
    st.builds(RoomEvent, numbers, frames, numbers),
    st.builds(SharedEvent, numbers, frames, users),
    st.builds(UserEvent, numbers, frames, st.text(max_size=10)),
    st.builds(Joined, numbers, users),
    st.builds(Lease, st.text(max_size=10), numbers, users, st.booleans()),
    st.builds(SignedOut, numbers, st.text(max_size=10), st.booleans()),
    st.builds(UserChanged, numbers, st.booleans(), frames),
)
garbage = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | st.binary(max_size=5)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
kinds = st.sampled_from(
    ["changes", "head", "room", "shared", "user", "joined", "lease", "signed_out", "user_changed", "other"]
)


def carried(message: dict[str, Any]) -> dict[str, Any]:
    """Return what arrives on the other side of the layer."""
    arrived: dict[str, Any] = msgpack.unpackb(msgpack.packb(message))
    return arrived


@given(st.lists(items, max_size=4), st.text(max_size=10))
def test_what_is_packed_arrives(sent: list[Item], instance: str) -> None:
    assert unpack(carried(pack(sent, instance))) == (instance, sent)


@settings(max_examples=300)
@given(
    st.one_of(
        garbage,
        st.fixed_dictionaries({"type": st.just("maru.envelope"), "from": garbage, "items": garbage}),
        st.lists(st.tuples(kinds, garbage, garbage, garbage, garbage).map(list), max_size=3).map(
            lambda rows: {"type": "maru.envelope", "from": "x", "items": rows}
        ),
        st.lists(st.lists(garbage, min_size=1, max_size=6), max_size=3).map(
            lambda rows: {"type": "maru.envelope", "from": "x", "items": rows}
        ),
    )
)
def test_garbage_raises_nothing_but_bad_envelope(message: Any) -> None:
    try:
        instance, found = unpack(message)
    except BadEnvelope:
        return
    assert unpack(carried(pack(found, instance))) == (instance, found)


@pytest.mark.parametrize(
    "row",
    [
        ["changes", 1, 1, [b"{}"]],
        ["changes", 1, 1, ["{}"], []],
        ["changes", 1, float("inf"), [b"{}"], []],
        ["changes", 1, "1", [b"{}"], []],
        ["changes", 1, 1, [b"{}"], [[1, 2]]],
        ["room", 1, "{}", 0],
        ["joined", 1, "123"],
        ["lease", "x", 1.5, [], False],
        ["head", 1],
        [],
    ],
)
def test_a_row_of_another_shape_is_a_bad_envelope(row: list[Any]) -> None:
    with pytest.raises(BadEnvelope):
        unpack({"type": "maru.envelope", "from": "x", "items": [row]})


def test_a_message_of_another_kind_is_a_bad_envelope() -> None:
    with pytest.raises(BadEnvelope):
        unpack({"type": "chat.message", "from": "x", "items": []})


def test_what_a_newer_version_tells_beside_it_is_left_out() -> None:
    rows = [["unheard of", 1, {}], ["head", 5, 7]]
    assert unpack({"type": "maru.envelope", "from": "x", "items": rows}) == ("x", [Head(5, 7)])
