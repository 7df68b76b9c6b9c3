"""Measures a cold start: how long somebody with a slow phone waits for a room that can be read.

    python -m bench.cold_start [--visits 5] [--language ko] [--folder var/bench/cold_start] [--requests] [--loopback]

Needs the page built (`make run` has done it), nginx and Chromium. Two web processes behind the shipped nginx serve a
room of 200 messages. Each visit has an empty browser, only the sign-in is there; Chromium's own "Slow 4G" (562 ms for
each request, 1.44 Mbit/s down, 0.68 up) and a processor that is four times slower are put on by the DevTools protocol.
What counts ends when the newest message is drawn. A socket is slowed like any request, its handshake too.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from scripts import programs
from scripts.services import Nginx, Redis, Serve, environment, free_port, manage

_CPU_TIMES = 4
_SLOW_4G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6e6 / 8 * 0.9,
    "uploadThroughput": 750e3 / 8 * 0.9,
}
_MESSAGES_COUNT = 200
_BUDGET_S = 3.0
_PHONE = {"width": 390, "height": 844}
_PASSWORD = "cold-start-" + uuid.uuid4().hex
# Written by the page itself, in its own time, as soon as the newest message has been drawn.
_WATCH = """
const look = () => {
  const said = [...document.querySelectorAll('[role=log] article')].at(-1);
  if (!said?.textContent.includes('NEWEST')) return requestAnimationFrame(look);
  requestAnimationFrame(() => setTimeout(() => { window.readableAt = performance.now(); }));
};
look();
""".replace("NEWEST", f"the last of {_MESSAGES_COUNT}")
_REQUESTS = """() => [performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource")]
  .map((one) => [
    one.name.replace(/^.*\\/\\/[^/]*/, "").slice(0, 60), one.startTime, one.responseEnd, one.encodedBodySize
  ])
"""


def main() -> None:
    """Measure and print one line of JSON for each visit and one for all; exit 1 above the budget."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--language", choices=["en", "ko"], default="ko")
    parser.add_argument("--folder", type=Path, default=Path("var/bench/cold_start"))
    parser.add_argument("--requests", action="store_true", help="print what was fetched, and when")
    parser.add_argument("--loopback", action="store_true", help="without the slow network and processor")
    asked = parser.parse_args()
    programs.require(nginx=True, chromium=True)
    folder = asked.folder.absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    port = free_port()
    with Redis(folder / "redis") as redis:
        settings = {"REDIS_URL": redis.url, "SECRET_KEY": uuid.uuid4().hex * 2, "PORT": str(port)}
        built = os.environ.get("STATIC_ROOT", "var/static")
        env = environment(folder, TRUST_PROXY="1", STATIC_ROOT=str(Path(built).absolute()), **settings)
        manage(["migrate", "-v0"], env)
        room = _room(env, asked.language)
        webs = [Serve(folder, env={**env, "PORT": str(port)}, name=f"web-{number}") for number in (1, 2)]
        with webs[0], webs[1], Nginx(folder, upstreams=[web.upstream for web in webs], port=port) as nginx:
            _measure(asked, nginx.base_url, room)


def _room(env: dict[str, str], language: str) -> int:
    """Make an account and a room with messages of ordinary length, the last one known."""
    manage(["create_user", "phone", "--name", "Phone", "--password", _PASSWORD, "--role", "owner"], env)
    os.environ.update(env, DJANGO_SETTINGS_MODULE="chatproject.settings")
    import django

    django.setup()
    from chat.models import User, Workspace
    from chat.pipeline.run import run
    from chat.protocol.commands import CreateRoom, PostMessage

    Workspace.objects.get_or_create(pk=1)
    User.objects.filter(handle="phone").update(language=language)
    user = User.objects.get(handle="phone")
    room = int(run(user.pk, CreateRoom(name="Cold start", client_room_id="cold-start"))["room"])
    for number in range(1, _MESSAGES_COUNT + 1):
        word = "the last" if number == _MESSAGES_COUNT else f"number {number}"
        body = f"{word} of {_MESSAGES_COUNT}: 오늘 회의에서 나온 이야기를 여기에 적어 둘게요, as we **always** do."
        run(user.pk, PostMessage(room=room, client_message_id=uuid.uuid4().hex, body=body))
    return room


def _measure(asked: argparse.Namespace, base_url: str, room: int) -> None:
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=programs.find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        signed_in = _signed_in(browser, base_url)
        for number in range(1, asked.visits + 1):
            found, fetched = _visit(browser, base_url, room, signed_in, is_slow=not asked.loopback)
            seconds.append(found)
            print(json.dumps({"visit": number, "readable_s": round(found, 2)}), flush=True)
            if asked.requests:
                for name, start, end, size in fetched:
                    print(f"  {start:7.0f} ms  {end:7.0f} ms  {size:9,}  {name}")
        browser.close()
    median = statistics.median(seconds)
    print(json.dumps({"visits": len(seconds), "language": asked.language, "median_s": round(median, 2)}))
    sys.exit(0 if median <= _BUDGET_S else f"maru: {median:.2f} s to a readable room, at most {_BUDGET_S} s")


def _signed_in(browser: Browser, base_url: str) -> Any:
    """Sign in once, without hindrance; what a browser keeps of it goes into each empty one."""
    context = browser.new_context(base_url=base_url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "phone")
    page.fill("input[name=password]", _PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/accounts/" not in address)
    cookies = context.cookies()
    context.close()
    return [cookie for cookie in cookies if cookie.get("name") == "sessionid"]


def _visit(
    browser: Browser, base_url: str, room: int, cookies: Any, *, is_slow: bool
) -> tuple[float, list[tuple[str, float, float, int]]]:
    context = browser.new_context(base_url=base_url, viewport=_PHONE, is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    context.add_cookies(cookies)
    page = context.new_page()
    page.add_init_script(_WATCH)
    if is_slow:
        _slow_down(page)
    page.goto(f"/rooms/{room}/", wait_until="commit")
    page.wait_for_function("() => window.readableAt", timeout=120_000)
    found = float(page.evaluate("() => window.readableAt")) / 1_000
    fetched = page.evaluate(_REQUESTS)
    context.close()
    return found, [(name, start, end, size) for name, start, end, size in fetched if start < found * 1_000]


def _slow_down(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", _SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": _CPU_TIMES})


if __name__ == "__main__":
    main()
