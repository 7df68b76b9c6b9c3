from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Route, Worker, expect

from chat.features.notifications.push import keys
from scripts.services import Serve, manage
from scripts.services.process import until
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

_PRIVATE, _ = keys.make()
# What the server would seal for a browser.
_SAID = """
import json
from chat.features.notifications.push import wording
from chat.models import Message, Notification, User
told = Notification(user=User.objects.get(pk={user}), message=Message.objects.get(pk={message}))
print(json.dumps(wording.unread(told.user, [told])))
"""
_SHOWN = """async () => {
  const shown = await self.registration.getNotifications();
  return shown.map(({ title, body, tag }) => ({ title, body, tag }));
}"""
_IS_SHOWN = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 1"
# Nobody can press what a window without a screen shows. Such an event may bring no page to the front.
_PRESS = """async () => {
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""
# Chromium's own, about every window of a test: they are private ones, which have no push service.
_PRIVATE_WINDOW = "does not support the Push API in incognito mode"

EnterPushing = Callable[..., Screen]


@pytest.fixture
def pushing(topology: Topology) -> Iterator[Serve]:
    """A web process with a key for web push."""
    web = Serve(topology.folder, env=topology.env | {"VAPID_PRIVATE_KEY": _PRIVATE}, name="push-page")
    web.env["ALLOWED_ORIGINS"] += f",{web.base_url}"
    with web:
        yield web


@pytest.fixture
def allowed(
    pushing: Serve, window: Callable[..., Screen], sessions: Callable[[Person], list[Any]]
) -> EnterPushing:
    """Open a window of somebody who is signed in there, in a browser that may show notifications."""

    def open_signed_in(person: Person, **options: Any) -> Screen:
        screen = window(pushing.base_url, permissions=["notifications"], **options)
        screen.context.add_cookies(sessions(person))
        return screen

    return open_signed_in


class Devtools:
    """What the browser knows of the workers of a window; asked from before there are any."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._session = screen.context.new_cdp_session(screen.page)
        self._known: set[str] = set()
        self.errors: list[Any] = []
        self._session.on("ServiceWorker.workerRegistrationUpdated", lambda told: self._note(told))
        self._session.on("ServiceWorker.workerErrorReported", lambda told: self.errors.append(told))
        self._session.send("ServiceWorker.enable")

    def _note(self, told: dict[str, Any]) -> None:
        self._known.update(row["registrationId"] for row in told["registrations"])

    def deliver(self, said: str) -> None:
        """Have a push come to the one worker there is, and wait until it is shown."""
        (registration,) = self._known
        page = self._screen.page
        told = {"origin": page.evaluate("origin"), "registrationId": registration, "data": said}
        self._session.send("ServiceWorker.deliverPushMessage", told)
        assert until(lambda: bool(page.evaluate(_IS_SHOWN)), 30)


def switch_on(screen: Screen) -> Worker:
    """Press the switch, which a private window refuses in the end, and return the worker that was begun for it."""
    screen.page.goto("/settings/notifications/")
    with screen.context.expect_event("serviceworker") as found:
        screen.button("push.switch_on").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("permission denied")
    (problem,) = screen.problems
    assert _PRIVATE_WINDOW in problem
    screen.problems.clear()
    worker: Worker = found.value
    return worker


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_the_switch_registers_the_worker_and_says_what_is_in_the_way(
    topology: Topology, allowed: EnterPushing, language: str, phone: bool
) -> None:
    person = topology.newcomer()
    topology.ask(person, "PATCH", "/me", {"language": language})
    screen = allowed(person, language=language, phone=phone)
    worker = switch_on(screen)
    assert worker.url == f"{screen.page.evaluate('origin')}/worker.js"
    assert screen.page.evaluate("navigator.serviceWorker.ready.then((found) => found.scope)").endswith("/")
    expect(screen.button("push.switch_on")).to_be_enabled()
    expect(screen.says("push.off")).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    assert topology.ask(person, "GET", "/me/push")["subscriptions"] == []


def test_a_server_without_a_key_has_no_switch(topology: Topology, enter: Callable[..., Screen]) -> None:
    screen = enter(topology["bob"])
    screen.page.goto("/settings/notifications/")
    expect(screen.says("push.server_off")).to_be_visible()
    expect(screen.button("push.switch_on")).to_have_count(0)


def test_a_push_is_shown_and_a_press_leads_the_open_page_to_its_message(
    topology: Topology, allowed: EnterPushing
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Pushed")
    message = topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "look @bob"})
    asked = _SAID.format(user=bob.id, message=message["id"])
    said = manage(["shell", "--no-imports", "-c", asked], topology.env).splitlines()[-1]
    screen = allowed(bob)
    devtools = Devtools(screen)
    worker = switch_on(screen)
    screen.page.goto("/later/")
    screen.mark_page()
    devtools.deliver(said)
    wanted = {name: json.loads(said)[name] for name in ("title", "body", "tag")}
    assert (wanted["title"], wanted["body"]) == ("alice · Pushed", "look @bob")
    assert (worker.evaluate(_SHOWN), devtools.errors) == ([wanted], [])
    worker.evaluate(_PRESS)
    screen.page.wait_for_url(f"**/rooms/{room}/?seq={message['seq']}")
    expect(screen.message("look @bob")).to_be_in_viewport()
    assert screen.is_same_page()
    assert worker.evaluate(_SHOWN) == []


def test_the_page_starts_where_its_worker_cannot(topology: Topology, allowed: EnterPushing) -> None:
    alice, person = topology["alice"], topology.newcomer()
    room = topology.room(alice, person, name="Without a worker")
    screen = allowed(person)
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=500)

    screen.context.route("**/worker.js", refuse)
    # As if it had been switched on: then each start begins with the worker.
    screen.context.add_init_script(f"localStorage.setItem('maru.push.{person.id}', '1')")
    screen.open_room(room, "Without a worker")
    screen.post("Without a worker", "all the same")
    screen.sees("all the same")
    screen.page.goto("/settings/notifications/")
    expect(screen.page.get_by_role("heading", name=screen.word("push.title"))).to_be_visible()
    expect(screen.page.get_by_role("alert")).to_contain_text("500")
    assert refused != []
    # What Chromium itself writes about it; nothing of ours.
    assert [problem for problem in screen.problems if "when fetching the script" not in problem] == []
    screen.problems.clear()
