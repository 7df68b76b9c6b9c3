"""F-70, F-71, F-73 and F-74: sign-ins that end, and secrets that change, while sockets are open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from scripts.services import manage
from tests.faults.checks.case import Bounds
from tests.faults.rows import row
from tests.faults.rows.restarts import closes_count
from tests.faults.scene import Scene
from tests.faults.template import SECRET_KEY
from tests.faults.visitors import (
    Browser,
    Visitor,
    bring,
    browser_of,
    expect_ended,
    token_of,
    visit,
    write_while_in,
)
from tests.people import Person

_AT_ONCE_S = 5.0
_AWAY_S = 60.0
_NEW_KEY = "another-one-for-tests-" + "1" * 40
# When each person was taken last.
_turns: dict[str, int] = {}
_SWITCH = """
from chat.models import User
row = User.objects.get(handle={handle!r})
row.is_active = {is_active}
row.save()
"""


@row("F-70", "signing out while sockets are open, here and on the other web process", is_smoke=True)
async def signed_out(scene: Scene) -> AsyncIterator[None]:
    tabs, kept, browser = await _at_home(scene)
    await browser.sign_out(scene.rng.randrange(2))
    yield
    await expect_ended(scene, tabs, 4501, _AT_ONCE_S)
    scene.expect(not kept.closes, f"the other browser was signed out too: {kept.closes}")


@row(
    "F-71",
    "signing out while sockets are open and Redis is away",
    bounds=Bounds(recovery_s=5),
)
async def signed_out_without_redis(scene: Scene) -> AsyncIterator[None]:
    tabs, kept, browser = await _at_home(scene)
    await scene.world.redis.kill()
    await scene.company.answered(10)
    await browser.sign_out(scene.rng.randrange(2))
    yield
    await expect_ended(scene, tabs, 4501, _AWAY_S)
    scene.expect(not kept.closes, f"the other browser was signed out too: {kept.closes}")
    await scene.world.redis.start()


@row("F-73", "another password: all other browsers are signed out", bounds=Bounds(recovery_s=5))
async def password_changed(scene: Scene) -> AsyncIterator[None]:
    tabs, kept, other = await _at_home(scene)
    person = other.person
    mine = await browser_of(scene, person)
    new = f"{person.password}, another"
    await _change_password(mine, person.password, new)
    yield
    await expect_ended(scene, [*tabs, kept], 4501, _AT_ONCE_S)
    again = await visit(scene, "again", person, 1, mine)
    scene.expect(again.is_synced, "who has changed the password is signed out as well")
    await again.leave()
    await _change_password(mine, new, person.password)
    # With the cookie that the page has now.
    again.come()
    await again.synced()


@row("F-73b", "a token is revoked while sockets are open with it", bounds=Bounds(recovery_s=5))
async def token_revoked(scene: Scene) -> AsyncIterator[None]:
    # In the hall already, with another token and another tab.
    person, token = await token_of(scene, scene.company.people[6])
    kept = scene.company.tabs["listener"]
    tabs = [await visit(scene, f"telephone-{web}", person, web) for web in range(2)]
    before = closes_count(scene)
    path, web = f"/tokens/{token}", scene.rng.randrange(2)
    answer = await scene.world.call(scene.company.people[6], "DELETE", path, None, web)
    scene.expect(answer.status_code == 204, f"revoking was answered with {answer.status_code}")
    yield
    await expect_ended(scene, tabs, 4501, _AT_ONCE_S)
    scene.expect(closes_count(scene) == before and kept.is_synced, "the other token was ended too")


@row("F-73c", "an account is disabled while its sockets are open", bounds=Bounds(recovery_s=5))
async def account_disabled(scene: Scene) -> AsyncIterator[None]:
    person = _anybody(scene)
    await bring(scene, person)
    browser = await browser_of(scene, person)
    tabs = [
        await visit(scene, "page", person, 0, browser),
        await visit(scene, "program", person, 1),
    ]
    for tab in tabs:
        scene.company.does(write_while_in(scene, tab, scene.company.rooms["hall"]))
    try:
        await _switch(scene, person, is_active=False)
        yield
        await expect_ended(scene, tabs, 4502, _AT_ONCE_S)
    finally:
        await _switch(scene, person, is_active=True)


@row(
    "F-74",
    "another SECRET_KEY, one web process after the other, with the old one still accepted",
    bounds=Bounds(recovery_s=5, reconnects_max_count=3),
)
async def secret_rotated(scene: Scene) -> AsyncIterator[None]:
    world, company = scene.world, scene.company
    tabs, kept, browser = await _at_home(scene)
    for tab in (*tabs, kept):
        company.does(write_while_in(scene, tab, company.rooms["hall"]))
    ticket = await _ticket_of(scene, company.people[0], 0)
    true_envs = [web.process.env for web in world.webs]
    try:
        for web in world.webs:
            await web.stop()
            web.process.env = {**web.process.env, "SECRET_KEY": _NEW_KEY, "SECRET_KEY_OLD": SECRET_KEY}
            await web.start()
            await company.answered(10)
        yield
        await company.until(lambda: all(tab.is_synced for tab in (*tabs, kept)), 20)
        believed = await asyncio.to_thread(_believed, scene, 0)
        await _ticket_of(scene, company.people[0], 0, ticket)
        scene.expect(
            await asyncio.to_thread(_believed, scene, 0) > believed, "a ticket of the old key is not believed"
        )
        page = await browser.open("/", web=0)
        scene.expect(page.status_code == 200, f"the page is answered with {page.status_code}")
        late = await visit(scene, "late", browser.person, 1, browser)
        company.does(write_while_in(scene, late, company.rooms["hall"]))
        await company.answered(40)
        ends = [tab.name for tab in (*tabs, kept, late) if tab.has_ended]
        scene.expect(not ends, f"signed out by the new key: {ends}")
    finally:
        for web, env in zip(world.webs, true_envs, strict=True):
            # Back the same way, or who has come by the new key would be signed out.
            web.process.env = {**env, "SECRET_KEY_OLD": _NEW_KEY}
            await web.restart()
            web.process.env = env


async def _at_home(scene: Scene) -> tuple[list[Visitor], Visitor, Browser]:
    """Return two tabs of one browser on both web processes, one of another browser, and the first browser."""
    person = _anybody(scene)
    await bring(scene, person)
    browser, other = await browser_of(scene, person, 0), await browser_of(scene, person, 1)
    tabs = [await visit(scene, f"page-{web}", person, web, browser) for web in range(2)]
    kept = await visit(scene, "elsewhere", person, scene.rng.randrange(2), other)
    return tabs, kept, browser


def _anybody(scene: Scene) -> Person:
    # Who was it longest ago: the page of an account's password opens five times a minute.
    person = min(scene.company.people[8:], key=lambda person: _turns.get(person.handle, 0))
    _turns[person.handle] = max(_turns.values(), default=0) + 1
    return person


async def _change_password(browser: Browser, old: str, new: str) -> None:
    await browser.open(
        "/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new}, 0
    )


async def _switch(scene: Scene, person: Person, *, is_active: bool) -> None:
    code = _SWITCH.format(handle=person.handle, is_active=is_active)
    env = dict(scene.world.webs[0].process.env)
    await asyncio.to_thread(manage, ["shell", "--no-imports", "-c", code], env)


async def _ticket_of(scene: Scene, person: Person, web: int, shown: str = "none") -> str:
    """Connect with a ticket and return the one of the first frame."""
    offered = [Subprotocol("maru.v1"), Subprotocol(f"ticket.{shown}")]
    async with (
        asyncio.timeout(10),
        connect(
            scene.world.url(web), additional_headers=person.headers, subprotocols=offered, proxy=None
        ) as socket,
    ):
        value = json.loads(await socket.recv())
    first = value[0] if isinstance(value, list) else value
    return str(first["ticket"])


def _believed(scene: Scene, web: int) -> float:
    text = scene.world.webs[web].process.get("/metrics").body.decode()
    name = 'maru_sign_ins_total{outcome="believed"} '
    return next((float(line.split()[1]) for line in text.splitlines() if line.startswith(name)), 0.0)
