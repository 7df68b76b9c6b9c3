from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from scripts.services import manage
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.make import client_message_id
from tests.people import Person

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True)]
_WITHDRAW = "from chat.features.quotes import service; service.withdraw({room}, {seq})"


def say(topology: Topology, person: Person, room: int, body: str, **fields: object) -> int:
    """Store a message and return its id."""
    said = {"body": body, "client_message_id": client_message_id(), **fields}
    made: int = topology.ask(person, "POST", f"/rooms/{room}/messages", said)["id"]
    return made


def act(screen: Screen, text: str, action: str, **values: object) -> None:
    """Choose an action from the menu of a message, by pointer or by finger."""
    message = screen.message(text)
    if screen.page.evaluate("() => matchMedia('(pointer: coarse)').matches"):
        message.tap()
    else:
        message.hover()
    message.get_by_role("button", name=screen.word("message.more"), exact=True).click()
    screen.page.get_by_role("menuitem", name=screen.word(action, **values), exact=True).click()


def link(screen: Screen, key: str) -> Locator:
    """The way to a place of one's own, in the left column."""
    return screen.sidebar.get_by_role("link", name=re.compile(rf"^{screen.word(key)}( ?,|$)"))


def kept(screen: Screen, text: str) -> Locator:
    """A message that is shown away from its room."""
    return screen.page.locator("article.marked").filter(has_text=text)


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_what_is_pinned_is_at_hand_for_everybody(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, reader = topology["alice"], topology["지우" if language == "ko" else "bob"]
    name = f"Pins {language}"
    room = topology.room(alice, reader, name=name)
    for text in ("the first rule", "the second rule"):
        say(topology, alice, room, text)
    owner, screen = enter(alice), enter(reader, web=1, language=language, phone=phone)
    for one in (owner, screen):
        one.open_room(room, name)
    screen.button("pins.title").click()
    expect(screen.says("pins.none")).to_be_visible()
    act(owner, "the second rule", "pins.pin")
    act(owner, "the first rule", "pins.pin")
    # Beside the room it is there at once.
    expect(kept(screen, "rule")).to_have_count(2)
    expect(kept(screen, "rule").first).to_contain_text("the second rule")
    expect(screen.button("pins.unpin")).to_have_count(0)
    screen.has_no_barrier()
    if phone:
        fits(screen)
    owner.button("pins.title").click()
    kept(owner, "the second rule").get_by_role("button", name=owner.word("pins.unpin")).click()
    for one in (owner, screen):
        expect(kept(one, "rule")).to_have_count(1)
    kept(screen, "the first rule").get_by_role("link").click()
    expect(screen.message("the first rule")).to_be_visible()
    expect(screen.message("the first rule")).to_contain_text(screen.word("pins.pinned_by", name="alice"))


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_what_is_saved_is_there_on_all_devices_until_it_is_done(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, bob = topology["alice"], topology["지우" if language == "ko" else "bob"]
    name = f"Saved {language}"
    room = topology.room(alice, bob, name=name)
    first, second = (say(topology, alice, room, text) for text in ("to be answered", "to be read"))
    screen, other = enter(bob, language=language, phone=phone), enter(bob, web=1, language=language)
    other.page.goto("/saved/")
    expect(other.says("saved.none")).to_be_visible()
    screen.open_room(room, name)
    act(screen, "to be answered", "saved.save")
    act(screen, "to be read", "saved.save")
    expect(kept(other, "to be")).to_have_count(2)
    expect(link(other, "saved.title")).to_contain_text(other.word("saved.count", n=2))
    other.has_no_barrier()
    screen.page.goto("/saved/")
    expect(kept(screen, "to be")).to_have_count(2)
    screen.has_no_barrier()
    if phone:
        fits(screen)
    kept(screen, "to be read").get_by_role("button", name=screen.word("saved.finish"), exact=True).click()
    for one in (screen, other):
        expect(kept(one, "to be")).to_have_count(1)
    screen.page.get_by_role("radio", name=screen.word("saved.done"), exact=True).check(force=True)
    expect(kept(screen, "to be read")).to_have_count(1)
    screen.button("saved.again").click()
    expect(screen.says("saved.none_done")).to_be_visible()
    expect(kept(other, "to be")).to_have_count(2)
    # What is deleted is gone from here too.
    topology.ask(alice, "DELETE", f"/messages/{first}")
    expect(kept(other, "to be")).to_have_count(1)
    assert topology.ask(bob, "GET", "/saved/ids") == {"messages": [second]}


def test_a_room_is_unread_from_a_message_on_on_all_devices_until_one_comes_again(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Unread again")
    elsewhere = topology.room(alice, bob, name="Next door")
    for number in range(1, 7):
        say(topology, alice, room, f"word {number}" + (" @bob" if number == 5 else ""))
    screen, other = enter(bob), enter(bob, web=1)
    other.open_room(elsewhere, "Next door")
    screen.open_room(room, "Unread again")
    expect(other.room_link("Unread again")).not_to_have_attribute("data-bold", "true")
    act(screen, "word 3", "unread.mark")
    for one in (screen, other):
        expect(one.room_link("Unread again")).to_have_attribute("data-bold", "true")
    # Among them is one that names me.
    expect(other.room_link("Unread again")).to_contain_text(other.word("sidebar.mentions", n=1))
    expect(screen.says("timeline.new")).to_be_visible()
    state = topology.ask(bob, "GET", f"/rooms/{room}")
    assert (state["unread"], state["mentions"], state["read_backs"]) == (4, 1, 1)
    # To go on looking at it is not to read it.
    say(topology, alice, room, "word 7")
    screen.sees("word 7")
    expect(screen.room_link("Unread again")).to_have_attribute("data-bold", "true")
    screen.room_link("Next door").click()
    screen.room_link("Unread again").click()
    for one in (screen, other):
        expect(one.room_link("Unread again")).not_to_have_attribute("data-bold", "true")


def test_an_answer_shows_what_it_quotes_until_that_is_deleted(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Quotes")
    said = say(topology, alice, room, "shall we **meet** at nine?")
    say(topology, alice, room, "in between")
    screen = enter(bob)
    screen.open_room(room, "Quotes")
    act(screen, "at nine?", "quote.answer")
    expect(screen.composer("Quotes")).to_be_focused()
    expect(screen.page.locator(".quote-bar")).to_contain_text("at nine?")
    screen.has_no_barrier()
    screen.post("Quotes", "nine is fine")
    expect(screen.page.locator(".quote-bar")).to_have_count(0)
    answer = screen.message("nine is fine")
    expect(answer.locator("figure strong")).to_have_text("meet")
    screen.has_no_barrier()
    topology.ask(alice, "DELETE", f"/messages/{said}")
    (seq,) = [seq for seq, kind in topology.log(room) if kind == "message.deleted"]
    manage(["shell", "--no-imports", "-c", _WITHDRAW.format(room=room, seq=seq)], topology.env)
    expect(answer).to_contain_text(screen.word("quote.gone"))
    expect(answer).not_to_contain_text("meet")


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_a_message_is_forwarded_to_a_room_and_a_person_with_words(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, sender, mina = topology["alice"], topology["지우" if language == "ko" else "bob"], topology["mina"]
    source = topology.room(alice, sender, name=f"Source {language}")
    target = topology.room(sender, topology["carol"], name=f"Target {language}")
    say(topology, alice, source, "the **plan** for autumn")
    screen = enter(sender, language=language, phone=phone)
    screen.open_room(source, f"Source {language}")
    act(screen, "for autumn", "forward.open")
    dialog = screen.dialog("forward.title", n=1)
    dialog.get_by_label(screen.word("forward.to")).first.fill(f"Target {language}")
    dialog.get_by_role("checkbox", name=re.compile(f"Target {language}")).check()
    dialog.get_by_label(screen.word("forward.to")).first.fill("mina")
    dialog.get_by_role("checkbox", name=re.compile("mina")).first.check()
    dialog.get_by_label(screen.word("forward.words")).fill("please look")
    expect(dialog).to_contain_text(screen.word("forward.chosen", n=2))
    screen.has_no_barrier()
    if phone:
        fits(screen)
    dialog.get_by_role("button", name=screen.word("forward.submit"), exact=True).click()
    expect(dialog).to_have_count(0)
    expect(screen.says("forward.done", n=2)).to_be_visible()
    carol = enter(topology["carol"], web=1)
    carol.open_room(target, f"Target {language}")
    expect(carol.message("please look").locator("figure strong")).to_have_text("plan")
    # Where it comes from is not told to who is not there.
    expect(carol.message("please look").locator("figure a")).to_have_count(0)
    carol.has_no_barrier()
    (direct,) = [
        room
        for room in topology.ask(mina, "GET", "/rooms?limit=200")["items"]
        if room["kind"] == "direct" and room["peers"] == [sender.id]
    ]
    assert [body for *_, body in topology.stored(direct["id"])] == ["please look"]


def test_the_mark_of_an_edit_opens_every_earlier_text(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Edits")
    said = say(topology, alice, room, "we meet at nine")
    for text in ("we meet at ten", "we meet at ten sharp"):
        topology.ask(alice, "PATCH", f"/messages/{said}", {"body": text})
    screen = enter(bob)
    screen.open_room(room, "Edits")
    screen.button("message.edited").click()
    dialog = screen.dialog("versions.title")
    expect(dialog.get_by_role("listitem")).to_have_count(3)
    expect(dialog.locator("ins").first).to_have_text(" sharp")
    expect(dialog.get_by_role("listitem").last).to_contain_text("we meet at nine")
    screen.has_no_barrier()
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_several_messages_are_chosen_and_deleted_and_each_answers_for_itself(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, bob = topology["alice"], topology["지우" if language == "ko" else "bob"]
    name = f"Choosing {language}"
    room = topology.room(alice, bob, name=name)
    for number in range(1, 5):
        say(topology, bob, room, f"mine {number}")
    say(topology, alice, room, "not mine")
    screen = enter(bob, language=language, phone=phone)
    screen.open_room(room, name)
    act(screen, "mine 1", "select.start")
    bar = screen.page.get_by_role("toolbar", name=screen.word("select.tools"))
    expect(bar).to_contain_text(screen.word("select.count", n=1))
    screen.has_no_barrier()
    if phone:
        screen.message("mine 2").tap()
        screen.message("mine 3").tap()
        screen.message("not mine").tap()
        fits(screen)
    else:
        screen.message("mine 3").click(modifiers=["Shift"])
        screen.message("not mine").focus()
        screen.page.keyboard.press("Space")
    expect(bar).to_contain_text(screen.word("select.count", n=4))
    bar.get_by_role("button", name=screen.word("message.delete"), exact=True).click()
    # Of what is another's I delete nothing.
    expect(bar).to_contain_text(screen.word("select.delete_text", n=3))
    bar.get_by_role("button", name=screen.word("message.delete"), exact=True).click()
    expect(screen.says("select.deleted", n=3)).to_be_visible()
    expect(bar).to_have_count(0)
    expect(screen.message("mine")).to_have_count(2)
    assert [body for *_, body in topology.stored(room)] == ["", "", "", "mine 4", "not mine"]
    act(screen, "mine 4", "select.start")
    screen.page.keyboard.press("Escape")
    expect(screen.composer(name)).to_be_visible()


def test_a_link_to_an_answer_opens_its_thread_there_and_is_nothing_to_strangers(
    topology: Topology, enter: Enter
) -> None:
    alice, bob, carol = topology["alice"], topology["bob"], topology["carol"]
    room = topology.room(alice, bob, name="Links")
    root = say(topology, alice, room, "the question")
    for number in range(30):
        say(topology, bob, room, f"answer {number}", parent=root)
    (seq,) = [seq for seq, _, _, body in topology.stored(room) if body == "answer 2"]
    screen = enter(bob)
    screen.page.goto(f"/rooms/{room}/?thread={root}&seq={seq}")
    thread = screen.page.get_by_role("log", name=screen.word("thread.title"))
    found = thread.get_by_role("article").filter(has_text=re.compile(r"answer 2$"))
    expect(found).to_be_in_viewport()
    expect(found).to_have_attribute("data-flashed", "true")
    stranger = enter(carol)
    faces = []
    for place in (room, 987_654_321):
        stranger.page.goto(f"/rooms/{place}/?thread={root}&seq={seq}")
        expect(stranger.says("stranger.missing")).to_be_visible()
        faces.append(stranger.page.get_by_role("main").inner_text())
    assert faces[0] == faces[1]
    stranger.was_missing()
