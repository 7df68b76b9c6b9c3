from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.features.exports import importing, incoming, keeping, paging, running, workspace
from chat.features.exports.running import Outcome
from chat.features.reports import queue, telling
from chat.features.reports.commands import ReportMessage
from chat.models import Message, Poll, Removal, Report, Room, ThreadFollow, User, Vote
from chat.pipeline import rebuild, recount
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage, OpenDirect
from chat.protocol.polls import CastVote, ClosePoll, NewPoll
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread
from chat.queries import payloads, threads
from tests.cast import Cast, make_user
from tests.features.exports.files import Lines, ask, read, taken, whole
from tests.features.exports.test_importing import _empty, content, nothing_is_there, rewritten
from tests.make import post

Line = dict[str, Any]
OPTIONS = ["one", "둘", "three"]


def ask_all(room: Room, sender: User, body: str, **fields: Any) -> Message:
    return post(room, sender, body, poll=NewPoll(options=OPTIONS, **fields))


def report(reporter: User, message: Message, kind: Any = "spam", text: str = "") -> Report:
    found, _ = telling.report(reporter, message.pk, ReportMessage(kind=kind, text=text), timezone.now())
    return found


def delete(actor: User, message: Message, reason: str | None = None) -> None:
    run(actor.pk, DeleteMessage(message=message.pk, reason=reason))


def rows() -> dict[str, Any]:
    """Return what is compared: everything but the ids of votes, which name nothing."""
    with_poll = Message.objects.filter(has_poll=True).order_by("pk")
    return {
        "has_poll": list(with_poll.values_list("pk", flat=True)),
        "polls": list(Poll.objects.order_by("pk").values()),
        "votes": sorted(Vote.objects.values_list("poll", "user", "choices")),
        "removals": list(Removal.objects.order_by("pk").values()),
        "reports": list(Report.objects.order_by("pk").values()),
        "follows": list(ThreadFollow.objects.order_by("pk").values()),
    }


def fill(cast: Cast) -> None:
    until = (timezone.now() + timedelta(days=3)).isoformat()
    open_ = ask_all(cast.room, cast.bob, "lunch?", closes_at=until)
    run(cast.alice.pk, CastVote(message=open_.pk, choices=[1]))
    run(cast.mina.pk, CastVote(message=open_.pk, choices=[0]))
    run(cast.mina.pk, CastVote(message=open_.pk, choices=[]))
    secret = ask_all(cast.room, cast.bob, "who leads?", multiple=True, anonymous=True)
    run(cast.jiwoo.pk, CastVote(message=secret.pk, choices=[2, 0]))
    closed = ask_all(cast.plaza, cast.alice, "is it over?")
    run(cast.alice.pk, ClosePoll(message=closed.pk))
    # The one that is younger is reported and followed first: by their ids they stand in this order.
    first, second = post(cast.room, cast.bob, "the first"), post(cast.room, cast.bob, "the second")
    report(cast.jiwoo, second, "other", "this hurts")
    report(cast.alice, first)
    report(cast.mina, first, "abuse")
    queue.resolve(cast.mina, first, "dismissed", "", timezone.now())
    run(cast.mina.pk, FollowThread(message=second.pk))
    answer = post(cast.room, cast.jiwoo, "an answer", parent=first.pk)
    post(cast.room, cast.alice, "another answer", parent=first.pk)
    run(cast.bob.pk, ReadThread(message=first.pk, seq=answer.seq))
    run(cast.jiwoo.pk, UnfollowThread(message=first.pk))
    gone, gone_too, own = (post(cast.room, cast.bob, text) for text in ("bad", "worse", "regretted"))
    report(cast.jiwoo, gone)
    post(cast.room, cast.jiwoo, "to what is gone", parent=gone.pk)
    delete(cast.mina, gone, "not here")
    delete(cast.alice, gone_too)
    delete(cast.bob, own)
    # Whoever has deleted it was removed by hand since.
    Removal.objects.filter(message=gone_too).update(by=None)
    asked = ask_all(cast.room, cast.bob, "asked and deleted")
    run(cast.alice.pk, CastVote(message=asked.pk, choices=[1]))
    delete(cast.bob, asked)


@pytest.fixture
def file(cast: Cast) -> Path:
    """An export of a workspace with all that hangs on messages; the workspace is empty since."""
    fill(cast)
    row = ask(cast.admin, kind="workspace")
    whole(row)
    path = keeping.path_of(row).rename(keeping.path_of(row).parent.parent / "moved.zip")
    path.with_suffix(".json").write_text(json.dumps(rows(), default=str))
    _empty()
    return path


