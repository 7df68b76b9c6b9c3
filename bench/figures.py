"""From what the load generator printed to the figures that are told, and from several runs to one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

# What a unit is depends on the workload: a delivery, a handshake, a message, a request.
Figures = dict[str, float | None]

# Of these the worst run counts; of all others the median.
WORST = frozenset({"lost", "doubled", "busy", "refused", "unanswered", "failed"})


def of_messages(found: Mapping[str, Any], web: Collection[str]) -> Figures:
    """Return the figures of a run in which messages were sent; times in ms, CPU in µs a delivery.

    Args:
        found: what the generator printed.
        web: names of the processes whose CPU is the server's; the others are told one by one.
    """
    took_s, deliveries = found["dur_s"], found["deliveries"]
    stored = found.get("ok", found["sent"])
    figures: Figures = {
        "cpu_us": _per(_cpu_s(found, web), deliveries),
        "cpu_us_per_message": _per(_cpu_s(found, web), stored),
        "server_share": _share(_cpu_s(found, web), found["wall_s"]),
        "generator_share": _share(found["own_cpu_s"], found["wall_s"]),
        "other_core_share": _share(found["own_cpu_s"] + _helpers_cpu_s(found, web), found["wall_s"]),
        "deliveries_s": found["deliveries_per_s"],
        "messages_s": stored / took_s if took_s else None,
        "per_frame": found["deliveries_per_frame"],
        "bytes": found["bytes_per_delivery"],
        "rss_mb": sum(one["rss_max_kb"] for one in _processes(found, web)) / 1_024,
        "lost": found["lost"],
        "doubled": found["doubled"],
    }
    if "ok" in found:
        figures |= {
            "busy": found["busy"],
            "refused": found["rate_limited"] + found["other_refusals"],
            "unanswered": found["unanswered"],
        }
    for name, key in (("", "lat_ms"), ("last_", "last_ms"), ("answer_", "answer_ms")):
        times = found[key] or {}
        figures |= {f"{name}p50_ms": times.get("p50"), f"{name}p99_ms": times.get("p99")}
    return figures | _of_helpers(found, web, deliveries)


def of_churn(found: Mapping[str, Any], web: Collection[str]) -> Figures:
    """Return the figures of a run of handshakes; CPU in µs a handshake."""
    return {
        "handshakes_s": found["handshakes_per_s"],
        "cpu_us": _per(_cpu_s(found, web), found["handshakes"]),
        "server_share": _share(_cpu_s(found, web), found["wall_s"]),
        "generator_share": _share(found["own_cpu_s"], found["wall_s"]),
        "other_core_share": _share(found["own_cpu_s"] + _helpers_cpu_s(found, web), found["wall_s"]),
        "failed": found["failed"],
    } | _of_helpers(found, web, found["handshakes"])


def of_idle(found: Mapping[str, Any], web: Collection[str]) -> Figures:
    """Return the memory of idle connections: kB each as soon as all are up, and after the time of the run."""
    processes, count = _processes(found, web), found["up"]
    return {
        "kb_each": _per(sum(one["rss_up_kb"] - one["rss_start_kb"] for one in processes), count, 1),
        "kb_each_later": _per(sum(one["rss_end_kb"] - one["rss_start_kb"] for one in processes), count, 1),
        "rss_mb": sum(one["rss_end_kb"] for one in processes) / 1_024,
        "later_s": found["wall_s"],
    }


def combined(runs: Sequence[Figures]) -> Figures:
    """Return one value for each figure of several runs: the median, of losses and refusals the worst."""
    names = list(dict.fromkeys(name for run in runs for name in run))
    return {name: _one(name, [run[name] for run in runs if name in run]) for name in names}


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value below which this share (0 to 1) of the values lies. Raises ValueError without values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _one(name: str, values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return max(known) if name in WORST else median(known)


def _processes(found: Mapping[str, Any], web: Collection[str]) -> list[Mapping[str, Any]]:
    return [one for one in found["procs"] if one["name"] in web]


def _cpu_s(found: Mapping[str, Any], web: Collection[str]) -> float:
    return float(sum(one["cpu_s"] for one in _processes(found, web)))


def _helpers_cpu_s(found: Mapping[str, Any], web: Collection[str]) -> float:
    return float(sum(one["cpu_s"] for one in found["procs"] if one["name"] not in web))


def _of_helpers(found: Mapping[str, Any], web: Collection[str], units: int) -> Figures:
    helpers = [one for one in found["procs"] if one["name"] not in web]
    return {f"{one['name']}_us": _per(one["cpu_s"], units) for one in helpers}


def _per(amount: float, units: int, scale: float = 1e6) -> float | None:
    return amount * scale / units if units else None


def _share(cpu_s: float, wall_s: float) -> float | None:
    return cpu_s / wall_s if wall_s else None
