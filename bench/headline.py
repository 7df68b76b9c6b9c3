"""The short table of the READMEs: one line a question, Maru beside Socket.IO and the tutorial of Channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.results import Result
from bench.table import markdown, number
from scripts.steps import ROOT


@dataclass(frozen=True)
class Question:
    """A figure at a point of a workload."""

    workload: str
    point: str
    figure: str
    english: str
    korean: str
    servers: tuple[str, ...] = ("maru", "socketio", "tutorial")


_QUESTIONS = (
    Question(
        "a",
        "single",
        "cpu_us",
        "a room of 1,000: µs CPU for each delivery",
        "1,000명 방: 전달 한 번에 드는 CPU(µs)",
    ),
    Question(
        "a",
        "500",
        "deliveries_s",
        "the same, 500 messages/s come in: deliveries/s",
        "초당 500개일 때 초당 전달 수",
    ),
    Question("a", "500", "p99_ms", "and p99 of a delivery, ms", "그때 전달 시간 p99(ms)"),
    Question(
        "a",
        "idle",
        "last_p50_ms",
        "the same, quiet: ms until the last of 1,000 has it",
        "조용할 때 마지막까지(ms)",
    ),
    Question("b", "flat", "messages_s", "100 rooms of 10: messages/s", "10명 방 100개: 초당 메시지 수"),
    Question("c", "idle", "kb_each", "memory of an idle connection, kB", "쉬는 연결 하나의 메모리(kB)"),
    Question("d", "accept", "handshakes_s", "handshakes/s", "초당 연결 수"),
)
_DURABLE = (
    "durable writes by 50 senders, messages/s: our write path (one `acreate` a message)",
    "50명이 쓸 때 초당 저장 수: 마루의 쓰기 경로(메시지마다 `acreate` 하나)",
)
_PRELIMINARY = (
    "*Preliminary: measured in short, on a machine that was busy with other things.*",
    "*임시 값이에요. 다른 일로 바쁜 컴퓨터에서 짧게 쟀어요.*",
)
_ENGLISH = ("", "Maru (stores all)", "Socket.IO 4 (stores nothing)", "tutorial of Channels (stores nothing)")
_KOREAN = ("", "마루(모두 저장)", "Socket.IO 4(저장 안 함)", "Channels 튜토리얼(저장 안 함)")


def documents(results: Sequence[Result]) -> dict[Path, str]:
    """Return the table of each README."""
    return {
        ROOT / "README.md": table(results, is_korean=False),
        ROOT / "README.ko.md": table(results, is_korean=True),
    }


def table(results: Sequence[Result], *, is_korean: bool) -> str:
    """Write the table in one language; what was not measured is a dash."""
    by_letter = {result.workload: result for result in results}
    rows = []
    for question in _QUESTIONS:
        result = by_letter.get(question.workload)
        values = [
            result.figure(question.point, server, question.figure) if result else None
            for server in question.servers
        ]
        if any(value is not None for value in values):
            rows.append([question.korean if is_korean else question.english, *map(number, values)])
    if durable := by_letter.get("e"):
        rows.append([_DURABLE[is_korean], _durable(durable), number(None), number(None)])
    text = markdown(_KOREAN if is_korean else _ENGLISH, rows)
    if any(result.is_preliminary for result in results):
        text += f"\n{_PRELIMINARY[is_korean]}\n"
    return text


def _durable(result: Result) -> str:
    """Write both ways on both databases."""
    said = []
    for server, name in (("maru", "SQLite"), ("maru-postgres", "PostgreSQL")):
        ours, plain = (result.figure(point, server, "messages_s") for point in ("pipeline", "acreate"))
        said.append(f"{name} {number(ours)} ({number(plain)})")
    return ", ".join(said)
