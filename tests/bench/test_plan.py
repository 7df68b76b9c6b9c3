import pytest

from bench import plan
from bench.__main__ import WORKLOADS
from bench.servers import SERVERS
from bench.table import COLUMNS


def read(**environment: str) -> plan.Plan:
    return plan.read(environment, WORKLOADS)


def test_without_a_word_everything_is_measured_and_published() -> None:
    found = read()
    assert found.is_whole
    assert list(found.chosen) == list("abcdefg")
    assert found.servers == set(SERVERS)
    assert all(found.wants(letter, point) for letter, one in WORKLOADS.items() for point in one.points)


def test_whole_workloads_are_published_and_parts_are_not() -> None:
    assert read(ONLY="a,b").is_whole
    narrowed: list[dict[str, str]] = [
        {"ONLY": "a.flat"},
        {"PEERS": "ours"},
        {"REPEATS": "1"},
        {"SECONDS": "1"},
    ]
    assert not any(read(**words).is_whole for words in narrowed)


def test_a_point_leaves_the_others_of_its_workload_out() -> None:
    found = read(ONLY="a.flat, a.500, c")
    assert (found.wants("a", "flat"), found.wants("a", "500"), found.wants("a", "idle")) == (
        True,
        True,
        False,
    )
    assert found.wants("c", "idle")
    assert not found.wants("b", "flat")


def test_ours_are_all_of_ours() -> None:
    assert read(PEERS="ours,ws").servers == {"maru", "maru-postgres", "ws"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ONLY", "z", "there are a, b"),
        ("ONLY", "a.nine", "a has flat"),
        ("PEERS", "nodejs", "no nodejs; there are ours, maru"),
        ("REPEATS", "0", "REPEATS is a number from 1"),
        ("SECONDS", "long", "SECONDS is a number"),
    ],
)
def test_a_wrong_word_is_one_line(name: str, value: str, said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        read(**{name: value})


def test_every_workload_names_servers_that_there_are_and_has_a_table() -> None:
    assert {name for one in WORKLOADS.values() for name in one.servers} <= set(SERVERS)
    assert set(COLUMNS) == set(WORKLOADS)
