"""The one reactor of a web process, on asyncio: every module that needs it takes it from here.

Whoever first imports twisted.internet.reactor decides its kind for good; daphne.server installs ours.
"""

import time
from typing import Any

import daphne.server  # noqa: F401  # isort: skip
from twisted.internet import reactor as _reactor  # isort: skip

reactor: Any = _reactor
# Twisted's is the wall clock: set ahead it would end every deadline at once, and set back by an hour none for an hour.
reactor.seconds = time.monotonic
