from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True)]


def option(screen: Screen, question: str, text: str) -> Locator:
    """The answer that can be chosen below a question."""
    return (
        screen.message(question)
        .get_by_role("radio", name=re.compile(f"^{text}"))
        .or_(screen.message(question).get_by_role("checkbox", name=re.compile(f"^{text}")))
    )


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_a_poll_is_made_voted_in_and_closed(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    author, alice = topology["지우" if language == "ko" else "bob"], topology["alice"]
    name = f"Polls {language}"
    room = topology.room(alice, author, name=name)
    screen = enter(author, language=language, phone=phone)
    reader = enter(alice, web=1)
    screen.open_room(room, name)
    reader.open_room(room, name)
    if not phone:
        screen.composer(name).fill("점심은 어디로 갈까요?")
    screen.beside_text("poll.new")
    dialog = screen.dialog("poll.new")
    if phone:
        dialog.get_by_label(screen.word("poll.question")).fill("점심은 어디로 갈까요?")
    # What was begun is asked.
    expect(dialog.get_by_label(screen.word("poll.question"))).to_have_value("점심은 어디로 갈까요?")
    dialog.get_by_role("button", name=screen.word("poll.submit")).click()
    expect(dialog.get_by_role("alert")).to_have_text(screen.word("poll.too_few"))
    screen.has_no_barrier()
    if phone:
        fits(screen)
    dialog.get_by_label(screen.word("poll.option", n=1), exact=True).fill("국수")
    dialog.get_by_label(screen.word("poll.option", n=2), exact=True).fill("비빔밥")
    dialog.get_by_role("button", name=screen.word("poll.add_option")).click()
    dialog.get_by_label(screen.word("poll.option", n=3), exact=True).fill("샌드위치")
    dialog.get_by_role("button", name=screen.word("poll.submit")).click()
    expect(dialog).to_have_count(0)
    # What was asked is not written any more.
    expect(screen.composer(name)).to_have_value("")
    question = "점심은 어디로 갈까요?"
    screen.sees(question)
    reader.sees(question)
    option(reader, question, "비빔밥").check()
    expect(option(screen, question, "비빔밥")).to_have_accessible_name(
        re.compile(re.escape(screen.word("poll.votes", n=1)))
    )
    # With the keyboard, as any group of choices.
    option(screen, question, "국수").focus()
    screen.page.keyboard.press("Space")
    expect(option(screen, question, "국수")).to_be_checked()
    expect(reader.message(question)).to_contain_text(reader.word("poll.voters", n=2))
    expect(option(reader, question, "비빔밥")).to_be_checked()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    expect(reader.message(question).get_by_role("button", name=reader.word("poll.close"))).to_be_visible()
    screen.message(question).get_by_role("button", name=screen.word("poll.close")).click()
    screen.dialog("poll.close_title").get_by_role(
        "button", name=screen.word("poll.close"), exact=True
    ).click()
    for window in (screen, reader):
        expect(window.message(question)).to_contain_text(window.word("poll.closed"))
    screen.has_no_barrier()


def test_of_an_anonymous_poll_one_sees_ones_own_vote_on_every_device(
    topology: Topology, enter: Enter
) -> None:
    bob, alice = topology["bob"], topology["alice"]
    room = topology.room(alice, bob, name="Secret ballots")
    poll = {"options": ["yes", "no", "perhaps"], "anonymous": True, "multiple": True}
    made = topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "Shall we?", "poll": poll})
    first, second = enter(bob), enter(bob, web=1)
    first.open_room(room, "Secret ballots")
    second.open_room(room, "Secret ballots")
    option(first, "Shall we?", "yes").check()
    option(first, "Shall we?", "perhaps").check()
    expect(option(second, "Shall we?", "perhaps")).to_be_checked()
    first.page.reload()
    expect(option(first, "Shall we?", "yes")).to_be_checked()
    expect(option(first, "Shall we?", "no")).not_to_be_checked()
    shape = topology.ask(alice, "GET", f"/messages/{made['id']}")
    assert [(one["votes"], one["users"]) for one in shape["poll"]["options"]] == [(1, []), (0, []), (1, [])]
    first.message("Shall we?").get_by_role("button", name=first.word("poll.take_back")).click()
    expect(option(second, "Shall we?", "yes")).not_to_be_checked()
