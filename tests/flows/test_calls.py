from __future__ import annotations

from functools import partial

import pytest

from scripts.services import Worker, manage
from scripts.services.process import until
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

_WAIT_S = 30
_NUDGE = "from chat.pipeline import outbox; outbox.nudge()"


def _rules(topology: Topology, message: int) -> dict[int, str]:
    query = "SELECT user_id, rule FROM chat_notification WHERE message_id = %s AND way = 'mail'"
    return {int(user): str(rule) for user, rule in topology.rows(query, message)}


def _has(topology: Topology, message: int, rules: dict[int, str]) -> bool:
    return _rules(topology, message) == rules


def _group(topology: Topology, maker: Person, *people: Person) -> str:
    topology.rows("UPDATE chat_user SET role = 'admin' WHERE id = %s RETURNING id", maker.id)
    body = {"handle": "flow-team", "name": "Flow team", "members": [person.id for person in people]}
    try:
        return str(topology.ask(maker, "POST", "/groups", body)["handle"])
    finally:
        topology.rows("UPDATE chat_user SET role = 'member' WHERE id = %s RETURNING id", maker.id)


async def test_those_who_are_called_are_noted_by_a_worker_and_counted_in_every_process(
    topology: Topology,
) -> None:
    alice, bob, mina, jiwoo, carol = (topology[name] for name in ("alice", "bob", "mina", "지우", "carol"))
    room = topology.room(alice, bob, mina, jiwoo)
    handle = _group(topology, alice, jiwoo, carol)
    await topology.redis_carries()
    # Bob is connected to the one process, Alice writes to the other.
    async with topology.client(bob, 1), topology.client(mina, 0):
        bodies = ("@here look", f"@{handle} and @bob", "@room all")
        said = [topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": body}) for body in bodies]
    with Worker(topology.folder, env=topology.env):
        manage(["shell", "--no-imports", "-c", _NUDGE], topology.env)
        expected = (
            {bob.id: "here", mina.id: "here"},
            {bob.id: "mention", jiwoo.id: "group"},
            {bob.id: "room", mina.id: "room", jiwoo.id: "room"},
        )
        for message, rules in zip(said, expected, strict=True):
            assert until(partial(_has, topology, message["id"], rules), _WAIT_S), _rules(
                topology, message["id"]
            )
    for person, count in ((bob, 3), (mina, 2), (jiwoo, 2)):
        for web in (0, 1):
            state = topology.ask(person, "GET", f"/rooms/{room}", web=web)
            assert state["mentions"] == count
            found = topology.ask(person, "GET", "/mentions", web=web)["items"]
            assert len([item for item in found if item["message"]["room"] == room]) == count
