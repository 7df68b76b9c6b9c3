import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from tests.faults.crowd import Crowd
from tests.faults.load.hall import Hall
from tests.faults.sizes import size

_DEADLINE_S = size(90, 400)
_HEADS_COUNT = size(110, 2010)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each of them needs programs."""
    for item in items:
        if "load" in item.path.parts:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _deadline() -> Iterator[None]:
    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the row took longer than {_DEADLINE_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_DEADLINE_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def whole_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The processes of all rows."""
    with Hall(tmp_path_factory.mktemp("load"), people_count=_HEADS_COUNT) as running:
        yield running


@pytest.fixture
def hall(whole_hall: Hall) -> Iterator[Hall]:
    """The same, whose log a row must leave without a fault."""
    place = whole_hall.log_bytes()
    yield whole_hall
    assert whole_hall.faults(place) == []


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """A crowd of this row alone."""
    with Crowd() as running:
        yield running
