"""Measures the search: how fast a workspace is indexed, how large the index is, and how long answers take.

    python -m bench.search [--messages 1000000] [--folder var/bench/search]

Fills an empty SQLite database (DATABASE_URL names another, empty one) with messages in English, Korean, Japanese,
Chinese and code, has them indexed as a worker does, then asks as one person in 50 of 200 rooms, one search after the
other, each kind in a row. What is measured is the question with its database and the making of the answer; no HTTP. A
database that is filled already is not filled again. Prints a line of JSON for each step and each kind of search.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

_ROOMS_COUNT = 200
_MINE_COUNT = 50
_PEOPLE_COUNT = 200
_BATCH = 5_000
_ASKED_COUNT = 60
_DAYS = 730
# Stands in so few messages, always one of a room that is searched.
_RARE = "quokka"

_ENGLISH = """
    the a to of and in is it for on that with as at by this be are from or have an will can we you not but they was
    all release deploy server client message meeting review budget design customer report invoice schedule database
    index search account permission storage network latency backup restore upgrade version ticket issue branch merge
    commit tomorrow today morning afternoon monday friday week month please thanks sorry great check look think know
"""
_KOREAN = """
    회의 회의실 회의록 내일 오늘 어제 오전 오후 배포 서버 일정 검토 예산 디자인 고객 보고서 확인 부탁드려요 감사합니다
    네 그럼 다음주 월요일 금요일 점심 저녁 문서 공유 수정 완료 진행 이슈 데이터베이스 검색 권한 계정 저장 네트워크 지연
    백업 복구 업그레이드 버전 테스트 결과 요청 승인 휴가 출장 계약 견적 미팅 자료 링크 정리 했습니다 할게요 주세요
"""
_JAPANESE = """
    会議 資料 確認 お願いします 明日 今日 昨日 午前 午後 リリース サーバー 予算 デザイン 顧客 報告書 承知しました 修正
    完了 進行中 データベース 検索 権限 アカウント ネットワーク 遅延 バックアップ 復元 テスト 結果 東京 大阪 出張
"""
_CHINESE = """
    会议 资料 确认 请 明天 今天 昨天 上午 下午 发布 服务器 预算 设计 客户 报告 谢谢 收到 修改 完成 进行中 数据库 搜索
    权限 账号 网络 延迟 备份 恢复 测试 结果 北京 上海 出差 合同 报价
