from collections import Counter

import pytest

from scripts.services import Worker, manage
from scripts.services.process import until
from tests.features.mail.server import Mailbox, mail_server
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

_WAIT_S = 30
_SWEEP = "from celery import current_app; current_app.send_task('chat.notifications.sweep', queue='mail')"
_CONFIRM = """
    INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (%s, %s, true, true) RETURNING id
"""


def _reachable(topology: Topology, person: Person) -> str:
    email = f"{person.handle}@example.org"
    topology.rows("UPDATE chat_user SET email = %s WHERE id = %s RETURNING id", email, person.id)
    topology.rows(_CONFIRM, person.id, email)
    return email


def _count(topology: Topology, message: int, outcome: str) -> int:
    # Of this message: other stories have told of theirs.
    query = "SELECT count(*) FROM chat_notification WHERE message_id = %s AND outcome = %s"
    ((count,),) = topology.rows(query, message, outcome)
    return int(count)


def _ids(mailbox: Mailbox) -> Counter[str]:
    return Counter(str(mail["Message-ID"]) for mail in mailbox.mails)


def test_missed_mentions_are_told_once_though_a_worker_is_killed(topology: Topology) -> None:
    people = topology.crowd[6:12]
    emails = {_reachable(topology, person) for person in people}
    room = topology.room(topology["alice"], *people)
    with mail_server() as mailbox:
        env = topology.env | {"EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}", "MISSED_MAIL_AFTER_S": "1"}
        names = " ".join(f"@{person.handle}" for person in people)
        said = topology.ask(topology["alice"], "POST", f"/rooms/{room}/messages", {"body": f"look {names}"})
        # One of them reads it in time.
        reader = people[0]
        topology.ask(reader, "POST", f"/rooms/{room}/read", {"msg_no": said["msg_no"]})
        with Worker(topology.folder, env=env) as worker:
            manage(["shell", "--no-imports", "-c", "from chat.pipeline import outbox; outbox.nudge()"], env)
            assert until(lambda: _count(topology, said["id"], "waiting") == len(people) - 1, _WAIT_S)
            is_due = "SELECT now() > max(until) FROM chat_notification WHERE message_id = %s"
            assert until(lambda: topology.rows(is_due, said["id"])[0][0], 10)
            manage(["shell", "--no-imports", "-c", _SWEEP], env)
            assert mailbox.has(1, _WAIT_S)
            worker.kill()
        # Its lease ends, as it would after five minutes.
        topology.rows("UPDATE chat_letter SET claimed_until = now() WHERE ended_at IS NULL RETURNING id")
        with Worker(topology.folder, env=env):
            manage(["shell", "--no-imports", "-c", _SWEEP], env)
            assert until(lambda: _count(topology, said["id"], "sent") == len(people) - 1, _WAIT_S)
        assert {str(mail["To"]) for mail in mailbox.mails} == emails - {f"{reader.handle}@example.org"}
        # What came twice, to whom the killed one was writing, has one Message-ID.
        assert len(_ids(mailbox)) == len(people) - 1
        assert len(mailbox.mails) <= len(people)
    rows = topology.ask(reader, "GET", f"/notifications?message={said['id']}")["items"]
    assert [(row["outcome"], row["why"]) for row in rows] == [("suppressed", "read")]
