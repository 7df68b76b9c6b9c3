"""Requests to outcomes: load, decide, number, write, commit. Synchronous, database only."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import DataError, Error, IntegrityError, transaction
from django.utils import timezone

from chat import database_link, failpoints, metrics
from chat.actions import DECIDE, FOUND, WRITE, permissions
from chat.actions.messages import MessagePosted
from chat.actions.reads import ReadMarked
from chat.actions.state import SYSTEM_ID, Decision, Draft, Request, State
from chat.actions.threads import ThreadFollowed, ThreadRead
from chat.live import publish
from chat.live.envelope import Head, Item, UserEvent
from chat.models import Change, Room
from chat.models.rows import values
from chat.models.statements import Statement, insert, is_rolled_back, send, send_and_commit, update
from chat.pipeline import outbox, refusals
from chat.pipeline.load import load
from chat.protocol import codec, limits
from chat.protocol.changes import Change as WireChange
from chat.protocol.commands import EditMessage, PostMessage
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import SystemCommand
from chat.queries import payloads, people
from chat.text import calls, links, mentions
from chat.text.render import render, without_calls

_log = structlog.get_logger(__name__)

_TRIES = 3
_pause = threading.Event()
# Who waits for an answer gets one: after this no further try is begun.
_GIVE_UP_S = 4.0
Outcome = dict[str, Any] | Refused
# Of these the wire shapes need nothing that is not in memory.
_KNOWN = (MessagePosted, ReadMarked, ThreadFollowed, ThreadRead)
_LOGGED = ("room_id", "seq", "kind", "at", "actor_id", "message_id", "subject_id", "payload")


@dataclass(slots=True)
class Executed:
    """What a batch came to: an outcome for each request in order, and what to tell."""

    outcomes: list[Outcome]
    items: list[Item] = field(default_factory=list)
    has_follow_ups: bool = False
    # Who has read on, as pairs of room and user.
    read: list[tuple[int, int]] = field(default_factory=list)
    # The database could not do it, for whatever was asked.
    failure: Exception | None = None


@dataclass(slots=True)
class _Progress:
    # From here on a failure does not tell whether the batch is stored.
    has_reached_commit: bool = False


def execute(requests: Sequence[Request], now: datetime | None = None) -> Executed:
    """Carry out a batch in one transaction; a request that breaks it is found by trying one by one.

    Returns after COMMIT. Never raises: what cannot be done is an outcome.
    """
    started = time.perf_counter()
    progress = _Progress()
    try:
        return _persist(requests, now, progress)
    except database_link.PASSING as error:
        # One by one they would wait for the same lock or the same server, each as long as all together.
        _log.warning(
            "pipeline.database_unavailable",
            error=type(error).__name__,
            why=str(error).partition("\n")[0],
            count=len(requests),
        )
        return Executed([_unavailable(error, progress) for _ in requests], failure=error)
    except Exception as error:
        if len(requests) == 1:
            return Executed([_refusal(requests[0], error)])
        _log.warning("pipeline.batch_split", count=len(requests), error=type(error).__name__)
    finally:
        metrics.COMMIT_SECONDS.observe(time.perf_counter() - started)
    whole = Executed([])
    for request in requests:
        one = execute([request], now)
        whole.outcomes += one.outcomes
        whole.items += one.items
        whole.has_follow_ups |= one.has_follow_ups
        whole.read += one.read
    return whole


def _persist(requests: Sequence[Request], now: datetime | None, progress: _Progress) -> Executed:
    """Try again what a deadlock, a lock, a lost connection or a race for a unique name has undone.

    A connection lost during COMMIT leaves the outcome unknown. The same batch again is then safe: a message
    has its client's id, and the other commands lead to a state.
    """
    give_up_at = time.monotonic() + _GIVE_UP_S
    for left in reversed(range(_TRIES)):
        try:
            return _attempt(requests, now or timezone.now(), progress)
        except (*database_link.PASSING, IntegrityError) as error:
            if not isinstance(error, IntegrityError):
                database_link.let_go(error)
            if not left or time.monotonic() > give_up_at or database_link.has_no_connection(error):
                raise
            # Not time.sleep, which fails where the clock is moved under the process.
            _pause.wait(random.uniform(0.005, 0.05))
    raise AssertionError("unreachable")


def _attempt(requests: Sequence[Request], now: datetime, progress: _Progress) -> Executed:
    _prepare(requests)
    outcomes: list[Outcome | None] = [None] * len(requests)
    with transaction.atomic():
        for index, request in enumerate(requests):
            if found := FOUND.get(type(request.command)):
                try:
                    request.room_id = found(request)
                except Refused as refused:
                    outcomes[index] = refused
        open_requests = [
            request for request, outcome in zip(requests, outcomes, strict=True) if outcome is None
        ]
        state = load(open_requests, now)
        decisions: list[Decision | None] = [None] * len(requests)
        for index, request in enumerate(requests):
            if outcomes[index] is None:
                try:
                    decisions[index] = _decide(state, request)
                except Refused as refused:
                    outcomes[index] = refused
        drafts = [draft for decision in decisions if decision for draft in decision.drafts]
        changes, has_follow_ups = _store(state, drafts, progress)
    if failpoints.is_on:
        failpoints.reach("commit.after")
    results = [
        _result(decision) if decision else outcome
        for decision, outcome in zip(decisions, outcomes, strict=True)
    ]
    items = publish.envelopes(changes) + _own_events(drafts) + _heads(decisions, results)
    read = [(d.room.room.id, d.actor.pk) for d in drafts if isinstance(d, ReadMarked) and not d.is_back]
    return Executed([result for result in results if result is not None], items, has_follow_ups, read)


def _prepare(requests: Sequence[Request]) -> None:
    """Render texts and find who is mentioned, before any lock is taken."""
    texts = [(r, r.command.body) for r in requests if isinstance(r.command, PostMessage | EditMessage)]
    named = [mentions.named(body, limits.MENTIONS_MAX_COUNT) for _, body in texts]
    spellings = {spelling for words in named for word in words for spelling in mentions.spellings(word)}
    known = people.named_by({request.actor_id for request, _ in texts}, spellings) if spellings else {}
    called = {word: calls.NAMES[word] for word in spellings if word in calls.NAMES}
    for (request, body), words in zip(texts, named, strict=True):
        handles: dict[str, int | str] = {**called, **known.get(request.actor_id, {})}
        request.html = render(body, handles)
        if any(isinstance(who, str) for who in handles.values()):
            request.calls = calls.found(request.html)
            if more := request.calls[limits.CALLS_MAX_COUNT :]:
                request.calls = request.calls[: limits.CALLS_MAX_COUNT]
                request.html = without_calls(body, request.html or "", more)
        if isinstance(request.command, EditMessage):
            request.links = links.found(body, limits.PREVIEWS_PER_MESSAGE_MAX_COUNT)
        resolved = [found[1] for word in words if (found := mentions.resolve(word, handles))]
        request.mentioned = tuple(dict.fromkeys(who for who in resolved if isinstance(who, int)))


def _decide(state: State, request: Request) -> Decision:
    """Decide one request and number its drafts, so that the next one sees what it did."""
    if isinstance(request.command, SystemCommand):
        # Both ways: nobody but the server carries these out, and the server carries out nothing else.
        may_act = request.actor_id == SYSTEM_ID
    else:
        actor = state.users.get(request.actor_id)
        may_act = actor is not None and actor.is_active
    if not may_act:
        raise permissions.inactive()
    decision = DECIDE[type(request.command)](state, request)
    for draft in decision.drafts:
        draft.origin = request.origin
        if draft.kind is not None:
            draft.room.room.last_seq += 1
            if draft.is_life:
                draft.room.room.last_at = draft.at
            draft.seq = draft.room.room.last_seq
        draft.apply(state)
    return decision


def _store(state: State, drafts: Sequence[Draft], progress: _Progress) -> tuple[list[WireChange], bool]:
    """Write all rows; return the changes in their wire shapes, and whether there is work that follows.

    Last in the transaction: it may be committed already.
    """
    rows, left = _write(state, drafts)
    entries = outbox.entries(drafts, state.now)
    left += [entries] if entries else []
    posted = [
        (draft.message, tuple(dict.fromkeys(draft.mentioned)), draft.attachments)
        for draft in drafts
        if isinstance(draft, MessagePosted)
    ]
    needs_reading = failpoints.is_on or any(
        type(draft) not in _KNOWN or (type(draft) is MessagePosted and draft.quote is not None)
        for draft in drafts
    )
    if needs_reading:
        send(left)
    # Read before COMMIT, so that what goes live is exactly what this transaction wrote.
    changes = payloads.changes(rows, known=posted)
    if failpoints.is_on:
        failpoints.reach("commit.before")
    if not needs_reading:
        _finish(left, progress)
    progress.has_reached_commit = True
    return changes, entries is not None


def _finish(left: Sequence[Statement], progress: _Progress) -> None:
    """Write the rest, with COMMIT in the same trip where that can be had."""
    # An earlier try may have reached it: then nobody knows, whatever becomes of this one.
    before = progress.has_reached_commit
    progress.has_reached_commit = True
    try:
        send_and_commit(left)
    except Exception:
        if is_rolled_back():
            progress.has_reached_commit = before
        raise


def _write(state: State, drafts: Sequence[Draft]) -> tuple[list[Change], list[Statement]]:
    """Write rows in bulk; return the log's and what is left to be sent, the log and the rooms' counters among it."""
    left: list[Statement] = []
    kinds = {type(draft) for draft in drafts}
    for kind, write in WRITE.items():
        if kind in kinds:
            left += write([draft for draft in drafts if type(draft) is kind]) or ()
    logged = [draft for draft in drafts if draft.kind is not None]
    rows = [draft.row() for draft in logged]
    if logged:
        left.append(insert(Change, _LOGGED, _log_rows(rows)))
        rooms = {draft.room.room.id: draft.room.room for draft in logged}
        counted = [(pk, room.last_seq, room.last_msg_no, room.last_at) for pk, room in sorted(rooms.items())]
        left.append(update(Room, ("id", "last_seq", "last_msg_no", "last_at"), counted))
    return rows, left


def _log_rows(rows: Sequence[Change]) -> list[tuple[Any, ...]]:
    written = [codec.encode_object(row.payload).decode() if row.payload else "{}" for row in rows]
    return [(*row, payload) for row, payload in zip(values(rows, _LOGGED[:-1]), written, strict=True)]


def _own_events(drafts: Sequence[Draft]) -> list[Item]:
    """Return what people's own devices hear: the last word about each room, each thread and each poll."""
    told: dict[tuple[Any, ...], dict[str, Any]] = {}
    for draft in drafts:
        for user, event in draft.own_events():
            told[user, event["type"], event["room"], event.get("thread") or event.get("poll")] = event
    return [UserEvent(key[0], codec.encode(event)) for key, event in told.items()]