def line_of(lines: Lines, body: str) -> Line:
    return next(line for line in lines["messages"] if line["body"] == body)


def test_a_message_says_what_hangs_on_it(cast: Cast) -> None:
    fill(cast)
    _, lines = taken(cast.admin, kind="workspace")
    poll = line_of(lines, "who leads?")["poll"]
    assert (poll["options"], poll["is_multiple"], poll["is_anonymous"]) == (OPTIONS, True, True)
    assert (poll["closes_at"], poll["closed_at"]) == (None, None)
    # Without the name of who has voted the same person could vote again.
    assert poll["votes"] == [{"user_id": cast.jiwoo.pk, "choices": [0, 2]}]
    votes = line_of(lines, "lunch?")["poll"]["votes"]
    assert {one["user_id"]: one["choices"] for one in votes} == {cast.alice.pk: [1], cast.mina.pk: []}
    first = line_of(lines, "the first")
    assert (first["poll"], first["removal"]) == (None, None)
    told = [(one["reporter_id"], one["kind"], one["resolution"]) for one in first["reports"]]
    assert told == [(cast.alice.pk, "spam", "dismissed"), (cast.mina.pk, "abuse", "dismissed")]
    followed = {one["user_id"]: one["is_on"] for one in first["follows"]}
    assert followed == {cast.bob.pk: True, cast.jiwoo.pk: False, cast.alice.pk: True}
    assert line_of(lines, "an answer")["follows"] == []
    deleted = [line for line in lines["messages"] if line["deleted_at"]]
    assert [line["poll"] for line in deleted] == [None] * 4
    assert [line["removal"] for line in deleted] == [
        {"by_id": cast.mina.pk, "reason": "not here"}, {"by_id": None, "reason": ""}, None, None,
    ]  # fmt: skip
    assert len(deleted[0]["reports"]) == 1
    assert "has_poll" not in first


def test_all_of_it_comes_back(file: Path) -> None:
    importing.load(file)
    before = json.loads(file.with_suffix(".json").read_text())
    after = json.loads(json.dumps(rows(), default=str))
    assert after == before
    assert all(len(found) > 1 for found in after.values())
    assert {room.pk: +recount.confirmed(room.pk) for room in Room.objects.all()} == {
        room.pk: {} for room in Room.objects.all()
    }
    admin = User.objects.get(handle="ada")
    _, again = whole(ask(admin, kind="workspace"))
    assert again == content(file)


def test_people_see_what_they_saw_and_go_on(cast: Cast, tmp_path: Path) -> None:
    def seen() -> dict[str, Any]:
        users = list(User.objects.order_by("pk"))
        moderator = User.objects.get(handle="mina")
        ids = Message.objects.order_by("pk").select_related("sender")
        return {
            "messages": payloads.messages(list(ids)),
            "threads": {user.pk: threads.states(user) for user in users},
            "reports": [queue.browse(moderator, 0, 10, is_open=is_open) for is_open in (True, False)],
        }

    fill(cast)
    before = seen()
    row = ask(cast.admin, kind="workspace")
    whole(row)
    path = keeping.path_of(row).rename(tmp_path / "moved.zip")
    _empty()
    importing.load(path)
    assert seen() == before
    secret = Message.objects.get(body="who leads?")
    jiwoo, bob = User.objects.get(handle="지우"), User.objects.get(handle="bob")
    run(jiwoo.pk, CastVote(message=secret.pk, choices=[1]))
    assert [vote.places for vote in Vote.objects.filter(poll=secret.pk)] == [[1]]
    # Whose ids are counted on.
    run(bob.pk, CastVote(message=secret.pk, choices=[1]))
    last = ThreadFollow.objects.latest("pk").pk
    run(jiwoo.pk, FollowThread(message=secret.pk))
    assert ThreadFollow.objects.latest("pk").pk > last
    last = Report.objects.latest("pk").pk
    assert report(jiwoo, Message.objects.get(body="the first")).pk > last


def test_a_thread_is_read_no_further_than_the_cut(cast: Cast, tmp_path: Path) -> None:
    Room.objects.filter(slug="lobby").delete()
    first = post(cast.room, cast.bob, "the first")
    steps: list[str] = []

    def go_on(step: str, _percent: int, _rows: int) -> None:
        # After the room was begun, and before its messages are read.
        if steps == ["rooms"]:
            post(cast.room, cast.alice, "an answer", parent=first.pk)
        steps.append(step)

    row = ask(cast.admin, kind="workspace")
    assert running.work(row.pk, go_on) is Outcome.READY
    manifest, lines = read(keeping.path_of(row))
    cut = manifest["rooms"][str(cast.room.pk)]
    follows = line_of(lines, "the first")["follows"]
    assert {one["user_id"]: one["read_seq"] for one in follows} == {cast.bob.pk: cut, cast.alice.pk: cut}
    path = keeping.path_of(row).rename(tmp_path / "moved.zip")
    _empty()
    importing.load(path)
    assert not +recount.confirmed(cast.room.pk)


