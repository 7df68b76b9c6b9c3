from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from scripts.services import manage
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True), ("ko", False)]
_SEND = "from chat.features.scheduled import sending; sending.sweep()"
_TELL = "from chat.features.reminders import telling; telling.sweep()"


def in_days(days: int) -> str:
    """Return a day as the field of a form has it."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def row(screen: Screen, text: str) -> Locator:
    """The line of a list that says this."""
    return screen.page.get_by_role("main").get_by_role("listitem").filter(has_text=text)


def later_link(screen: Screen) -> Locator:
    """The way to both lists."""
    return screen.sidebar.get_by_role("link", name=re.compile(rf"^{screen.word('later.title')}( ?,|$)"))


def ring(topology: Topology, pk: int) -> None:
    """Let the time of a reminder come, as the worker of its queue does."""
    topology.rows("UPDATE chat_reminder SET due_at = now() WHERE id = %s RETURNING id", pk)
    manage(["shell", "--no-imports", "-c", _TELL], topology.env)


def remind(topology: Topology, person: Person, **fields: object) -> int:
    """Make a reminder for tomorrow and return its id."""
    due_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made: int = topology.ask(person, "POST", "/reminders", {"due_at": due_at, **fields})["id"]
    return made


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_a_message_is_written_now_changed_and_sent_later(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, author = topology["alice"], topology["지우" if language == "ko" else "bob"]
    name = f"Later {language} {phone}"
    room = topology.room(alice, author, name=name)
    screen = enter(author, web=0, language=language, phone=phone)
    screen.open_room(room, name)
    dialog = screen.dialog("scheduled.send_later")
    if phone:
        # What cannot be done is not in the menu.
        screen.button("composer.more").click()
        expect(screen.page.get_by_role("menuitem", name=screen.word("poll.new"))).to_be_visible()
        expect(screen.page.get_by_role("menuitem", name=screen.word("scheduled.send_later"))).to_have_count(0)
        screen.page.keyboard.press("Escape")
        screen.composer(name).fill("내일 갈 말")
        screen.beside_text("scheduled.send_later")
        expect(dialog.get_by_role("button", name=screen.word("later.in_1h"))).to_be_visible()
        screen.has_no_barrier()
    else:
        expect(screen.button("scheduled.send_later")).to_be_disabled()
        screen.composer(name).fill("내일 갈 말")
        screen.button("scheduled.send_later").click()
        expect(screen.page.get_by_role("menuitem", name=screen.word("later.in_1h"))).to_be_visible()
        screen.has_no_barrier()
        screen.page.get_by_role("menuitem", name=screen.word("later.choose")).click()
    dialog.get_by_label(screen.word("later.date")).fill(in_days(-1))
    dialog.get_by_label(screen.word("later.time"), exact=True).fill("09:00")
    dialog.get_by_role("button", name=screen.word("scheduled.submit")).click()
    expect(dialog.get_by_role("alert")).to_have_text(screen.word("later.choose_past"))
    screen.has_no_barrier()
    dialog.get_by_label(screen.word("later.date")).fill(in_days(3))
    dialog.get_by_role("button", name=screen.word("scheduled.submit")).click()
    expect(dialog).to_have_count(0)
    expect(screen.composer(name)).to_have_value("")
    if not phone:
        expect(screen.composer(name)).to_be_focused()
    (stored,) = topology.ask(author, "GET", "/scheduled")["items"]
    assert (stored["body"], stored["time_zone"]) == ("내일 갈 말", "Asia/Seoul")
    # Nine in the morning where the author is.
    assert stored["due_at"] == f"{in_days(3)}T00:00:00.000Z"
    assert topology.stored(room) == []

    screen.page.goto("/later/")
    line = row(screen, "내일 갈 말")
    expect(line).to_contain_text(name)
    screen.has_no_barrier()
    if phone:
        fits(screen)
    line.get_by_role("button", name=screen.word("scheduled.edit")).click()
    dialog = screen.dialog("scheduled.edit_title")
    dialog.get_by_label(screen.word("scheduled.text")).fill("고친 말")
    screen.has_no_barrier()
    dialog.get_by_role("button", name=screen.word("dialog.save")).click()
    expect(dialog).to_have_count(0)
    line = row(screen, "고친 말")
    expect(line).to_have_count(1)
    line.get_by_role("button", name=screen.word("scheduled.send_now")).click()
    expect(line).to_have_count(0)
    expect(screen.says("scheduled.empty")).to_be_visible()
    assert [body for *_, body in topology.stored(room)] == ["고친 말"]


def test_what_could_not_be_sent_waits_with_its_reason_and_can_be_thrown_away(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Archived soon")
    due_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    screen = enter(bob, web=0)
    screen.page.goto("/later/")
    expect(screen.says("scheduled.empty")).to_be_visible()
    # Ordered elsewhere: this page hears of it.
    order = {"room": room, "body": "too late", "due_at": due_at}
    made = topology.ask(bob, "POST", "/scheduled", order, web=1)["id"]
    expect(row(screen, "too late")).to_have_count(1)
    topology.ask(alice, "PATCH", f"/rooms/{room}", {"archived": True})
    topology.rows("UPDATE chat_scheduledmessage SET due_at = now() WHERE id = %s RETURNING id", made)
    manage(["shell", "--no-imports", "-c", _SEND], topology.env)
    expect(row(screen, "too late")).to_contain_text(screen.word("error.archived"))
    link = later_link(screen)
    expect(link).to_contain_text(screen.word("later.waiting", n=1))
    screen.has_no_barrier()
    cancel = row(screen, "too late").get_by_role("button", name=screen.word("scheduled.cancel"))
    cancel.click()
    screen.dialog("scheduled.cancel_title").get_by_role("button", name=screen.word("scheduled.keep")).click()
    expect(cancel).to_be_focused()
    cancel.click()
    screen.dialog("scheduled.cancel_title").get_by_role(
        "button", name=screen.word("scheduled.cancel")
    ).click()
    expect(row(screen, "too late")).to_have_count(0)
    expect(screen.page.get_by_role("heading", name=screen.word("scheduled.heading"))).to_be_focused()
    assert topology.ask(bob, "GET", "/scheduled")["items"] == []


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_a_reminder_rings_until_it_is_answered(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, person = topology["alice"], topology["지우" if language == "ko" else "bob"]
    name = f"Remember {language} {phone}"
    room = topology.room(alice, person, name=name)
    said = topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "표를 사 주세요"})
    screen = enter(person, web=0, language=language, phone=phone)
    screen.open_room(room, name)
    screen.sees("표를 사 주세요")
    if phone:
        pk = remind(topology, person, message=said["id"])
    else:
        screen.act("표를 사 주세요", "message.remind")
        dialog = screen.dialog("reminders.title")
        expect(dialog.get_by_role("button", name=screen.word("later.in_20min"))).to_be_focused()
        screen.has_no_barrier()
        dialog.get_by_role("button", name=screen.word("later.in_20min")).click()
        expect(dialog).to_have_count(0)
        (made,) = topology.ask(person, "GET", "/reminders")["items"]
        assert (made["message"], made["label"]) == (said["id"], screen.word("later.in_20min"))
        pk = made["id"]
    ring(topology, pk)
    card = screen.page.locator(f"[data-ringing='{pk}']")
    expect(card).to_contain_text("표를 사 주세요")
    screen.has_no_barrier()
    if phone:
        fits(screen)
    card.get_by_role("button", name=screen.word("reminders.snooze")).click()
    screen.dialog("reminders.snooze").get_by_role("button", name=screen.word("later.in_3h")).click()
    expect(card).to_have_count(0)
    ring(topology, pk)
    expect(card).to_have_count(1)
    card.get_by_role("button", name=screen.word("toast.close")).click()
    expect(card).to_have_count(0)
    # Seen is not done: it stays in the list, and is counted beside the way to it.
    screen.page.goto("/later/")
    line = row(screen, "표를 사 주세요")
    expect(line).to_contain_text(screen.word("reminders.due"))
    if not phone:
        link = later_link(screen)
        expect(link).to_contain_text(screen.word("later.waiting", n=1))
    screen.has_no_barrier()
    line.get_by_role("button", name=screen.word("reminders.show")).click()
    expect(screen.message("표를 사 주세요")).to_be_in_viewport()
    screen.page.goto("/later/")
    line.get_by_role("button", name=screen.word("reminders.done")).click()
    expect(screen.says("reminders.empty")).to_be_visible()
    assert topology.ask(person, "GET", "/reminders")["items"] == []


def test_a_reminder_that_is_answered_in_one_window_goes_from_the_other(
    topology: Topology, enter: Enter
) -> None:
    bob = topology["bob"]
    one, other = enter(bob, web=0), enter(bob, web=1)
    for screen in (one, other):
        screen.page.goto("/later/")
        expect(screen.says("reminders.empty")).to_be_visible()
    one.button("reminders.new").click()
    dialog = one.dialog("reminders.new")
    expect(dialog.get_by_label(one.word("reminders.text"))).to_be_focused()
    dialog.get_by_role("button", name=one.word("later.in_1h")).click()
    expect(dialog.get_by_role("alert")).to_have_text(one.word("reminders.text_missing"))
    dialog.get_by_label(one.word("reminders.text")).fill("call Dora")
    dialog.get_by_role("button", name=one.word("later.in_1h")).click()
    expect(row(other, "call Dora")).to_have_count(1)
    (made,) = topology.ask(bob, "GET", "/reminders")["items"]
    ring(topology, made["id"])
    for screen in (one, other):
        expect(screen.page.locator(".ringing")).to_contain_text("call Dora")
    one.page.locator(".ringing").get_by_role("button", name=one.word("reminders.done")).click()
    for screen in (one, other):
        expect(screen.page.locator(".ringing")).to_have_count(0)
        expect(screen.says("reminders.empty")).to_be_visible()