def _heads(decisions: Sequence[Decision | None], results: Sequence[Outcome | None]) -> list[Item]:
    """Return how far the rooms have come in which something was asked for that is so already.

    Often who asks does so again because the first answer was lost, and what the database stored then, after its
    line was cut, nobody has told: the hubs look.
    """
    heads: dict[int, int] = {}
    for decision, result in zip(decisions, results, strict=True):
        if decision is not None and not decision.drafts and isinstance(result, dict) and "seq" in result:
            heads[result["room"]] = max(result["seq"], heads.get(result["room"], 0))
    return [Head(room, seq) for room, seq in heads.items()]


def _result(decision: Decision) -> dict[str, Any]:
    result = decision.result()
    return {
        name: payloads.time(value) if isinstance(value, datetime) else value for name, value in result.items()
    }


def _unavailable(error: Exception, progress: _Progress) -> Refused:
    """Say that the database could not do it, or that nobody knows whether it did."""
    if progress.has_reached_commit:
        return refusals.unknown()
    if not database_link.is_away(error):
        return refusals.busy("others write there at the moment")
    return refusals.not_done("the database cannot do it at the moment")


def _refusal(request: Request, error: Exception) -> Refused:
    """Say what became of a request that failed alone."""
    kind = request.command.type  # type: ignore[attr-defined]
    if isinstance(error, DataError | ValueError):
        _log.warning("pipeline.bad_value", command=kind, error=type(error).__name__)
        return Refused(ErrorCode.BAD_TEXT, "the database cannot hold this value")
    if isinstance(error, Error):
        _log.warning("pipeline.conflict", command=kind, error=type(error).__name__)
        return Refused(ErrorCode.CONFLICT, "somebody else was first")
    _log.exception("pipeline.failed", command=kind)
    return Refused(ErrorCode.FAILED, "a fault of the server; it was logged")