def test_what_is_deleted_while_its_page_is_read_can_be_read_in(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask_all(cast.room, cast.bob, "lunch?")
    read_earlier = paging.revisions

    def delete_meanwhile(ids: list[int]) -> Any:
        if asked.pk in ids:
            delete(cast.mina, asked, "not here")
        return read_earlier(ids)

    monkeypatch.setattr(paging, "revisions", delete_meanwhile)
    row = ask(cast.admin, kind="workspace")
    _, lines = whole(row)
    said = line_of(lines, "lunch?")
    assert (said["deleted_at"], said["poll"], said["removal"]) == (None, None, None)
    path = keeping.path_of(row).rename(tmp_path / "moved.zip")
    _empty()
    importing.load(path)
    assert not Message.objects.get(body="lunch?").has_poll


def test_who_takes_the_workspace_learns_nothing_of_who_has_reported_them(cast: Cast) -> None:
    owner = make_user("omar", role=User.Role.OWNER)
    reported = post(cast.plaza, cast.alice, "reported")
    report(cast.bob, reported)
    User.objects.filter(pk=cast.alice.pk).update(role=User.Role.ADMIN)
    _, lines = taken(User.objects.get(pk=cast.alice.pk), kind="workspace")
    assert line_of(lines, "reported")["reports"] == []
    _, lines = taken(owner, kind="workspace")
    assert [one["reporter_id"] for one in line_of(lines, "reported")["reports"]] == [cast.bob.pk]


def test_what_hangs_on_conversations_is_there_with_them_alone(cast: Cast) -> None:
    owner = make_user("omar", role=User.Role.OWNER)
    direct = Room.objects.get(pk=run(cast.bob.pk, OpenDirect(users=[cast.carol.pk]))["room"])
    report(cast.carol, ask_all(direct, cast.bob, "to Carol"), "other", "a word to those in charge")
    _, lines = taken(owner, kind="workspace")
    assert "a word to those in charge" not in str(lines)
    _, lines = taken(owner, kind="workspace", directs=True, reason="we move")
    said = line_of(lines, "to Carol")
    assert (said["poll"]["options"], said["reports"][0]["text"]) == (OPTIONS, "a word to those in charge")


def _queries(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_however_much_hangs_on_a_page_it_takes_as_many_queries(cast: Cast) -> None:
    def more() -> None:
        asked = ask_all(cast.room, cast.alice, "asked")
        for user in (cast.bob, cast.mina, cast.jiwoo):
            run(user.pk, CastVote(message=asked.pk, choices=[1]))
            report(user, asked)
        post(cast.room, cast.bob, "an answer", parent=asked.pk)
        delete(cast.mina, post(cast.room, cast.bob, "bad"), "not here")

    def page() -> Any:
        place = {**workspace.begin(row), "step": "messages", "room": cast.room.pk, "cut": 10**6, "done": 0}
        return workspace.page(row, place)

    row = ask(cast.admin, kind="workspace")
    more()
    before = _queries(page)
    for _ in range(5):
        more()
    assert _queries(page) == before
    lines = json.loads(json.dumps(page().lines["messages"], default=str))
    Room.objects.filter(pk=cast.room.pk).update(last_seq=10**6)
    Message.objects.all().delete()
    once = _queries(lambda: rebuild.messages(lines[:3]))
    Message.objects.all().delete()
    assert _queries(lambda: rebuild.messages(lines)) == once


def test_an_export_of_the_version_before_is_read(file: Path) -> None:
    def change(lines: list[Line]) -> None:
        for line in lines:
            for name in ("poll", "removal", "reports", "follows"):
                del line[name]

    importing.load(with_messages(file, change))
    assert not any(rows().values())


def with_messages(path: Path, change: Callable[[list[Line]], None]) -> Path:
    """Copy an archive with messages that are changed."""

    def changed(name: str, body: bytes) -> bytes:
        if not name.startswith("messages"):
            return body
        lines = [json.loads(line) for line in body.splitlines()]
        change(lines)
        return b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    return rewritten(path, changed)


def _poll(line: Line, **facts: Any) -> None:
    line["poll"] |= facts


def _vote(line: Line, *choices: Any, **facts: Any) -> None:
    line["poll"]["votes"][0] |= {"choices": list(choices)} | facts


def _first(line: Line, name: str, **facts: Any) -> None:
    line[name][0] |= facts


def _twice(line: Line, rows: list[Any]) -> None:
    rows.append(dict(rows[0]))


@pytest.mark.parametrize(
    ("body", "change", "said"),
    [
        ("lunch?", lambda line: _poll(line, options=[f"{n}" for n in range(11)]), "at most 10"),
        ("lunch?", lambda line: _poll(line, options=["one"], votes=[]), "at least 2"),
        ("lunch?", lambda line: _poll(line, options=["one", "one"]), "more than once"),
        ("lunch?", lambda line: _poll(line, options=["one", "x" * 121]), "at most 120"),
        ("lunch?", lambda line: _poll(line, options=["one", 2, 3]), "valid string"),
        ("lunch?", lambda line: _poll(line, options="one"), "valid list"),
        ("lunch?", lambda line: _poll(line, is_multiple="yes"), "valid boolean"),
        ("lunch?", lambda line: _poll(line, closes_at="soon"), "closes_at needs a time"),
        ("lunch?", lambda line: _poll(line, closed_at="9999-12-31T23:59:59-12:00"), "OverflowError"),
        ("lunch?", lambda line: line.update(poll={}), "KeyError"),
        ("lunch?", lambda line: line.update(has_poll=True), "has_poll"),
        ("lunch?", lambda line: _vote(line, 3), "option 3"),
        ("lunch?", lambda line: _vote(line, 70), "less than 10"),
        ("lunch?", lambda line: _vote(line, -1), "greater than or equal to 0"),
        ("lunch?", lambda line: _vote(line, "0"), "valid integer"),
        ("lunch?", lambda line: _vote(line, 0, 1), "where one can be chosen"),
        ("who leads?", lambda line: _vote(line, 1, 1), "more than once"),
        ("lunch?", lambda line: _vote(line, 0, user_id=10**9), "IntegrityError"),
        ("lunch?", lambda line: _vote(line, 0, user_id=2**63), "cannot be read"),
        ("lunch?", lambda line: _twice(line, line["poll"]["votes"]), "IntegrityError"),
        ("", lambda line: line.update(poll={"votes": []}), "is deleted and has a poll"),
        ("lunch?", lambda line: line.update(removal={"by_id": None, "reason": ""}), "is not deleted"),
        ("", lambda line: line["removal"].update(reason="x" * 201), "at most 200"),
        ("", lambda line: line["removal"].update(reason=7), "TypeError"),
        ("", lambda line: line["removal"].update(by_id=10**9), "IntegrityError"),
        ("the first", lambda line: _first(line, "reports", kind="dull"), "'dull'"),
        ("the first", lambda line: _first(line, "reports", resolution="burnt"), "'burnt'"),
        ("the first", lambda line: _first(line, "reports", resolved_at=None), "'dismissed' at None"),
        ("the first", lambda line: _first(line, "reports", resolution=""), "resolved as '' at"),
        ("the first", lambda line: _first(line, "reports", text="x" * 201), "at most 200"),
        ("the first", lambda line: _first(line, "reports", created_at=None), "TypeError"),
        ("the first", lambda line: _first(line, "reports", reporter_id=10**9), "IntegrityError"),
        ("the first", lambda line: _twice(line, line["reports"]), "IntegrityError"),
        ("an answer", lambda line: line.update(follows=[{}]), "is a reply"),
        ("the first", lambda line: _first(line, "follows", read_seq=10**6), "is read to 1000000"),
        ("the first", lambda line: _first(line, "follows", read_seq=-1), "is read to -1"),
        ("the first", lambda line: _first(line, "follows", user_id=10**9), "IntegrityError"),
        ("the first", lambda line: _first(line, "follows", is_on="maybe"), "ValidationError"),
        ("the first", lambda line: _twice(line, line["follows"]), "IntegrityError"),
    ],
)
def test_what_could_not_have_come_about_is_refused(
    file: Path, body: str, change: Callable[[Line], None], said: str
) -> None:
    def changed(lines: list[Line]) -> None:
        change(next(line for line in lines if line["body"] == body))

    with pytest.raises(incoming.Unfit, match=said) as found:
        importing.load(with_messages(file, changed))
    assert "\n" not in str(found.value)
    assert nothing_is_there()
    assert not Report.objects.exists()
