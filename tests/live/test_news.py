import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from chat.live import news
from chat.live.news import News
from tests.live import timeless


class Told:
    """Remembers each telling and says to how many it went."""

    def __init__(self, connections: int) -> None:
        self.connections = connections
        self.tellings: list[dict[int, bytes]] = []

    def __call__(self, events: Mapping[int, bytes]) -> int:
        self.tellings.append(dict(events))
        return self.connections


def timers() -> int:
    loop: Any = asyncio.get_running_loop()
    return len([timer for timer in loop._scheduled if not timer.cancelled()])


def test_where_few_are_told_everything_is_told_at_once() -> None:
    async def story() -> None:
        told = Told(news.MANY_COUNT - 1)
        one = News(told)
        for user in range(5):
            one.add(user, b"on")
        assert told.tellings == [{user: b"on"} for user in range(5)]
        assert timers() == 0

    timeless.run(story())


def test_while_many_come_and_go_the_last_of_each_is_told_together() -> None:
    async def story() -> None:
        told = Told(1_000)
        one = News(told)
        one.add(1, b"on")
        for user in range(500):
            one.add(user, b"on")
        one.add(7, b"off")
        assert timers() == 1
        await asyncio.sleep(news.REST_MAX_S)
        assert told.tellings[0] == {1: b"on"}
        assert len(told.tellings) == 2
        assert told.tellings[1] == dict.fromkeys(range(500), b"on") | {7: b"off"}
        # The later word of a user comes later, whatever else is told.
        assert list(told.tellings[1])[-1] == 7
        await asyncio.sleep(news.REST_MAX_S)
        one.add(8, b"off")
        assert told.tellings[2:] == [{8: b"off"}]

    timeless.run(story())


@pytest.mark.parametrize("connections", [1_000, 10**6])
def test_nothing_waits_for_longer_than_the_longest_rest(connections: int) -> None:
    async def story() -> None:
        told = Told(connections)
        one = News(told)
        one.add(1, b"on")
        one.add(2, b"on")
        await asyncio.sleep(news.REST_MAX_S)
        assert told.tellings == [{1: b"on"}, {2: b"on"}]

    timeless.run(story())


def test_once_stopped_nothing_more_is_told() -> None:
    async def story() -> None:
        told = Told(1_000)
        one = News(told)
        one.add(1, b"on")
        one.add(2, b"on")
        one.stop()
        await asyncio.sleep(news.REST_MAX_S)
        assert told.tellings == [{1: b"on"}]

    timeless.run(story())