"""
_PARTICLES = ["", "", "은", "는", "이", "가", "을", "를", "에서", "에", "으로", "까지", "부터", "도"]
_CODE = "user room message index cursor batch queue buffer session token header payload worker thread socket"
_DEEDS = "get set load read write open close send parse render count find update delete create"
ENGLISH, KOREAN, JAPANESE, CHINESE = (text.split() for text in (_ENGLISH, _KOREAN, _JAPANESE, _CHINESE))
NAMES, VERBS = _CODE.split(), _DEEDS.split()


def main() -> None:
    """Fill, index, ask; print one line of JSON each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("var/bench/search"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    os.environ["VAR_DIR"] = str(asked.folder.absolute())
    import django

    django.setup()
    _fill(asked.messages)
    _index()
    _ask()


def _text(chance: random.Random) -> str:
    """Write a message as a team of several languages does: 4 in 10 English, 3 Korean, 1 each of the others."""
    kind = chance.random()
    count = min(60, 2 + int(chance.expovariate(1 / 9)))
    if kind < 0.4:
        return " ".join(chance.choices(ENGLISH, weights=_falling(ENGLISH), k=count))
    if kind < 0.7:
        words = chance.choices(KOREAN, weights=_falling(KOREAN), k=count)
        return " ".join(word + chance.choice(_PARTICLES) for word in words)
    if kind < 0.8:
        return "".join(chance.choices(JAPANESE, weights=_falling(JAPANESE), k=count))
    if kind < 0.9:
        return "".join(chance.choices(CHINESE, weights=_falling(CHINESE), k=count))
    name = f"{chance.choice(VERBS)}_{chance.choice(NAMES)}_{chance.randrange(500)}"
    camel = f"{chance.choice(VERBS)}{chance.choice(NAMES).title()}{chance.randrange(500)}"
    return f"`{name}({chance.choice(NAMES)}_id)` calls {camel}() in {chance.choice(NAMES)}.py:{chance.randrange(900)}"


def _falling(words: list[str], kept: dict[int, list[float]] = {}) -> list[float]:  # noqa: B006
    """Return weights as of a language: the second word is half as common as the first."""
    return kept.setdefault(id(words), [1 / (place + 1) for place in range(len(words))])


def _fill(count: int) -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from chat.models import Change, Membership, Message, Room, User, Workspace

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    if Message.objects.exists():
        print(json.dumps({"step": "fill", "messages": Message.objects.count(), "was_there": True}))
        return
    chance = random.Random(7)
    Workspace.objects.get_or_create(pk=1)
    people = User.objects.bulk_create(
        User(handle=f"person{number}", name=f"Person {number}", password="!")
        for number in range(_PEOPLE_COUNT)
    )
    rooms = Room.objects.bulk_create(
        Room(slug=f"room-{number}", name=f"Room {number}", kind="closed") for number in range(_ROOMS_COUNT)
    )
    Membership.objects.bulk_create(
        Membership(room=room, user=person)
        for place, room in enumerate(rooms)
        for number, person in enumerate(people)
        if (place < _MINE_COUNT if number == 0 else chance.random() < 0.25)
    )
    seqs = dict.fromkeys((room.pk for room in rooms), 0)
    start = timezone.now() - timedelta(days=_DAYS)
    step = timedelta(days=_DAYS) / count
    # A few rooms have most of what is said.
    weights = [1 / (number % 40 + 1) for number in range(_ROOMS_COUNT)]
    rare = set(chance.sample(range(count), 12))
    for first in range(0, count, _BATCH):
        size = min(_BATCH, count - first)
        chosen = chance.choices(rooms, weights=weights, k=size)
        messages = []
        for place, room in enumerate(chosen, first):
            body = _text(chance)
            if place in rare:
                room, body = rooms[0], f"{body} {_RARE}"
            seqs[room.pk] += 1
            seq = seqs[room.pk]
            sender = people[int(chance.random() ** 2 * _PEOPLE_COUNT)]
            at = start + place * step
            html = f"<p><code>{body}</code></p>" if body.startswith("`") else None
            messages.append(
                Message(room=room, seq=seq, msg_no=seq, sender=sender, body=body, html=html, at=at)
            )
        Message.objects.bulk_create(messages, batch_size=1_000)
        Change.objects.bulk_create(
            (
                Change(
                    room_id=one.room_id, seq=one.seq, kind="message.posted", at=one.at,
                    actor_id=one.sender_id, message=one,
                )
                for one in messages
            ),
            batch_size=1_000,
        )  # fmt: skip
    for room_id, last in seqs.items():
        Room.objects.filter(pk=room_id).update(last_seq=last, last_msg_no=last, last_at=timezone.now())
    print(
        json.dumps({"step": "fill", "messages": count, "seconds": round(time.perf_counter() - began, 1)}),
        flush=True,
    )


def _index() -> None:
    from django.db import connection

    from chat.features.search import indexing
    from chat.models import SearchEntry

    before = SearchEntry.objects.count()
    began, cpu_s = time.perf_counter(), time.process_time()
    while indexing.behind_count():
        indexing.go_on(running_s=3_600)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
    count = SearchEntry.objects.count() - before
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # What autovacuum does a little later.
            cursor.execute("ANALYZE chat_searchentry")
    done: dict[str, Any] = {"step": "index", "messages": count, "seconds": round(took_s, 1)}
    if count:
        done |= {"per_s": round(count / took_s), "cpu_us_each": round(cpu_s * 1e6 / count)}
    print(json.dumps(done | _sizes()), flush=True)


def _sizes() -> dict[str, float]:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_table_size('chat_searchentry'), pg_indexes_size('chat_searchentry'),"
                " pg_total_relation_size('chat_message')"
            )
            entries, index, messages = cursor.fetchone()
        else:
            found = []
            for names in ("chat_searchentry", "chat_search_data", "chat_message"):
                cursor.execute("SELECT sum(pgsize) FROM dbstat WHERE name = %s", [names])
                found.append(cursor.fetchone()[0] or 0)
            entries, index, messages = found
    sizes = {"entries": entries, "index": index, "messages_table": messages}
    return {f"{name}_mib": round(size / 2**20, 1) for name, size in sizes.items()}


