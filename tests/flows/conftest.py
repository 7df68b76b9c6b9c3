import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from tests.flows.topology import topology, whole_topology

__all__ = ["topology", "whole_topology"]

_DEADLINE_S = 180


@pytest.fixture(autouse=True)
def deadline() -> Iterator[None]:
    """No story waits for ever, whatever it waits for."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the story took longer than {_DEADLINE_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_DEADLINE_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
