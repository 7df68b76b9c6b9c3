import re

import httpx
import pytest

from scripts.services import Beat, Worker, manage
from scripts.services.process import until
from tests.features.mail.server import Mailbox, mail_server
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

# The clock of the sweep ticks every 30 seconds.
_TICK_S = 45
_NUDGE = "from chat.pipeline import outbox; outbox.nudge(['mail'])"


def _asks_for_a_new_password(topology: Topology, email: str) -> None:
    origin = {"Origin": f"http://127.0.0.1:{topology.nginx.port}"}
    with httpx.Client(
        base_url=topology.nginx.base_url, trust_env=False, headers=origin, timeout=15
    ) as browser:
        form = browser.get("/accounts/password/reset/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert found is not None
        answer = browser.post(
            "/accounts/password/reset/", data={"csrfmiddlewaretoken": found[1], "email": email}
        )
        assert answer.status_code == 302, answer.text


def _count(topology: Topology, condition: str) -> int:
    ((count,),) = topology.rows(
        f"SELECT count(*) FROM chat_outboxentry WHERE task = 'chat.mail.send' AND {condition}"
    )
    return int(count)


def _recipients(mailbox: Mailbox) -> set[str]:
    return {str(mail["To"]) for mail in mailbox.mails}


def test_mail_survives_a_killed_worker_and_an_emptied_broker(topology: Topology) -> None:
    emails = {f"{person.handle}@example.org" for person in topology.crowd[:6]}
    for person in topology.crowd[:6]:
        topology.rows(
            "UPDATE chat_user SET email = %s WHERE id = %s RETURNING id",
            f"{person.handle}@example.org",
            person.id,
        )
    with mail_server() as mailbox:
        env = topology.env | {"EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}"}
        for email in emails:
            _asks_for_a_new_password(topology, email)
        # No worker is there: all of it waits in the database, and what would wake one up is thrown away.
        assert until(lambda: _count(topology, "done_at IS NULL") == 6, 10)
        topology.redis.connect(1).flushdb()
        with Beat(topology.folder, env=env):
            with Worker(topology.folder, env=env) as worker:
                assert mailbox.has(1, _TICK_S)
                worker.kill()
            # Its lease ends, as it would after five minutes.
            topology.rows("UPDATE chat_outboxentry SET claimed_until = now() RETURNING id")
            with Worker(topology.folder, env=env):
                manage(["shell", "--no-imports", "-c", _NUDGE], env)
                assert until(lambda: _count(topology, "done_at IS NOT NULL") == 6, _TICK_S)
        assert _recipients(mailbox) == emails
        assert _count(topology, "payload <> '{}'") == 0
