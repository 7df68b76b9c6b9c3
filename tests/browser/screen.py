"""One person in front of one browser window, by what a screen reader would tell."""

from __future__ import annotations

import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.browser.words import word

DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
# As in the style sheets.
_PHONE_MAX_PX = 720
# What Chromium itself writes when it has no connection; our own code has no way to keep it quiet.
_NETWORK = re.compile(
    r"net::ERR_|WebSocket connection to|Failed to load resource: the server responded with a status of 50"
    # The service worker and a part of the page, fetched while the line is cut or a hotel answers.
    r"|Service Worker registration blocked|when fetching the script|has an unsupported MIME type"
    r"|is behind a redirect|Failed to load module script"
)
# A violation of the content security policy is told by an event before, and beside, the console.
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP", event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber));
"""
# How many sockets the page has made, and how many it ever had at the same time.
_COUNT_SOCKETS = """
window.sockets = { made: 0, most: 0, live: new Set() };
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    const { live } = sockets;
    for (const one of live) if (one.readyState > WebSocket.OPEN) live.delete(one);
    live.add(this);
    sockets.made += 1;
    sockets.last = this;
    sockets.most = Math.max(sockets.most, live.size);
  }
};
"""
_IS_READY = """async () => {
  const shell = await (await caches.open("maru-shell")).match("/", { ignoreVary: true });
  const parts = await (await caches.open("maru-parts")).keys();
  // A page that was on its way while the worker came is led by it from the next start on.
  const worker = (await navigator.serviceWorker.getRegistration())?.active;
  return Boolean(shell && worker && parts.some(({ url }) => url.includes("/main-")));
}"""
_WHEN_STILL = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime)).map((one) => one.finished))"""


class Screen:
    """A window in which somebody is signed in, or nobody yet.

    `problems` takes errors of the console, exceptions and violations of the policy; a story must end without.
    """

    def __init__(self, context: BrowserContext, language: str = "en") -> None:
        self.context = context
        self.language = language
        self.problems: list[str] = []
        # While the connection is cut, what Chromium says about it is no problem.
        self.is_cut = False
        # Who is put out, or goes, may have asked for something in that moment; it is refused.
        self.is_put_out = False
        context.add_init_script(_TELL_VIOLATIONS)
        self.page = context.new_page()
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if self.is_cut and _NETWORK.search(message.text):
            return
        if self.is_put_out and "401 (Unauthorized)" in message.text:
            return
        self.problems.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def word(self, key: str, **values: object) -> str:
        """Return a text of the page in the language of this window."""
        return word(self.language, key, **values)

    # --- places

    def open_room(self, room: int, name: str) -> None:
        """Go to a room by its address and wait until one can write there."""
        self.page.goto(f"/rooms/{room}/")
        expect(self.composer(name)).to_be_visible()
        expect(self.log).to_have_attribute("aria-busy", "false")

    @property
    def sidebar(self) -> Locator:
        """The left column."""
        return self.page.get_by_role("navigation", name=self.word("sidebar.label"))

    def room_link(self, name: str) -> Locator:
        """The room in the left column."""
        return self.sidebar.get_by_role("link", name=re.compile(rf"^{re.escape(name)}( ?,|$)"))

    @property
    def log(self) -> Locator:
        """The timeline."""
        return self.page.get_by_role("log", name=self.word("timeline.label"))

    def composer(self, name: str) -> Locator:
        """The text in which one writes to a room."""
        return self.page.get_by_role("textbox", name=self.word("composer.to_room", name=name))

    # --- words

    def post(self, name: str, text: str) -> None:
        """Write a message with the keyboard."""
        self.composer(name).fill(text)
        self.composer(name).press("Enter")
        expect(self.composer(name)).to_have_value("")

    def message(self, text: str) -> Locator:
        """The message that says this."""
        return self.log.get_by_role("article").filter(has_text=text)

    def sees(self, text: str) -> None:
        """Wait until a message is there once, stored."""
        expect(self.message(text)).to_have_count(1)
        expect(self.message(text)).to_have_attribute("data-seq", re.compile(r"^\d+$"))

    def bodies(self) -> list[str]:
        """Return what is said in the timeline, in order."""
        return self.log.get_by_role("article").locator('[dir="auto"]').all_inner_texts()

    def dialog(self, key: str, **values: object) -> Locator:
        """The dialog with this title."""
        return self.page.get_by_role("dialog", name=self.word(key, **values))

    def button(self, key: str, **values: object) -> Locator:
        """The button with this name."""
        return self.page.get_by_role("button", name=self.word(key, **values), exact=True)

    def beside_text(self, key: str) -> None:
        """Do something from beside the text one writes; on a phone it is behind one button."""
        view = self.page.viewport_size
        if view is None or view["width"] > _PHONE_MAX_PX:
            self.button(key).click()
            return
        self.button("composer.more").click()
        self.page.get_by_role("menuitem", name=self.word(key), exact=True).click()

    def says(self, key: str, **values: object) -> Locator:
        """A text on the screen."""
        return self.page.get_by_text(self.word(key, **values), exact=True)

    def act(self, text: str, action: str) -> None:
        """Choose an action from the menu of a message."""
        self.message(text).hover()
        self.message(text).get_by_role("button", name=self.word("message.more"), exact=True).click()
        self.page.get_by_role("menuitem", name=self.word(action)).click()

    # --- the connection

    def count_sockets(self) -> None:
        """Count the sockets of the pages that are opened from here on."""
        self.context.add_init_script(_COUNT_SOCKETS)

    def sockets(self, which: str) -> int:
        """Return how many sockets this page has "made", or had at "most" at the same time."""
        found: int = self.page.evaluate("(which) => sockets[which]", which)
        return found

    def mark_page(self) -> None:
        """Leave a mark that goes with the next reload."""
        self.page.evaluate("() => { window.mark = 'same page'; }")

    def is_same_page(self) -> bool:
        """Tell whether the page has not been loaded anew since it was marked."""
        return bool(self.page.evaluate("() => window.mark === 'same page'"))

    def starts_alone(self) -> bool:
        """Tell whether the page is kept, with its parts and somebody to give it."""
        return bool(self.page.evaluate(_IS_READY))

    # --- checks

    def was_refused(self, status: str) -> None:
        """Take what Chromium itself writes about one refusal, and nothing else."""
        (problem,) = self.problems
        assert status in problem
        self.problems.clear()

    def was_missing(self) -> None:
        """Take what Chromium itself writes about questions for what is not there."""
        assert all("404 (Not Found)" in problem for problem in self.problems), self.problems
        self.problems.clear()

    def has_no_barrier(self) -> None:
        """Fail for anything that axe finds on the screen as it is now."""
        # In the middle of a motion colours are neither the old nor the new ones.
        self.page.evaluate(_WHEN_STILL)
        found = Axe().run(self.page, options={"resultTypes": ["violations"]})
        told = [
            f"{violation['id']}: {violation['help']}\n    "
            + "\n    ".join(
                node["html"][:160] + " | " + node["failureSummary"][:200] for node in violation["nodes"][:5]
            )
            for violation in found.response["violations"]
        ]
        assert not told, f"{self.page.url}\n" + "\n".join(told)

    def picture(self, path: Path) -> None:
        """Keep what can be seen now."""
        self.page.screenshot(path=path)
