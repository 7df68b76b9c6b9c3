from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.house import House, Line
from tests.hostile.neighbours import Neighbours
from tests.people import Person

# Caches fill and the allocator keeps what it had; what bad input leaves behind would go on growing.
_GROWTH_MAX_BYTES = 48 * 1024 * 1024


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each of them needs a program."""
    for item in items:
        if "hostile" in item.path.parts:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The web process of all rows; at the end nothing of them may be left in it."""
    with House(tmp_path_factory.mktemp("hostile")) as running:
        pid = running.web.pid
        _use_everything_once(running)
        before = running.rss_bytes()
        yield running
        assert (running.web.is_running, running.web.pid) == (True, pid)
        assert running.faults_since(0) == []
        grown = running.rss_bytes() - before
        assert grown <= _GROWTH_MAX_BYTES, f"grown by {grown:,} bytes, at most {_GROWTH_MAX_BYTES:,}"


@pytest.fixture(scope="session")
def neighbours(house: House) -> Iterator[Neighbours]:
    """The two who must not notice anything."""
    pair = Neighbours(house)
    yield pair
    pair.leave()


@pytest.fixture(autouse=True)
def unaffected(house: House, neighbours: Neighbours) -> Iterator[None]:
    """Let the neighbours talk while a row is sent, and look for its traces in the log."""
    place = house.log_bytes()
    neighbours.speak()
    yield
    neighbours.hear()
    assert house.faults_since(place) == []


@pytest.fixture(scope="session")
def mallory(house: House) -> Person:
    """Whoever sends what is bad."""
    return house["mallory"]


@pytest.fixture(scope="session")
def room(house: House, mallory: Person) -> int:
    """A room of Mallory alone."""
    return house.room(mallory)


@pytest.fixture
def line(house: House, mallory: Person) -> Iterator[Line]:
    """A socket of Mallory, resumed."""
    with Line(house).sign_in(mallory) as opened:
        yield opened


def _use_everything_once(house: House) -> None:
    # What is loaded at the first use is no growth.
    person = house["grace"]
    with house.browser(person) as browser:
        assert browser.get("/").status_code == 200
    room = house.room(person)
    house.made(person, f"/rooms/{room}/messages", {"body": "**hi** https://example.com `x`"})
    assert house.http.get("/nothing").status_code == 404
    with Line(house).sign_in(person) as line:
        assert line.still_talks()
