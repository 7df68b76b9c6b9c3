import asyncio

import pytest_asyncio

from tests.live.clock import Clock


@pytest_asyncio.fixture
async def clock() -> Clock:
    """The time of the test's loop."""
    return Clock(asyncio.get_running_loop())
