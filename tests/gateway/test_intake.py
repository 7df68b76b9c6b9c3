from __future__ import annotations

import asyncio

import pytest

from chat.gateway.flow import Intake


class Line:
    def __init__(self) -> None:
        self.is_read = True
        self.intake = Intake(10, self.hold, self.go_on)

    def hold(self) -> None:
        self.is_read = False

    def go_on(self) -> None:
        self.is_read = True


async def test_pieces_come_in_order_and_then_nothing() -> None:
    intake = Line().intake
    intake.put(b"one")
    intake.put(b" two")
    assert await intake.read() == b"one two"
    reading = asyncio.create_task(intake.read())
    await asyncio.sleep(0)
    intake.put(b"three")
    assert await reading == b"three"
    intake.end()
    assert [await intake.read(), await intake.read()] == [b"", b""]


async def test_line_rests_above_the_bound_until_all_is_taken() -> None:
    line = Line()
    line.intake.put(bytes(10))
    assert line.is_read
    line.intake.put(b"1")
    assert not line.is_read
    await line.intake.read()
    assert line.is_read


async def test_line_that_somebody_else_has_made_go_on_rests_again() -> None:
    line = Line()
    line.intake.put(bytes(11))
    line.go_on()
    line.intake.put(b"1")
    assert not line.is_read


async def test_what_has_come_is_given_out_before_the_break_is_told() -> None:
    intake = Line().intake
    intake.put(b"some")
    intake.cut()
    assert await intake.read() == b"some"
    with pytest.raises(ConnectionResetError, match="broken off"):
        await intake.read()


async def test_break_after_the_end_is_none() -> None:
    intake = Line().intake
    intake.end()
    intake.cut()
    assert await intake.read() == b""