def _ask() -> None:
    """Ask each kind of search in turn, and print its percentiles."""
    from django.utils import timezone

    from chat.api import search
    from chat.features.search.asking import Asked
    from chat.models import User
    from chat.protocol.errors import Refused

    me = User.objects.get(handle="person0")
    chance = random.Random(11)
    now = timezone.now()
    # Beside the time of a clock that of this process: on PostgreSQL without the server's.
    every: list[float] = []
    for kind, make in _kinds(chance, now).items():
        taken: list[float] = []
        own: list[float] = []
        found = busy = 0
        for _ in range(_ASKED_COUNT):
            asked: Asked = make()
            began, cpu_s = time.perf_counter(), time.process_time()
            try:
                found += bool(search._ask(me, asked)["items"])
            except Refused:
                busy += 1
            taken.append((time.perf_counter() - began) * 1_000)
            own.append((time.process_time() - cpu_s) * 1_000)
        every += taken
        done = {"kind": kind, **_percentiles(taken), "cpu_p95_ms": _percentiles(own)["p95_ms"]}
        print(json.dumps(done | {"found": found, "busy": busy}), flush=True)
    print(json.dumps({"kind": "all", **_percentiles(every)}), flush=True)


def _kinds(chance: random.Random, now: Any) -> dict[str, Callable[[], Any]]:
    from chat.features.search.asking import Asked

    def day(back: int) -> str:
        return str((now - timedelta(days=back)).date())

    def typed(make: Callable[[], str], **fields: Any) -> Callable[[], Any]:
        return lambda: Asked(make(), **fields)

    return {
        "common English": typed(lambda: chance.choice(ENGLISH[30:])),
        "most common": typed(lambda: chance.choice(ENGLISH[:10])),
        "two words": typed(lambda: " ".join(chance.sample(ENGLISH[30:], 2))),
        "four words": typed(lambda: " ".join(chance.sample(ENGLISH[30:], 4))),
        "part of a word": typed(lambda: chance.choice(ENGLISH[30:60])[1:5]),
        "phrase": typed(lambda: f'"{chance.choice(ENGLISH[:20])} {chance.choice(ENGLISH[30:])}"'),
        "two syllables": typed(lambda: chance.choice([word for word in KOREAN if len(word) == 2])),
        "Korean, two words": typed(lambda: " ".join(chance.sample(KOREAN, 2))),
        "one syllable": typed(lambda: chance.choice("회배서일검예고")),
        "Japanese": typed(lambda: chance.choice(JAPANESE)),
        "Chinese": typed(lambda: chance.choice(CHINESE)),
        "identifier": typed(lambda: f"{chance.choice(VERBS)}_{chance.choice(NAMES)}_{chance.randrange(500)}"),
        "part of an identifier": typed(lambda: f"{chance.choice(NAMES)}_{chance.randrange(10, 50)}"),
        "rare": typed(lambda: _RARE),
        "no such word": typed(lambda: "".join(chance.choices("bcdfghjklmnpqrstvwxz", k=9))),
        "no such Korean word": typed(
            lambda: "".join(chr(chance.randrange(0xAC00, 0xD7A3)) for _ in range(3))
        ),
        "neighbours, not together": typed(lambda: f"{chance.choice(KOREAN)}{chance.choice(KOREAN)}"),
        "from somebody": typed(lambda: f"from:person{chance.randrange(200)} {chance.choice(ENGLISH[30:])}"),
        "in a room": typed(lambda: f'in:"room {chance.randrange(_MINE_COUNT)}" {chance.choice(KOREAN)}'),
        "a month, long ago": typed(
            lambda: (
                f"after:{day(back := chance.randrange(60, 700))} before:{day(back - 30)} {chance.choice(KOREAN)}"
            )
        ),
        "code of somebody": typed(lambda: f"has:code from:person{chance.randrange(200)}"),
        "best, common": typed(lambda: chance.choice(ENGLISH[30:]), sort="best"),
        "best, two syllables": typed(
            lambda: chance.choice([word for word in KOREAN if len(word) == 2]), sort="best"
        ),
    }


def _percentiles(taken: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {
        "p50_ms": round(cuts[49], 1), "p95_ms": round(cuts[94], 1), "p99_ms": round(cuts[98], 1),
        "most_ms": round(max(taken), 1),
    }  # fmt: skip


if __name__ == "__main__":
    main()
