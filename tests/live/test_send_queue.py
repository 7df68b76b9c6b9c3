import json

from hypothesis import given
from hypothesis import strategies as st

from chat.live.send_queue import SendQueue


def frame(number: int, size: int = 0) -> bytes:
    return json.dumps({"n": number, "x": "x" * size}).encode()


def sent(queue: SendQueue) -> list[int]:
    """Empty the queue as a writer does; return the numbers in the order in which they left."""
    numbers: list[int] = []
    while queue:
        value = json.loads(queue.peek())
        numbers += [one["n"] for one in value] if isinstance(value, list) else [value["n"]]
        queue.drop()
    return numbers


def test_one_object_leaves_alone_and_several_leave_as_an_array() -> None:
    queue = SendQueue(1_000)
    queue.offer(b'{"n":1}')
    assert queue.peek() == b'{"n":1}'
    queue.offer(b'{"n":2}')
    assert queue.peek() == b'[{"n":1},{"n":2}]'


def test_above_its_bound_nothing_is_taken() -> None:
    queue = SendQueue(100)
    assert queue.offer(b"x" * 60)
    assert queue.offer(b"x" * 40)
    assert not queue.has_room(b"x")
    assert not queue.offer(b"x")
    assert queue.waiting_bytes == 100


def test_one_large_object_is_taken_at_a_time_beside_the_bound() -> None:
    queue = SendQueue(100)
    large = b"x" * 70_000
    assert queue.offer(b"x" * 90)
    assert queue.offer(large)
    assert queue.offer(b"x" * 10)
    assert not queue.offer(b"x")
    assert not queue.offer(large)
    while queue:
        queue.peek()
        queue.drop()
    assert queue.waiting_bytes == 0
    assert queue.offer(large)
    queue.clear()
    assert queue.offer(large)


def test_what_may_be_lost_is_lost_when_a_quarter_is_taken() -> None:
    queue = SendQueue(100)
    queue.offer(b"x" * 20)
    queue.offer_droppable(b"y" * 5)
    assert queue.waiting_bytes == 25
    queue.offer_droppable(b"y")
    assert queue.waiting_bytes == 25


def test_a_frame_holds_about_48_kib() -> None:
    queue = SendQueue(1_000_000)
    for number in range(100):
        queue.offer(frame(number, 2_000))
    assert len(queue.peek()) <= 48 * 1024 + 2 * 100
    assert sent(queue) == list(range(100))
    assert queue.waiting_bytes == 0


def test_what_comes_between_looking_and_dropping_stays() -> None:
    queue = SendQueue(1_000)
    queue.offer(frame(1))
    queue.peek()
    queue.offer(frame(2))
    queue.drop()
    assert sent(queue) == [2]


def test_dropping_after_clearing_takes_nothing_that_came_since() -> None:
    queue = SendQueue(1_000)
    queue.offer(frame(1))
    queue.peek()
    queue.clear()
    queue.offer(frame(2))
    queue.drop()
    assert sent(queue) == [2]
    assert queue.waiting_bytes == 0


@given(st.lists(st.one_of(st.just("write"), st.integers(0, 400)), max_size=60))
def test_everything_that_was_taken_leaves_once_in_order_within_the_bound(steps: list[str | int]) -> None:
    queue = SendQueue(1_000)
    taken: list[int] = []
    left: list[int] = []
    for number, step in enumerate(steps):
        if isinstance(step, int):
            if queue.offer(frame(number, step)):
                taken.append(number)
            assert queue.waiting_bytes <= 1_000
        elif queue:
            value = json.loads(queue.peek())
            left += [one["n"] for one in value] if isinstance(value, list) else [value["n"]]
            queue.drop()
    assert left + sent(queue) == taken
