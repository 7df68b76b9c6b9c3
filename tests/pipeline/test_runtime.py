import time
from collections.abc import Iterator

import pytest

from chat import database
from chat.pipeline import outbox, runtime


@pytest.fixture
def nobody_is_let_through() -> Iterator[None]:
    reading = database.ways.reading
    in_an_hour = time.monotonic() + 3_600
    while reading.lets_through(in_an_hour):
        reading.failed(in_an_hour)
    yield
    database.ways.succeeded(reading)


@pytest.mark.usefixtures("nobody_is_let_through")
async def test_a_nudge_that_cannot_go_is_left_to_the_next_sweep() -> None:
    with pytest.raises(database.Away):
        await database.run(outbox.nudge)
    await runtime._nudge()
