"""F-50: everybody is dropped at once and comes back."""

import time
from collections.abc import Iterator

import pytest

from tests.faults.crowd import Crowd
from tests.faults.load.hall import Hall
from tests.faults.sizes import IS_FULL, size

_CLIENTS_COUNT = size(100, 2000)
# What one process lets in: small enough that the storm is larger.
_HANDSHAKES_PER_S, _HANDSHAKES_BURST = 200, 400


@pytest.fixture
def narrow_hall(hall: Hall) -> Iterator[Hall]:
    """The same, whose web process lets in so many."""
    usual = hall.web.env
    narrow = {"HANDSHAKES_PER_S": str(_HANDSHAKES_PER_S), "HANDSHAKES_BURST": str(_HANDSHAKES_BURST)}
    for env in ({**usual, **narrow}, usual):
        hall.web.kill()
        hall.web.env = env
        hall.restart(hall.web)
        if env is not usual:
            yield hall


def test_web_process_killed_under_a_crowd_lets_it_in_again_at_its_own_pace(
    narrow_hall: Hall, crowd: Crowd
) -> None:
    hall = narrow_hall
    people = hall.people[:_CLIENTS_COUNT]
    room = hall.room(people)
    crowd.open(
        "clients",
        [person.token for person in people],
        port=hall.nginx.port,
        room=room,
        cursor=0,
        comes_back=True,
    )
    crowd.synced("clients", _CLIENTS_COUNT, 30 + _CLIENTS_COUNT / 50)
    with hall.speaker(people[0]) as speaker:
        speaker.posts(room, "before", 10)
    crowd.reaches("clients", lambda state: state.posted_least == 10, 30)
    hall.web.kill()
    crowd.reaches("clients", lambda state: state.connected == 0, 30)
    hall.restart(hall.web)
    began_at = time.monotonic()
    state = crowd.synced("clients", _CLIENTS_COUNT, 30 + _CLIENTS_COUNT / 50)
    took_s = time.monotonic() - began_at
    with hall.speaker(people[0]) as speaker:
        speaker.posts(room, "after", 10)
    state = crowd.reaches("clients", lambda state: state.posted_least == 20, 30)
    assert (state.holes, state.repeats, state.resets) == (0, 0, 0)
    assert state.let_in_per_s <= _HANDSHAKES_BURST + _HANDSHAKES_PER_S
    print(f"{_CLIENTS_COUNT} back in {took_s:.1f} s", state)


@pytest.mark.skipif(not IS_FULL, reason="only with FAULTS=full")
def test_clients_cut_all_at_once_come_back_with_a_bounded_number_of_queries(hall: Hall, crowd: Crowd) -> None:
    people = hall.people[:_CLIENTS_COUNT]
    room = hall.room(people)
    crowd.open(
        "clients",
        [person.token for person in people],
        port=hall.web.port,
        room=room,
        cursor=0,
        comes_back=True,
    )
    crowd.synced("clients", _CLIENTS_COUNT)
    before = hall.transactions_count()
    crowd.drop("clients")
    crowd.reaches("clients", lambda state: state.connected == 0, 30)
    crowd.reaches("clients", lambda state: state.opened == 2 * _CLIENTS_COUNT, 60)
    state = crowd.synced("clients", _CLIENTS_COUNT, 60)
    queries = (hall.transactions_count() - before) / _CLIENTS_COUNT
    assert (state.holes, state.repeats, state.resets) == (0, 0, 0)
    assert queries <= 6, f"{queries:.1f} queries for each client that came back"
    print(f"{queries:.1f} queries a client", state)
