from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from scripts import programs, setup
from scripts.services.process import ROOT
from tests.browser.screen import DESKTOP, PHONE, Screen
from tests.faults.proxy import Proxy
from tests.flows.conftest import deadline
from tests.flows.topology import HANDLES, Topology
from tests.people import Person

__all__ = ["deadline"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    # A microphone that beeps each second, for those who are allowed to use one.
    "--use-fake-device-for-media-stream",
]
# Longer than the page itself waits between two tries; nothing that comes sooner is kept waiting.
_WAIT_MS = 30_000
# Few, so that a room is soon too far ahead to be replayed.
RESUME_MAX_CHANGES = 120
# Who runs the workspace, who is put out, made a guest or erased in one story, and enough of a crowd for all stories
# that change somebody or count what waits for them.
_MORE = (
    "ada",
    *(f"guest-{number}" for number in range(29, 49)),
    *(f"{handle}-{code}" for handle in ("leaver", "lost", "loud", "rude", "temp") for code in ("en", "ko")),
)

# What somebody has put down for themselves: a story begins with empty desks, in whatever order they are played.
_DESKS = ("drafttext", "reminder", "saved", "scheduledmessage", "sidebar")

Enter = Callable[..., Screen]


@pytest.fixture(scope="session")
def built() -> None:
    """The page as it is now."""
    setup.for_tests()


@pytest.fixture(scope="session")
def whole_line() -> Iterator[Proxy]:
    """The line of somebody whose network is bad; it has its port before the processes learn their origins."""
    with Proxy(("127.0.0.1", 1), name="line") as proxy:
        yield proxy


@pytest.fixture(scope="session")
def whole_topology(
    built: None, whole_line: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Topology]:
    """The processes of all stories, with the page."""
    topology = Topology(
        tmp_path_factory.mktemp("browser"),
        (*HANDLES, *_MORE),
        STATIC_ROOT=str(ROOT / "var" / "static"),
        RESUME_MAX_CHANGES=str(RESUME_MAX_CHANGES),
    )
    for web in topology.webs:
        web.env["ALLOWED_ORIGINS"] += f",http://127.0.0.1:{whole_line.port}"
    with topology as running:
        running.ask(running["지우"], "PATCH", "/me", {"language": "ko", "name": "지우"})
        yield running


@pytest.fixture
def topology(whole_topology: Topology) -> Topology:
    """The same with everything up again that an earlier story has ended, and nothing left of what it wrote down."""
    whole_topology.heal()
    for name in _DESKS:
        whole_topology.rows(f"DELETE FROM chat_{name} RETURNING 1")
    return whole_topology


@pytest.fixture
def line(whole_line: Proxy, topology: Topology) -> Iterator[Proxy]:
    """A way to the first web process that can be as bad as any network; whole again at the end."""
    whole_line.upstream = ("127.0.0.1", topology.webs[0].port)
    yield whole_line
    whole_line.heal(is_reset=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Callable[[bool], Browser]]:
    """One Chromium for all stories, and a whole one for windows that may notify or record.

    Each window is a context of its own.
    """
    expect.set_options(timeout=_WAIT_MS)
    browsers: dict[bool, Browser] = {}
    with sync_playwright() as playwright:

        def launch(is_whole: bool) -> Browser:
            if is_whole not in browsers:
                program = programs.find_chromium() if is_whole else programs.find_headless_shell()
                assert program is not None, "Chromium is missing: apt install chromium"
                browsers[is_whole] = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            return browsers[is_whole]

        yield launch
        for browser in browsers.values():
            browser.close()


@pytest.fixture(scope="session")
def sessions(whole_topology: Topology) -> Callable[[Person], list[Any]]:
    """Sign people in, each once; the session holds on every web process."""
    known: dict[int, list[Any]] = {}

    def cookies_of(person: Person) -> list[Any]:
        if person.id not in known:
            base = whole_topology.webs[0].base_url
            with httpx.Client(base_url=base, trust_env=False, headers={"Origin": base}) as client:
                page = client.get("/accounts/login/").text
                token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
                assert token is not None
                form = {"csrfmiddlewaretoken": token[1], "login": person.handle, "password": person.password}
                answer = client.post("/accounts/login/", data=form)
                assert answer.status_code == 302, answer.text
                known[person.id] = [
                    {"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}
                    for name, value in client.cookies.items()
                    if name == "sessionid"
                ]
        return known[person.id]

    return cookies_of


@pytest.fixture
def window(
    chromium: Callable[[bool], Browser], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Screen]]:
    """Open a window at an address; at the end no window may have had a problem."""
    screens: list[Screen] = []

    def open_window(base_url: str, *, phone: bool = False, language: str = "en", **options: Any) -> Screen:
        context: BrowserContext = chromium("permissions" in options).new_context(
            base_url=base_url,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            locale={"en": "en-US", "ko": "ko-KR"}[language],
            timezone_id="Asia/Seoul",
            **options,
        )
        context.set_default_timeout(_WAIT_MS)
        screen = Screen(context, language)
        screens.append(screen)
        return screen

    yield open_window
    has_failed = getattr(request.node, "has_failed", False)
    for number, screen in enumerate(screens):
        if has_failed:
            path = tmp_path / f"screen-{number}.png"
            screen.picture(path)
            print(f"screen {number} ({screen.page.url}): {path}")
            print("\n".join(screen.problems))
        screen.context.close()
    problems = [problem for screen in screens for problem in screen.problems]
    assert has_failed or not problems, "\n".join(problems)


@pytest.fixture
def enter(
    topology: Topology, sessions: Callable[[Person], list[Any]], window: Callable[..., Screen]
) -> Enter:
    """Open a window of somebody who is signed in: `enter(alice, web=1, phone=True, language="ko")`."""

    def open_signed_in(
        person: Person, *, web: int | None = 0, by: Proxy | None = None, **options: Any
    ) -> Screen:
        base_url = topology.nginx.base_url if web is None else topology.webs[web].base_url
        if by is not None:
            base_url = f"http://127.0.0.1:{by.port}"
        screen = window(base_url, **options)
        screen.context.add_cookies(sessions(person))
        return screen

    return open_signed_in


@pytest.fixture
def ada(topology: Topology) -> Iterator[Person]:
    """Who runs the workspace; afterwards all is as before."""
    known = topology["ada"]
    topology.rows("UPDATE chat_user SET role = 'admin' WHERE id = %s RETURNING id", known.id)
    before = topology.ask(known, "GET", "/admin/workspace")
    yield known
    topology.ask(known, "PATCH", "/me", {"language": ""})
    topology.ask(known, "PATCH", "/admin/workspace", {name: before[name] for name in ("name", "room_makers")})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures whether the story went wrong, so that they keep its pictures."""
    report = yield
    if report.failed:
        item.has_failed = True  # type: ignore[attr-defined]
    return report
