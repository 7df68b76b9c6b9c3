from typing import Any

import pytest

from bench import figures


def printed(**fields: Any) -> dict[str, Any]:
    """What the generator prints after 100 messages to 10 each, of which 98 were stored."""
    return {
        "sent": 100,
        "ok": 98,
        "busy": 1,
        "rate_limited": 0,
        "other_refusals": 1,
        "unanswered": 0,
        "deliveries": 980,
        "lost": 0,
        "doubled": 0,
        "dur_s": 2.0,
        "wall_s": 4.0,
        "deliveries_per_s": 490,
        "deliveries_per_frame": 2.5,
        "bytes_per_delivery": 300,
        "own_cpu_s": 1.0,
        "lat_ms": {"p50": 5.0, "p99": 9.0},
        "last_ms": {"p50": 7.0, "p99": 9.5},
        "answer_ms": None,
        "procs": [
            {"name": "web-1", "cpu_s": 0.5, "rss_max_kb": 2_048},
            {"name": "web-2", "cpu_s": 0.48, "rss_max_kb": 1_024},
            {"name": "redis", "cpu_s": 0.098, "rss_max_kb": 5_000},
        ],
    } | fields


def test_cpu_is_that_of_the_web_processes_and_others_stand_beside_it() -> None:
    found = figures.of_messages(printed(), {"web-1", "web-2"})
    assert found["cpu_us"] == pytest.approx(1_000)
    assert found["cpu_us_per_message"] == pytest.approx(10_000)
    assert found["redis_us"] == pytest.approx(100)
    assert (found["server_share"], found["generator_share"]) == pytest.approx((0.245, 0.25))
    assert found["other_core_share"] == pytest.approx(0.2745)
    assert found["rss_mb"] == 3


def test_only_what_was_stored_is_sustained() -> None:
    found = figures.of_messages(printed(), {"web-1"})
    assert found["messages_s"] == 49
    assert (found["busy"], found["refused"], found["unanswered"]) == (1, 1, 0)


def test_a_peer_without_replies_has_no_refusals() -> None:
    of_peer = {name: value for name, value in printed().items() if name != "ok"}
    found = figures.of_messages(of_peer, {"web-1"})
    assert found["messages_s"] == 50
    assert "busy" not in found
    assert (found["p50_ms"], found["last_p50_ms"], found["answer_p50_ms"]) == (5, 7, None)


def test_a_run_without_a_delivery_has_no_cpu_for_one() -> None:
    nothing = printed(deliveries=0, dur_s=0.0, ok=0, lat_ms=None, last_ms=None)
    found = figures.of_messages(nothing, {"web-1"})
    assert (found["cpu_us"], found["messages_s"], found["p99_ms"], found["redis_us"]) == (
        None,
        None,
        None,
        None,
    )


def test_memory_is_what_the_connections_added() -> None:
    process = {"name": "web", "rss_start_kb": 50_000, "rss_up_kb": 100_000, "rss_end_kb": 90_000}
    found = figures.of_idle({"up": 2_000, "wall_s": 60.0, "procs": [process]}, {"web"})
    assert (found["kb_each"], found["kb_each_later"]) == (25, 20)


def test_handshakes_are_told_with_those_that_failed() -> None:
    churn = {
        "handshakes": 200,
        "handshakes_per_s": 100,
        "failed": 3,
        "own_cpu_s": 0.1,
        "wall_s": 2.0,
        "procs": [{"name": "web", "cpu_s": 0.2}],
    }
    found = figures.of_churn(churn, {"web"})
    assert found["cpu_us"] == pytest.approx(1_000)
    assert (found["handshakes_s"], found["failed"]) == (100, 3)


def test_of_several_runs_the_median_counts_and_of_losses_the_worst() -> None:
    runs: list[figures.Figures] = [
        {"cpu_us": 3.0, "lost": 0, "p99_ms": None},
        {"cpu_us": 90.0, "lost": 7, "p99_ms": 4.0},
        {"cpu_us": 4.0, "lost": 0, "p99_ms": 6.0, "redis_us": 1.0},
    ]
    assert figures.combined(runs) == {"cpu_us": 4, "lost": 7, "p99_ms": 5, "redis_us": 1}
    assert figures.combined([{"p99_ms": None}]) == {"p99_ms": None}


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 51), (0.99, 100), (1, 100)])
def test_a_quantile_is_one_of_the_values(share: float, value: float) -> None:
    assert figures.quantile(range(100, 0, -1), share) == value


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="no values"):
        figures.quantile([], 0.5)
