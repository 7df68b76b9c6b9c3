"""Measures follow-up work with real processes: from a mention to its mail and its push, and link previews a second.

    python -m bench.follow_up mentions [--count 12] [--over 30] [--folder var/bench/follow_up]
    python -m bench.follow_up previews [--count 200]

A web process, one worker, the clock (beat) and Redis run on a SQLite database; the mail server, the push service and
the web pages are here, on loopback. Mail and push wait for nothing (`MISSED_MAIL_AFTER_S=0`, `PUSH_AFTER_S=0`): what is
left is the clock, which sweeps for mail every 30 s and for push every 10 s, and the work itself.
"""

from __future__ import annotations

import argparse
import base64
import json
import shutil
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bench.outside import PORTS, Outside, running
from scripts.services import Beat, Redis, Serve, Worker, environment, manage
from scripts.services.process import until

_WITHIN_S = 180
_PEOPLE = """
from allauth.account.models import EmailAddress
from django.core.management import call_command
from chat.models import User
for number in range({count}):
    handle = f"person-{{number}}"
    call_command("create_user", handle, "--password", "secret of " + handle, "--token", "bench")
    user = User.objects.get(handle=handle)
    user.email = handle + "@example.org"
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""


def main() -> None:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["mentions", "previews"])
    parser.add_argument("--count", type=int, help="mentions (12) or messages with a link (200)")
    parser.add_argument("--over", type=float, default=30, help="seconds over which mentions are spread")
    parser.add_argument("--folder", type=Path, default=Path("var/bench/follow_up"))
    asked = parser.parse_args()
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    if asked.what == "mentions":
        print(json.dumps(_mentions(asked.folder, asked.count or 12, asked.over)))
    else:
        print(json.dumps(_previews(asked.folder, asked.count or 200)))


def _mentions(folder: Path, count: int, over_s: float) -> dict[str, Any]:
    with running(folder) as outside, _installation(folder, outside, count + 1) as (web, env, people):
        room, (writer, *others) = _room(web, people), people
        for one in others:
            key = ec.generate_private_key(ec.SECP256R1()).public_key()
            point = key.public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
            browser = {"endpoint": f"https://push.example.com/{one['handle']}", "p256dh": _text(point)}
            _ask(web, one, "/me/push", browser | {"auth": _text(bytes(16))})
        with _worker(folder, env), Beat(folder, env=env):
            said_at = {}
            for number, one in enumerate(others):
                said_at[one["handle"]] = time.monotonic()
                _ask(web, writer, f"/rooms/{room}/messages", {"body": f"look @{one['handle']}"})
                # The next one at its own moment between two ticks of the clock.
                time.sleep(over_s / count if number + 1 < count else 0)
            if not until(lambda: len(outside.arrivals) == 2 * count, _WITHIN_S):
                sys.exit(f"{len(outside.arrivals)} of {2 * count} mails and pushes came: see {folder}")
    mails = [outside.arrivals[f"{handle}@example.org"] - at for handle, at in said_at.items()]
    pushes = [outside.arrivals[f"/{handle}"] - at for handle, at in said_at.items()]
    return {"mentions": count, "mail_s": _spread(mails), "push_s": _spread(pushes)}


def _previews(folder: Path, count: int) -> dict[str, Any]:
    with running(folder) as outside, _installation(folder, outside, 1) as (web, env, people):
        room = _room(web, people)
        for number in range(count):
            _ask(
                web,
                people[0],
                f"/rooms/{room}/messages",
                {"body": f"http://site-{number}.example.com/{number}"},
            )
        database = sqlite3.connect(f"file:{folder / 'maru.sqlite3'}?mode=ro", uri=True)
        with _worker(folder, env), Beat(folder, env=env):
            query = "SELECT count(*) FROM chat_preview"
            if not until(lambda: database.execute(query).fetchone()[0] == count, _WITHIN_S):
                sys.exit(f"{database.execute(query).fetchone()[0]} of {count} previews came: see {folder}")
            took_s = time.monotonic() - min(outside.arrivals.values())
    return {"previews": count, "seconds": round(took_s, 1), "previews_per_s": round(count / took_s, 1)}


@contextmanager
def _installation(
    folder: Path, outside: Outside, people_count: int
) -> Iterator[tuple[Serve, dict[str, str], list[dict[str, Any]]]]:
    with ExitStack() as stack:
        redis = stack.enter_context(Redis(folder))
        at_once = {"MISSED_MAIL_AFTER_S": "0", "MISSED_MAIL_EVERY_S": "0", "PUSH_AFTER_S": "0"}
        limits = {"SENDS_BURST": "100000", "SENDS_PER_S": "100000"}
        url = f"smtp://127.0.0.1:{outside.ports['25']}"
        env = environment(folder, REDIS_URL=redis.url, EMAIL_URL=url, **at_once, **limits)
        manage(["migrate", "-v0"], env)
        made = manage(["shell", "--no-imports", "-c", _PEOPLE.format(count=people_count)], env)
        people = [json.loads(line) for line in made.splitlines() if line.startswith("{")]
        web = stack.enter_context(Serve(folder, env=env))
        yield web, env | {PORTS: json.dumps(outside.ports)}, people


def _worker(folder: Path, env: Mapping[str, str]) -> Worker:
    worker = Worker(folder, env=env)
    worker.command = [*worker.command, "--include", "bench.outside"]
    return worker


def _room(web: Serve, people: Sequence[Mapping[str, Any]]) -> int:
    fields = {"name": "Bench", "kind": "closed", "members": [one["id"] for one in people[1:]]}
    room: int = _ask(web, people[0], "/rooms", fields)["id"]
    return room


def _ask(web: Serve, person: Mapping[str, Any], path: str, body: Mapping[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {person['token']}"}
    url = f"{web.base_url}/api/v1{path}"
    answer = httpx.post(url, json=body, headers=headers, timeout=30, trust_env=False)
    answer.raise_for_status()
    return answer.json()


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _spread(delays: Sequence[float]) -> dict[str, float]:
    found = {"least": min(delays), "median": statistics.median(delays), "most": max(delays)}
    return {name: round(value, 1) for name, value in found.items()}


if __name__ == "__main__":
    main()
