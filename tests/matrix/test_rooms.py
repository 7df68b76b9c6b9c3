from __future__ import annotations

import asyncio

import pytest

from chat import database
from tests.matrix.asking import Asker, text_of
from tests.matrix.deeds import FIELDS, FINDS, ONE_SHOT, SPENDING, SPENDING_ONES_OWN, missing
from tests.matrix.footprint import footprint
from tests.matrix.stage import MARK, OUTSIDERS, SECRET, STRANGERS, House, Stage
from tests.matrix.table import DEEDS, KINDS, ROLES, Deed

_DENIED = "NFMLQHC"


class Trial:
    """All cells of one kind of room through one kind of door; what is wrong is collected, not raised."""

    def __init__(self, house: House, asker: Asker, kind: str, way: str) -> None:
        self.house, self.asker, self.kind, self.way = house, asker, kind, way
        self.wrong: list[str] = []
        self.tried_count = 0
        self._stage: Stage | None = None

    async def stage(self) -> Stage:
        if self._stage is None:
            self._stage = await self.house.build("closed" if self.kind == "any" else self.kind)
        return self._stage

    async def run(self) -> None:
        for deed in DEEDS:
            cells = deed.cells.get(self.kind)
            for door in deed.doors_of(self.way) if cells else ():
                assert cells is not None
                denied = [role for role in ROLES if cells[role] in _DENIED]
                await self._try_denied(deed, door, cells, denied)
                allowed = [role for role in ROLES if cells[role] == "Y"]
                await self._try_allowed(deed, door, allowed[:1] if deed.name in ONE_SHOT else allowed)

    async def _try_denied(self, deed: Deed, door: str, cells: dict[str, str], roles: list[str]) -> None:
        stage = await self.stage()
        # Whether somebody types is seen by writing into the room: one after the other.
        together = [roles] if deed.name != "type" else [[role] for role in roles]
        for group in together:
            changed = await self._try_group(stage, deed, door, cells, group)
            if changed and len(group) > 1:
                # Somebody did it: one by one tells who.
                for role in group:
                    self._stage = None
                    await self._try_group(await self.stage(), deed, door, cells, [role])
                self._stage = None

    async def _try_group(
        self, stage: Stage, deed: Deed, door: str, cells: dict[str, str], roles: list[str]
    ) -> bool:
        await self.house.heard(stage.room)
        before = await database.run(footprint, stage.room)
        await asyncio.gather(*(self._try_one(stage, deed, door, cells[role], role) for role in roles))
        changes = []
        if deed.name != "type" and await database.run(footprint, stage.room) != before:
            changes.append("something has changed")
        changes += [f"heard {frame}" for frame in await self.house.heard(stage.room)]
        self.wrong += [f"{self.kind}: {deed.name}: {door}: denied to {roles}, but {what}" for what in changes]
        return bool(changes)

    async def _try_one(self, stage: Stage, deed: Deed, door: str, letter: str, role: str) -> None:
        cell = f"{self.kind}: {deed.name}: {door}: {role}"
        fields = FIELDS[deed.name](self.house, stage, role)
        answered = await self.asker.ask(role, door, fields, stage.slug)
        self.tried_count += 1
        if deed.name in FINDS and answered.letter == "Y":
            answered.letter = "Y" if FINDS[deed.name](self.house, stage, answered.result) else "H"
        if answered.letter != letter:
            self.wrong.append(f"{cell}: {answered.letter}, not {letter}: {text_of(answered)[:200]}")
        if SECRET in text_of(answered):
            self.wrong.append(f"{cell}: denied, and told the secret")
        if letter == "N":
            nothing = await self.asker.ask(role, door, missing(fields), f"{stage.slug}-missing")
            if nothing.whole != answered.whole:
                self.wrong.append(f"{cell}: {text_of(answered)}, but missing: {text_of(nothing)}")

    async def _try_allowed(self, deed: Deed, door: str, roles: list[str]) -> None:
        for role in roles:
            stage = await self.stage()
            cell = f"{self.kind}: {deed.name}: {door}: {role}"
            answered = await self.asker.ask(
                role, door, FIELDS[deed.name](self.house, stage, role), stage.slug
            )
            self.tried_count += 1
            found = deed.name not in FINDS or FINDS[deed.name](self.house, stage, answered.result)
            if answered.letter != "Y" or not found:
                self.wrong.append(f"{cell}: {answered.letter}, not Y: {text_of(answered)[:200]}")
            if deed.name in SPENDING and self.kind != "direct":
                self._stage = None
        if deed.name in SPENDING_ONES_OWN and self.kind != "direct":
            self._stage = None

    def find_leaks(self) -> None:
        """Look for what was said among themselves in everything that came to a socket of who was outside.

        Who was never in may not have heard anything of the room: neither names and topics nor any text.
        """
        for role in STRANGERS:
            sockets = [self.house.sockets[role], *self.asker.opened[role]]
            for text in (*(str(socket.seen) for socket in sockets), *self.asker.told[role]):
                if MARK in text:
                    self.wrong.append(f"{self.kind}: {role} has learned of the room: {text[:300]}")
        for role in OUTSIDERS:
            heard = str(self.house.sockets[role].seen)
            if SECRET in heard:
                self.wrong.append(f"{self.kind}: {role} has heard the secret")


@pytest.mark.parametrize("way", ["socket", "http"])
@pytest.mark.parametrize("kind", KINDS)
async def test_everybody_is_answered_as_the_table_says(
    house: House, asker: Asker, kind: str, way: str
) -> None:
    trial = Trial(house, asker, kind, way)
    await trial.run()
    if kind in ("closed", "direct"):
        for role in OUTSIDERS:
            await house.sockets[role].ask("ping")
        assert any(MARK in text for text in asker.told["mem"]) or way == "socket"
        assert MARK in str(house.watch.seen)
        trial.find_leaks()
    assert trial.tried_count > 50
    assert trial.wrong == [], "\n" + "\n".join(trial.wrong)
