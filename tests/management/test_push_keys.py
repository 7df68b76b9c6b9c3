from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from chat.features.notifications.push import keys
from chatproject import parts
from tests.features.notifications.push.service import Browser, push_service
from tests.features.notifications.push.test_wire import parcel, send


def said() -> tuple[str, str, str]:
    """Return all that the command prints, the private key in it and the public one."""
    out = StringIO()
    call_command("push_keys", stdout=out)
    (private,) = re.findall(r"^VAPID_PRIVATE_KEY=(\S+)$", out.getvalue(), re.MULTILINE)
    (public,) = re.findall(r"public key follows from it: (\S+)$", out.getvalue(), re.MULTILINE)
    return out.getvalue(), private, public


async def test_with_the_keys_that_are_printed_a_push_service_takes_what_we_send(
    tmp_path: Path, settings: Any
) -> None:
    _, settings.VAPID_PRIVATE_KEY, public = said()
    with push_service(tmp_path, public) as service:
        browser: Browser = service.subscribe("a")
        ((answer,),) = await send(service, [parcel(browser)])
        assert (answer.outcome, service.faults) == ("taken", [])
        assert service.received[0].said == {"body": "hi"}


def test_what_is_printed_is_a_setting_and_comments(settings: Any) -> None:
    settings.WEB_PUSH = False
    text, private, public = said()
    assert parts.checked_vapid_key(private) == private
    assert keys.public_of(private) == public
    assert all(line.startswith(("# ", "VAPID_PRIVATE_KEY=")) for line in text.splitlines())
    assert {"VAPID_PRIVATE_KEY", "VAPID_PRIVATE_KEY_FILE", "VAPID_SUBJECT"} <= set(
        re.findall(r"VAPID_\w+", text)
    )
    assert "has a key already" not in text
    assert said()[1] != private


def test_where_there_is_a_key_it_says_what_another_one_means(settings: Any) -> None:
    settings.WEB_PUSH = True
    assert "has a key already" in said()[0]
