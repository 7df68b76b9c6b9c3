"""Fills an empty database with the accounts, tokens, rooms and members of all workloads, in bulk.

    python -m bench.seed world FOLDER      accounts and rooms; writes FOLDER/<scene>.headers and FOLDER/world.json
    python -m bench.seed tickets FOLDER    writes FOLDER/tickets.headers: tokens with tickets that are young now

A line of a .headers file is what one connection shows; a tab stands between two headers.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402

from bench.scenes import HISTORY_COUNT, MISSED_COUNT, SCENES, TOKENS_COUNT, Scene  # noqa: E402
from chat.features.search import indexing  # noqa: E402
from chat.gateway import ticket  # noqa: E402
from chat.models import Change, Membership, Message, Room, Token, User, Workspace  # noqa: E402
from chat.queries import sign_in  # noqa: E402

_BATCH = 2_000
_BODY = "a message of quite an ordinary length that somebody wrote some time ago, number {number}"


def world(folder: Path) -> None:
    """Make everything."""
    Workspace.objects.get_or_create(pk=1)
    bases: dict[str, int] = {}
    for scene in SCENES:
        users = _users(scene)
        rooms = _rooms(scene)
        bases[scene.name] = rooms[0].pk if rooms else 0
        members = (
            Membership(room=room, user=user)
            for number, user in enumerate(users)
            for room in (rooms if scene.is_everybody_everywhere else [rooms[number % len(rooms)]])
        )
        _create(Membership, members)
        _write(folder / f"{scene.name}.headers", [_bearer(secret) for secret in _tokens(users, 1)])
        if scene.name == "reads":
            _history(rooms, users[0])
            # As workers have it after a few seconds: there are none here.
            indexing.go_on(running_s=3_600)
        if scene.name == "idle":
            _write(folder / "tokens.headers", [_bearer(secret) for secret in _tokens(users, TOKENS_COUNT)])
            _write(folder / "cookies.headers", _cookies(users))
    (folder / "world.json").write_text(json.dumps(bases), encoding="utf-8")


def tickets(folder: Path) -> None:
    """Issue a ticket beside each token, as a `hello` of just now would hold it."""
    lines = (folder / "tokens.headers").read_text(encoding="utf-8").splitlines()
    secrets = [line.removeprefix("Authorization: Bearer ") for line in lines]
    owners = dict(Token.objects.values_list("digest", "user"))
    users = {user.pk: user for user in User.objects.filter(pk__in=set(owners.values()))}
    epoch = Workspace.objects.get(pk=1).epoch
    made = []
    for line, secret in zip(lines, secrets, strict=True):
        proof = sign_in.proof_of(secret)
        shown = ticket.issue(sign_in.of_user(users[owners[proof]], epoch, proof))
        made.append(f"{line}\tSec-WebSocket-Protocol: {ticket.SUBPROTOCOL}, {ticket.PREFIX}{shown}")
    _write(folder / "tickets.headers", made)


def _users(scene: Scene) -> list[User]:
    # Nobody signs in with a password here.
    users = [
        User(handle=f"{scene.name}-{number}", name=f"{scene.name.title()} {number}", password="!")
        for number in range(scene.users)
    ]
    _create(User, users)
    return users


def _rooms(scene: Scene) -> list[Room]:
    rooms = [
        Room(kind=Room.Kind.CLOSED, slug=f"{scene.name}-{number}", name=f"{scene.name.title()} {number}")
        for number in range(scene.rooms)
    ]
    _create(Room, rooms)
    return rooms


def _tokens(users: Sequence[User], count: int) -> list[str]:
    secrets = [(user, Token.new_secret()) for _ in range(count) for user in users]
    _create(
        Token,
        # Used just now: the note of a first use is a write that steady use does not have.
        (
            Token(user=user, label="bench", digest=Token.digest_of(secret), last_used_at=timezone.now())
            for user, secret in secrets
        ),
    )
    return [secret for _, secret in secrets]


def _cookies(users: Iterable[User]) -> list[str]:
    sessions, lines = [], []
    for user in users:
        key = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
        data = SessionStore().encode(
            {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                HASH_SESSION_KEY: user.get_session_auth_hash(),
            }
        )
        expires = timezone.now() + timedelta(days=1)
        sessions.append(Session(session_key=key, session_data=data, expire_date=expires))
        lines.append(f"Cookie: {settings.SESSION_COOKIE_NAME}={key}\tOrigin: {settings.ALLOWED_ORIGINS[0]}")
    _create(Session, sessions)
    return lines


def _history(rooms: Sequence[Room], sender: User) -> None:
    """Give the first room a long history, the others some messages that the reader has missed."""
    for room in rooms:
        count = HISTORY_COUNT if room is rooms[0] else MISSED_COUNT
        now = timezone.now()
        messages = [
            Message(room=room, seq=seq, msg_no=seq, sender=sender, body=_BODY.format(number=seq), at=now)
            for seq in range(1, count + 1)
        ]
        _create(Message, messages)
        _create(
            Change,
            (
                Change(
                    room=room, seq=message.seq, kind="message.posted", at=now, actor=sender, message=message
                )
                for message in messages
            ),
        )
        Room.objects.filter(pk=room.pk).update(last_seq=count, last_msg_no=count, last_at=now)


def _create(model: Any, rows: Iterable[Any]) -> None:
    model.objects.bulk_create(list(rows), batch_size=_BATCH)


def _bearer(secret: str) -> str:
    return f"Authorization: Bearer {secret}"


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    {"world": world, "tickets": tickets}[sys.argv[1]](Path(sys.argv[2]))
