"""Answer a search: ask the index, look through what is not in it yet, and check every find against the message itself.

So a find is never wrong: not by two grams that share a number, not by a message that has been changed since. What is
bounded is how much one answer looks through; `next` goes on from there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import prefetch_related_objects

from chat import metrics
from chat.features.search import candidates, facts, fresh, question, scope
from chat.features.search.question import Question
from chat.features.search.scope import Scope
from chat.models import Message, User
from chat.protocol import text_rules
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.text import grams

LIMIT_DEFAULT = 20
LIMIT_MAX = 50
# How many messages one answer looks at, and for how long it goes on asking.
LOOKED_MAX_COUNT = 2_000
_LOOKING_S = 2.0
# Of so many of the newest finds the best are chosen.
BEST_OF_COUNT = 300
_FIRST_COUNT = 60
_NEXT_COUNT = 400
_CURSOR = re.compile(r"(best-)?([0-9]{1,16})\Z")

Sort = Literal["newest", "best"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it came: what was typed, and what the address says beside it."""

    q: str
    room: int | None = None
    sender: str | None = None
    before: str | None = None
    after: str | None = None
    sort: Sort = "newest"
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


@dataclass(frozen=True, slots=True)
class Find:
    """A message that was found; `texts` are its folded texts, its own first."""

    message: Message
    names: list[str]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of finds, and the question that they answer; `behind`: there may be more that nobody has looked at yet."""

    question: Question
    finds: list[Find]
    next: str | None
    behind: bool


def ask(user: User, asked: Asked, now: datetime) -> Answer:
    """Return a page of what somebody looks for and may read.

    Raises:
        ProtocolError: empty, too_long, too_many, bad_text, bad_frame.
        Refused: busy.
    """
    read = _read(user, asked, now)
    at = _place(asked)
    where = scope.scope_of(user, read, asked.room, asked.sender)
    if where.is_empty:
        return Answer(read, [], None, behind=False)
    with metrics.SEARCH_SECONDS.time():
        if asked.sort == "best":
            return _best(read, where, at or 0, asked.limit, now)
        finds, floor, is_behind = _newest(read, where, at, asked.limit + 1)
    page = finds[: asked.limit]
    _read_senders(page)
    following = page[-1].message.pk if len(finds) > asked.limit else floor
    return Answer(read, page, str(following) if following else None, is_behind)


def _best(read: Question, where: Scope, offset: int, limit: int, now: datetime) -> Answer:
    finds, _, is_behind = _newest(read, where, None, BEST_OF_COUNT)
    phrase = grams.term(" ".join(term.text for term in read.terms)) if len(read.terms) > 1 else None
    ordered = sorted(finds, key=lambda find: (-score(find, read, phrase, now), -find.message.pk))
    end = offset + limit
    _read_senders(ordered[offset:end])
    return Answer(read, ordered[offset:end], f"best-{end}" if end < len(ordered) else None, is_behind)


def score(find: Find, read: Question, phrase: grams.Term | None, now: datetime) -> float:
    """Return how good a find is: a point for each term, another where it is a whole word, and another in a file's name.

    Two for all terms as a phrase, and up to one for how new it is: half of it after a month.
    """
    points = 0.0
    for term in read.terms:
        points += 1 + any(term.is_word_in(text) for text in find.texts)
        points += any(term.is_in(grams.fold(name)) for name in find.names)
    if phrase is not None and any(phrase.is_in(text) for text in find.texts):
        points += 2
    days = max(0.0, (now - find.message.at).total_seconds() / 86_400)
    return points + 30 / (30 + days)


def _newest(
    read: Question, where: Scope, below: int | None, count: int
) -> tuple[list[Find], int | None, bool]:
    """Return at most so many finds, ids descending, where to go on if it ended too early, and whether it is behind."""
    unread = fresh.look(where.rooms)
    finds = {find.message.pk: find for find in _checked(unread.messages, read, where, below)}
    wanted = scope.wanted(read, where, below)
    ends_at = time.monotonic() + _LOOKING_S
    looked_count = found_count = 0
    size, floor = _FIRST_COUNT, None
    while True:
        ids = candidates.newest(wanted, size)
        for find in _checked(Message.objects.filter(pk__in=ids), read, where, below):
            found_count += find.message.pk not in finds
            finds[find.message.pk] = find
        looked_count += len(ids)
        if len(ids) < size:
            break
        wanted.below = ids[-1]
        if found_count >= count or looked_count >= LOOKED_MAX_COUNT or time.monotonic() > ends_at:
            # What was not looked at yet may be newer than some of what is not indexed.
            floor = ids[-1]
            break
        size = min(_NEXT_COUNT, LOOKED_MAX_COUNT - looked_count)
    ordered = sorted((find for pk, find in finds.items() if floor is None or pk >= floor), key=_newest_first)
    return ordered[:count], floor, unread.is_behind


def _read_senders(page: list[Find]) -> None:
    # Of what is shown, and not of all that was looked at.
    prefetch_related_objects([find.message for find in page], "sender")


def _newest_first(find: Find) -> int:
    return -find.message.pk


def _checked(rows: Iterable[Message], read: Question, where: Scope, below: int | None) -> Iterator[Find]:
    """Yield those messages that are what is looked for, as they are now."""
    meant = [row for row in rows if _is_meant(row, read, where) and (below is None or row.pk < below)]
    on_them = facts.hanging(meant)
    for row in meant:
        on_it = on_them.get(row.pk) or facts.Hanging()
        if where.facts and not where.facts <= facts.facts(row, on_it):
            continue
        if where.named is not None and not facts.names(
            row, on_it, where.named, where.joined.get(row.room_id, 0)
        ):
            continue
        texts = facts.texts(row, on_it)
        if all(any(term.is_in(text) for text in texts) for term in read.terms):
            yield Find(row, on_it.names, texts)


def _is_meant(row: Message, read: Question, where: Scope) -> bool:
    return (
        row.deleted_at is None
        and row.room_id in where.rooms
        and (where.senders is None or row.sender_id in where.senders)
        and (read.at_least is None or row.at >= read.at_least)
        and (read.below is None or row.at < read.below)
    )


def _read(user: User, asked: Asked, now: datetime) -> Question:
    zone = _zone(user)
    text_rules.check_storable(asked.sender or "", "from")
    read = question.read(asked.q, zone, now)
    if asked.after:
        read.narrow(at_least=question.day("after", asked.after, zone, now)[0])
    if asked.before:
        read.narrow(below=question.day("before", asked.before, zone, now)[0])
    is_narrowed = read.senders or read.rooms or read.has or read.kinds or read.at_least or read.below
    if not read.grams and not is_narrowed and asked.sender is None:
        raise ProtocolError(
            ErrorCode.EMPTY, "q: nothing to look for: needs a letter, a digit or a sign, or an operator"
        )
    return read


def _zone(user: User) -> ZoneInfo:
    try:
        return ZoneInfo(user.time_zone or settings.DEFAULT_TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.DEFAULT_TIME_ZONE)


def _place(asked: Asked) -> int | None:
    if asked.cursor is None:
        return None
    match = _CURSOR.match(asked.cursor)
    if match is None or bool(match[1]) != (asked.sort == "best"):
        raise ProtocolError(ErrorCode.BAD_FRAME, "cursor: it is not one that was given as next")
    return int(match[2])
