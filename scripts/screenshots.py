"""The pictures of docs/screenshots: `make screenshots`.

A fresh server with a workspace made through its own pages and API, looked at with Chromium. Sizes stay below
400 KB, because pictures live in the repository.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scripts import gallery, programs, setup, steps, story
from scripts.services import Beat, Redis, Serve, Worker, environment, manage
from scripts.telling import Told

_FOLDER = steps.ROOT / "docs" / "screenshots"
_SIZE_MAX_BYTES = 400_000
_COLOURS = 256
_WIDE = {"width": 1440, "height": 900}
_CARD = {"width": 1200, "height": 800}
_PHONE = {"width": 390, "height": 844}
_PHONE_GAP_PX = 40
_ZONE = "Asia/Seoul"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def main() -> None:
    """Take all pictures anew."""
    steps.end_on_sigterm()
    programs.require(chromium=True, fonts=True)
    setup.for_tests()
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="maru-pictures-") as name,
        _server(Path(name)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=programs.find_chromium(), args=_ARGUMENTS)
        try:
            _Pictures(browser, server).take()
        finally:
            browser.close()
    large = [f"{path.name} is {path.stat().st_size:,} bytes" for path in _FOLDER.rglob("*.png")
             if path.stat().st_size > _SIZE_MAX_BYTES]  # fmt: skip
    if large:
        sys.exit(f"maru: at most {_SIZE_MAX_BYTES:,} bytes a picture: {'; '.join(large)}")


@contextmanager
def _server(folder: Path) -> Iterator[Serve]:
    with Redis(folder / "redis") as redis:
        env = environment(folder, REDIS_URL=redis.url, STATIC_ROOT=str(steps.ROOT / "var" / "static"))
        manage(["migrate", "-v0"], env)
        # Pictures of messages are made by a worker; without a clock the machine's page would call it unhealthy.
        with Serve(folder, env=env) as serve, Worker(folder, env=env), Beat(folder, env=env):
            yield serve


class _Pictures:
    """The windows of the people, and what they see."""

    def __init__(self, browser: Browser, server: Serve) -> None:
        self._browser = browser
        self._base = server.base_url
        self._workspace = Told(server)

    def take(self) -> None:
        """Take every picture, in the order in which a team would see the screens."""
        alice = self._set_up()
        others = {handle: self._sign_in(handle) for handle in ("mina", "daniel", "yuna")}
        self._sign_in_page()
        self._room(alice, others["mina"])
        self._files(alice)
        self._switcher(alice)
        self._browse(alice)
        self._later(alice)
        self._korean()
        self._phone()
        self._places(alice)

    def _set_up(self) -> Page:
        card = self._window(viewport=_CARD).new_page()
        card.goto("/setup/")
        for name, value in (
            ("workspace", story.WORKSPACE),
            ("name", story.PEOPLE[story.OWNER]),
            ("handle", story.OWNER),
            ("password", story.PASSWORD),
            ("room", story.PLACES[0].name),
        ):
            card.fill(f"[name={name}]", value)
        card.set_viewport_size({"width": _CARD["width"], "height": 1160})
        _keep(card, "setup")
        card.click(".account-submit")
        card.wait_for_selector(".room-link")
        self._workspace.know_owner(card)
        self._workspace.tell()
        card.close()
        return self._sign_in(story.OWNER)

    def _sign_in_page(self) -> None:
        card = self._window(viewport=_CARD).new_page()
        card.goto("/accounts/login/")
        card.fill("[name=login]", "mina")
        _keep(card, "signin")
        card.close()

    def _room(self, alice: Page, mina: Page) -> None:
        self._go(mina, "design")
        mina.focus(".composer textarea")
        self._go(alice, "design")
        mina.keyboard.type("I will")
        alice.wait_for_selector(".typing-names")
        _keep(alice, "room-light")

    def _files(self, alice: Page) -> None:
        self._go(alice, "studio trip")
        alice.click(".jump[data-news]")
        alice.wait_for_selector(".jump", state="detached")
        count = sum(
            file.landscape is not None for said in story.said_in("studio trip") for file in said.files
        )
        alice.wait_for_function(
            "(count) => [...document.querySelectorAll('.attachment-picture img')]"
            ".filter((image) => image.complete && image.naturalWidth > 0).length === count",
            arg=count,
        )
        _keep(alice, "files")

    def _switcher(self, alice: Page) -> None:
        alice.keyboard.press("Control+k")
        alice.wait_for_selector(".switcher-option")
        _keep(alice, "switcher")
        alice.keyboard.press("Escape")

    def _browse(self, alice: Page) -> None:
        alice.goto("/rooms/")
        alice.wait_for_selector(".browser-row")
        _keep(alice, "rooms")

    def _later(self, alice: Page) -> None:
        tomorrow = datetime.now(ZoneInfo(_ZONE)).replace(
            hour=9, minute=0, second=0, microsecond=0
        ) + timedelta(days=1)
        words = {"body": story.TO_BE_SENT, "due_at": tomorrow.isoformat()}
        room = self._workspace.rooms["design"]
        self._workspace.ask(story.OWNER, "POST", "/scheduled", words | {"room": room, "time_zone": _ZONE})
        reminder = {"text": story.TO_BE_REMINDED_OF, "due_at": (tomorrow + timedelta(hours=1)).isoformat()}
        self._workspace.ask(story.OWNER, "POST", "/reminders", reminder)
        alice.goto("/later/")
        alice.wait_for_selector(f"text={story.TO_BE_REMINDED_OF}")
        alice.wait_for_selector(f"text={story.TO_BE_SENT}")
        _keep(alice, "later")

    def _korean(self) -> None:
        self._workspace.ask("jiwoo", "PATCH", "/me", {"language": "ko"})
        jiwoo = self._sign_in("jiwoo", color_scheme="dark", locale="ko-KR")
        self._go(jiwoo, "design")
        jiwoo.click(".thread-summary")
        jiwoo.wait_for_selector(".panel .message >> nth=3")
        _keep(jiwoo, "room-dark-ko")

    def _phone(self) -> None:
        phone = {"viewport": _PHONE, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
        seoyeon = self._sign_in("seoyeon", locale="ko-KR", **phone)
        paths = [_FOLDER / f"phone-{number}.png" for number in range(3)]
        seoyeon.wait_for_selector(".room-link")
        _take(seoyeon, paths[0])
        self._go(seoyeon, "design")
        _take(seoyeon, paths[1])
        seoyeon.tap(".thread-summary")
        seoyeon.wait_for_selector(".panel .message >> nth=3")
        _take(seoyeon, paths[2])
        _join(paths, _FOLDER / "phone.png")

    def _places(self, alice: Page) -> None:
        folder = _FOLDER / "places"
        folder.mkdir(exist_ok=True)
        gallery.furnish(self._workspace)
        phone = {"viewport": _PHONE, "device_scale_factor": 1, "has_touch": True, "is_mobile": True}
        narrow = self._sign_in(gallery.NARROW, color_scheme="dark", locale="ko-KR", **phone)

        def keep(wide: Page, narrow: Page, name: str) -> None:
            paths = [folder / f"{name}-{number}.png" for number in range(2)]
            _take(wide, paths[0])
            _take(narrow, paths[1])
            _join(paths, folder / f"{name}.png")

        missing = gallery.take(self._workspace, alice, narrow, keep)
        if missing:
            sys.exit("maru: " + "; ".join(missing))

    def _go(self, page: Page, room: str) -> None:
        page.goto(f"/rooms/{self._workspace.rooms[room]}/")
        page.wait_for_selector(".timeline[aria-busy=false] .message")

    def _sign_in(self, handle: str, **options: Any) -> Page:
        page = self._window(**options).new_page()
        page.goto("/accounts/login/")
        page.fill("[name=login]", handle)
        page.fill("[name=password]", story.PASSWORD)
        page.click(".account-submit")
        page.wait_for_selector(".me-card [data-status=online]")
        return page

    def _window(self, **options: Any) -> BrowserContext:
        chosen = {
            "viewport": _WIDE,
            "locale": "en-GB",
            "timezone_id": _ZONE,
            "reduced_motion": "reduce",
        }
        return self._browser.new_context(base_url=self._base, **(chosen | options))


def _take(page: Page, path: Path) -> None:
    # Nothing stands under the pointer.
    page.mouse.move(1, 1)
    # Web fonts and pictures are part of the picture.
    page.evaluate("() => document.fonts.ready")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)


def _keep(page: Page, name: str) -> None:
    path = _FOLDER / f"{name}.png"
    _take(page, path)
    _shrink(Image.open(path), path)


def _join(parts: list[Path], path: Path) -> None:
    """Put pictures side by side."""
    images = [Image.open(part).convert("RGB") for part in parts]
    width = sum(image.width for image in images) + _PHONE_GAP_PX * (len(images) - 1)
    whole = Image.new("RGB", (width, images[0].height), "white")
    left = 0
    for image in images:
        whole.paste(image, (left, 0))
        left += image.width + _PHONE_GAP_PX
    _shrink(whole, path)
    for part in parts:
        part.unlink()


def _shrink(image: Image.Image, path: Path) -> None:
    few = image.convert("RGB").quantize(colors=_COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    steps.say(f"{path.relative_to(steps.ROOT)}: {path.stat().st_size // 1000} KB")


if __name__ == "__main__":
    main()
