"""The push service of a test, for a real worker: `celery ... --include` this module. Nothing but tests brings it in."""

from __future__ import annotations

import json
import os

from chat.features.notifications.push import sending
from tests.features.notifications.push.service import PushService
from tests.outside.internet import SmallInternet

ENV = "PUSH_SERVICE"


def described(service: PushService) -> str:
    """Return what a worker has to know to be in the same internet."""
    return json.dumps({"port": service.tls_port, "names": service.names, "authority": service.authority})


if ENV in os.environ:
    _told = json.loads(os.environ[ENV])
    _internet = SmallInternet(tls_port=_told["port"], names=_told["names"])
    _internet.authorities.load_verify_locations(cadata=_told["authority"])
    sending.network = _internet
