import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from chat import failpoints
from chat.actions.state import Request
from chat.models import Message
from chat.pipeline.execute import execute
from chat.pipeline.run import run
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast
from tests.live.reader import Reader
from tests.make import post_command


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


@pytest.mark.parametrize(
    "text",
    [
        "commit.befor=kill",
        "commit.before",
        "commit.before=explode",
        "commit.before=pause",
        "commit.before=pause:-1",
        "commit.before=kill@0",
        "commit.before=kill@x",
        "=kill",
    ],
)
def test_a_rule_that_nobody_can_mean_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        failpoints.parse(text)
    assert not failpoints.is_on


def test_a_bad_rule_stops_the_start_with_one_line() -> None:
    found = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=os.environ | {"FAILPOINTS": "nowhere=kill"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 1
    assert found.stderr.startswith("maru: setting FAILPOINTS: 'nowhere' is not one of commit.before, ")
    assert found.stderr.count("\n") <= 1


def test_a_rule_strikes_at_its_pass_alone_or_at_each() -> None:
    failpoints.arm("commit.before=error@2, commit.after=error")
    failpoints.reach("commit.before")
    with pytest.raises(Exception, match=r"failpoint commit\.before"):
        failpoints.reach("commit.before")
    failpoints.reach("commit.before")
    for _ in range(2):
        with pytest.raises(Exception, match=r"failpoint commit\.after"):
            failpoints.reach("commit.after")
    failpoints.reach("resume.read")


def test_a_kill_ends_the_process_at_once() -> None:
    code = (
        "from chat import failpoints; failpoints.arm('commit.after=kill'); failpoints.reach('commit.after')"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert found.returncode == -signal.SIGKILL


def test_a_failure_before_commit_is_tried_again_and_stored_once(cast: Cast) -> None:
    failpoints.arm("commit.before=error@1")
    run(cast.bob.pk, post_command(cast.room, "once"))
    assert Message.objects.filter(room=cast.room, body="once").count() == 1


def test_a_failure_after_commit_is_tried_again_and_stored_once(cast: Cast) -> None:
    failpoints.arm("commit.after=error@1")
    result = run(cast.bob.pk, post_command(cast.room, "once"))
    assert Message.objects.get(room=cast.room, body="once").pk == result["id"]


def test_a_failure_of_every_commit_leaves_nothing_and_says_so(cast: Cast) -> None:
    failpoints.arm("commit.before=error")
    with pytest.raises(Refused) as caught:
        run(cast.bob.pk, post_command(cast.room, "never"))
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert not Message.objects.filter(room=cast.room).exists()


def test_an_answer_lost_each_time_is_an_unknown_outcome(cast: Cast) -> None:
    failpoints.arm("commit.after=error")
    outcome = execute([Request(cast.bob.pk, post_command(cast.room, "x"))]).outcomes[0]
    assert isinstance(outcome, Refused)
    assert outcome.code is ErrorCode.UNKNOWN_OUTCOME
    assert Message.objects.filter(room=cast.room).count() == 1


async def test_a_failure_after_the_answer_costs_the_readers_only_a_repair(cast: Cast, runtime: Any) -> None:
    reader = Reader(cast.carol.pk)
    await runtime.hub.watch([cast.room.pk])
    runtime.hub.follow(reader, cast.room.pk, 0)
    failpoints.arm("reply.after=error@1")
    await runtime.committer.submit(cast.bob.pk, post_command(cast.room, "unheard"))
    await runtime.committer.submit(cast.bob.pk, post_command(cast.room, "heard"))
    await reader.has(2)
    assert [frame["message"]["body"] for frame in reader.frames[-2:]] == ["unheard", "heard"]
