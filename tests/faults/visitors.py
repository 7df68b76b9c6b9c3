"""People whose sign-in is the matter of a row: by a browser's session, or by a token of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx

from tests.faults.history import History
from tests.faults.scene import Scene
from tests.faults.tab import Tab
from tests.faults.world import World
from tests.people import Person

# Codes after which a client shows the sign-in page, or why there is none.
_ENDS = {4501, 4502}


class Visitor(Tab):
    """A tab whose sign-in may end: then it shows nothing any more."""

    def __init__(
        self, name: str, person: Person, urls: Sequence[str], history: History, browser: Browser | None = None
    ) -> None:
        super().__init__(name, person, urls, history)
        self._browser = browser

    def dialled(self) -> None:
        super().dialled()
        if self._browser is not None:
            # What its cookies are now: a page may have been given others.
            self._headers = self._browser.headers

    def closed(self, code: int | None) -> None:
        super().closed(code)
        if code in _ENDS:
            for room in list(self.after):
                self._exit(room)

    def check(self) -> None:
        # Whether it should have ended is for the row to say.
        if not self.has_ended:
            super().check()

    @property
    def has_ended(self) -> bool:
        """Whether it was told not to come back."""
        return bool(self.closes) and self.closes[-1] in _ENDS


class Browser:
    """A browser's cookies at one web process, which are good for all."""

    def __init__(self, world: World, person: Person) -> None:
        self._world = world
        self.person = person
        # As all clients see it: the address of nginx.
        self._origin = f"http://127.0.0.1:{world.nginx.process.port}"
        self.cookies: dict[str, str] = {}

    @property
    def headers(self) -> dict[str, str]:
        """What a handshake of this browser brings."""
        return {"Cookie": f"sessionid={self.cookies['sessionid']}", "Origin": self._origin}

    async def open(self, path: str, form: dict[str, str] | None = None, web: int = 0) -> httpx.Response:
        """Open a page, or fill in the form that is on it and send that."""
        base = self._world.webs[web].process.base_url
        async with httpx.AsyncClient(
            base_url=base, trust_env=False, timeout=15, headers={"Origin": self._origin}, cookies=self.cookies
        ) as client:
            answer = await client.get(path)
            if form is not None:
                found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text)
                assert found is not None, f"{path} has no form: {answer.status_code}"
                answer = await client.post(path, data={"csrfmiddlewaretoken": found[1], **form})
                assert answer.status_code == 302, answer.text
            self.cookies = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
        return answer

    async def sign_in(self, web: int = 0, password: str | None = None) -> None:
        """Sign in on the page."""
        await self.open(
            "/accounts/login/",
            {"login": self.person.handle, "password": password or self.person.password},
            web,
        )

    async def sign_out(self, web: int = 0) -> None:
        """Sign out on the page."""
        await self.open("/accounts/logout/", {}, web)


async def browser_of(scene: Scene, person: Person, web: int = 0) -> Browser:
    """Return a browser of somebody who has just signed in."""
    browser = Browser(scene.world, person)
    await browser.sign_in(web)
    return browser


async def visit(scene: Scene, name: str, person: Person, web: int, browser: Browser | None = None) -> Visitor:
    """Let somebody connect to one web process and stay with it, by a browser's session or by the token."""
    tab = Visitor(name, person, [scene.world.url(web)], scene.history, browser)
    scene.company.tabs[name] = tab
    tab.come()
    await tab.synced()
    return tab


async def token_of(scene: Scene, person: Person) -> tuple[Person, int]:
    """Return somebody with another token, and the id of that."""
    made: dict[str, Any] = await scene.world.ask(person, "POST", "/tokens", {"label": "a telephone"})
    return replace(person, token=made["token"]), made["id"]


async def bring(scene: Scene, person: Person, room: str = "hall") -> None:
    """Put somebody into a room of the company."""
    owner = scene.company.people[0] if room == "hall" else scene.company.people[1]
    path = f"/rooms/{scene.company.rooms[room]}/members"
    await scene.world.ask(owner, "POST", path, {"user": person.id})


async def expect_ended(scene: Scene, tabs: Sequence[Visitor], code: int, within_s: float) -> None:
    """Expect that these are told that their sign-in has ended, and are not let in when they try again."""

    # They are gone for good: nobody shall wait for them.
    for tab in tabs:
        scene.company.tabs.pop(tab.name, None)
    try:
        async with asyncio.timeout(within_s):
            await asyncio.gather(*(tab.ends(within_s) for tab in tabs))
    except TimeoutError:
        names = ", ".join(f"{tab.name} {tab.closes}" for tab in tabs if not tab.has_ended)
        scene.expect(False, f"still there after {within_s:g} s: {names}")
    for tab in tabs:
        if tab.has_ended:
            scene.expect(tab.closes[-1] == code, f"{tab.name} was closed with {tab.closes[-1]}, not {code}")
            tab.come()
            try:
                await tab.ends(10)
            except TimeoutError:
                scene.expect(False, f"{tab.name} came in again")
        await tab.leave()


async def write_while_in(scene: Scene, tab: Visitor, room: int) -> None:
    """Write until the sign-in has ended."""
    writing = asyncio.ensure_future(scene.company.write(tab, room))
    try:
        while not writing.done() and not tab.has_ended:
            await asyncio.wait([writing], timeout=0.1)
        if writing.done():
            writing.result()
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
