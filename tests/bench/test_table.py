from dataclasses import replace
from pathlib import Path

import pytest

from bench import headline, results, table
from bench.results import Result, Row

_MACHINE = {
    "cpu": "A CPU",
    "cores": 2,
    "memory_gb": 8.0,
    "kernel": "6.1",
    "load_before": 0.2,
    "python": "3.11",
    "node": "v24",
    "packages": {"daphne": "4", "ws": ""},
}


def result(*rows: Row, workload: str = "a") -> Result:
    points = {"flat": "flat out", "500": "500 offered", "idle": "quiet"}
    return Result(workload, "One room", points, "2026-01-01", "abc", _MACHINE, 3, 3.0, list(rows))


_OURS = Row(
    "flat",
    "maru",
    "Maru",
    {"cpu_us": 4.25, "deliveries_s": 123_456.7, "lost": 0, "busy": 2},
    [{"cpu_us": 4.25}],
)
_PEER = Row("flat", "ws", "ws", {"cpu_us": 10.0, "deliveries_s": 99_000.0, "lost": 0}, [])
_LEFT_OUT = Row("500", "ws", "ws", {}, [], "more than it can")


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    results.write([result(_OURS, _LEFT_OUT)], tmp_path)
    (found,) = results.read(tmp_path)
    assert found.row("flat", "maru") == Row(
        "flat", "maru", "Maru", {**_OURS.figures, "deliveries_s": 123_457}, _OURS.runs
    )
    assert found.row("500", "ws") == _LEFT_OUT
    assert (found.figure("flat", "maru", "cpu_us"), found.figure("flat", "ws", "cpu_us")) == (4.25, None)


def test_a_section_has_a_table_for_each_point_and_no_empty_column() -> None:
    lines = table.section(result(_OURS, _PEER, _LEFT_OUT)).splitlines()
    assert "| server | deliveries/s | CPU µs | lost | refused |" in lines
    assert "| Maru | 123,457 | 4.25 | 0 | 2 |" in lines
    assert "| ws | 99,000 | 10 | 0 | – |" in lines
    assert "| ws: more than it can |" in lines
    assert "### idle: quiet" not in lines
    assert "A CPU, 2 cores" in table.section(result(_OURS))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0"),
        (0.123, "0.12"),
        (1.234, "1.23"),
        (45.67, "45.7"),
        (1_234.5, "1,234"),
    ],
)
def test_a_figure_has_three_digits(value: float | None, text: str) -> None:
    assert table.number(value) == text


def test_a_table_goes_between_its_markers_and_nowhere_else(tmp_path: Path) -> None:
    page, readme = tmp_path / "RESULTS.md", tmp_path / "README.md"
    readme.write_text(f"# A\n\n{table.BEGIN}\nold\n{table.END}\n\n<!-- other -->\nkept\n{table.END}\n")
    table.write([result(_OURS)], {readme: "| new |\n"}, page)
    assert (
        readme.read_text()
        == f"# A\n\n{table.BEGIN}\n| new |\n{table.END}\n\n<!-- other -->\nkept\n{table.END}\n"
    )
    assert page.read_text().startswith("# Results\n")


def test_a_document_without_markers_is_told() -> None:
    with pytest.raises(ValueError, match="bench: generated"):
        table.put("# A\n", "| new |\n")


def test_the_headline_says_the_same_in_both_languages() -> None:
    found = [
        result(
            Row("single", "maru", "Maru", {"cpu_us": 9.0}, []),
            Row("single", "socketio", "Socket.IO", {"cpu_us": 15.0}, []),
        ),
        result(Row("pipeline", "maru", "Maru", {"messages_s": 9_000.0}, []), workload="e"),
    ]
    english, korean = (headline.table(found, is_korean=language) for language in (False, True))
    assert "| 9 | 15 | – |" in english
    assert "SQLite 9,000 (–)" in english
    assert [line.split(" | ")[1:] for line in english.splitlines()[1:]] == [
        line.split(" | ")[1:] for line in korean.splitlines()[1:]
    ]


@pytest.mark.parametrize(("repeats", "load"), [(1, 0.1), (3, 9.0)])
def test_what_was_measured_once_or_on_a_busy_machine_is_called_preliminary(repeats: int, load: float) -> None:
    good = result(_OURS)
    doubtful = replace(good, repeats=repeats, machine=_MACHINE | {"load_before": load})
    for found, is_said in ((good, False), (doubtful, True)):
        assert ("Preliminary" in table.section(found)) is is_said
        assert ("Preliminary" in headline.table([found], is_korean=False)) is is_said


def test_both_readmes_have_a_place_for_it() -> None:
    for document in headline.documents([]):
        text = document.read_text(encoding="utf-8")
        assert text.count(table.BEGIN) == 1
        assert table.put(text, "") != ""
