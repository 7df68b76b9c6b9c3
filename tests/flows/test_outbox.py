import json

import pytest

from scripts.services import Beat, Worker, manage
from scripts.services.process import until
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

_ADD = (
    "INSERT INTO chat_outboxentry (task, key, payload, created_at, not_before, attempts, last_error)"
    " VALUES (%s, %s, '{}', now(), now(), 0, '') RETURNING id"
)
# The clock of the sweep ticks every 30 seconds.
_TICK_S = 45


def _is_done(topology: Topology, entry: int) -> bool:
    return (
        topology.rows("SELECT done_at IS NOT NULL FROM chat_outboxentry WHERE id = %s", entry)[0][0] is True
    )


def test_work_is_done_when_nudged_and_by_the_clock_when_the_nudge_was_lost(topology: Topology) -> None:
    ((early,),) = topology.rows(_ADD, "chat.outbox.sweep", "flow:early")
    with Worker(topology.folder, env=topology.env), Beat(topology.folder, env=topology.env):
        nudge = "from chat.pipeline import outbox; outbox.nudge()"
        manage(["shell", "--no-imports", "-c", nudge], topology.env)
        assert until(lambda: _is_done(topology, early), 15)
        ((broken,),) = topology.rows(_ADD, "no.such.task", "flow:broken")
        ((late,),) = topology.rows(_ADD, "chat.outbox.sweep", "flow:late")
        assert until(lambda: _is_done(topology, late), _TICK_S)
        health = json.loads(topology.webs[0].get("/healthz").body)
        assert health["parts"]["workers"] == "ok"
    attempts, error, is_parked, is_later = topology.rows(
        "SELECT attempts, last_error, parked_at IS NOT NULL, not_before > created_at"
        " FROM chat_outboxentry WHERE id = %s",
        broken,
    )[0]
    assert (attempts, is_parked, is_later) == (1, False, True)
    assert error.startswith("NotRegistered")
