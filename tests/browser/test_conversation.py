import re

import pytest
from playwright.sync_api import expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


def test_two_people_on_two_processes_see_each_others_words(topology: Topology, enter: Enter) -> None:
    alice, jiwoo = topology["alice"], topology["지우"]
    room = topology.room(alice, jiwoo, name="마루 Maru")
    first, second = enter(alice, web=0), enter(jiwoo, web=1, language="ko")
    for screen in (first, second):
        screen.open_room(room, "마루 Maru")
    first.post("마루 Maru", "Hello, 지우!")
    second.sees("Hello, 지우!")
    second.post("마루 Maru", "안녕하세요, 앨리스. **반가워요**")
    first.sees("안녕하세요, 앨리스. 반가워요")
    expect(first.message("반가워요").locator("strong")).to_have_text("반가워요")
    assert first.bodies() == second.bodies() == ["Hello, 지우!", "안녕하세요, 앨리스. 반가워요"]


def test_a_message_is_shown_as_pending_until_it_is_stored(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Slow")
    screen = enter(alice)
    screen.open_room(room, "Slow")
    # The server goes on only when we let it: what is not stored must not look stored.
    topology.webs[0].freeze()
    try:
        screen.composer("Slow").fill("아직이에요")
        screen.composer("Slow").press("Enter")
        pending = screen.message("아직이에요")
        expect(pending).to_contain_text(screen.word("pending.sending"))
        assert pending.get_attribute("data-seq") is None
    finally:
        topology.webs[0].thaw()
    screen.sees("아직이에요")
    expect(screen.message("아직이에요")).not_to_contain_text(screen.word("pending.sending"))


def test_arrow_up_edits_the_last_message_for_everybody(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Typos")
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Typos")
    first.post("Typos", "Helo")
    second.sees("Helo")
    first.sees("Helo")
    first.composer("Typos").press("ArrowUp")
    box = first.page.get_by_role("textbox", name=first.word("message.edit_label"))
    expect(box).to_have_value("Helo")
    box.fill("Hello")
    box.press("Enter")
    for screen in (first, second):
        screen.sees("Hello")
        expect(screen.message("Hello")).to_contain_text(screen.word("message.edited"))
    expect(first.composer("Typos")).to_be_focused()


def test_a_deleted_message_leaves_one_faint_line(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Slips")
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Slips")
    first.post("Slips", "my password is hunter2")
    second.sees("hunter2")
    first.act("hunter2", "message.delete")
    first.dialog("message.delete_title").get_by_role("button", name=first.word("message.delete")).click()
    for screen in (first, second):
        expect(screen.message("hunter2")).to_have_count(0)
        expect(screen.log).to_contain_text(screen.word("message.deleted"))


def test_a_reaction_is_counted_and_taken_back(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Likes")
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Likes")
    first.post("Likes", "좋은 소식")
    second.sees("좋은 소식")
    second.message("좋은 소식").hover()
    second.message("좋은 소식").get_by_role(
        "button", name=second.word("message.react_with", emoji="👍")
    ).click()
    pill = re.compile(r"^👍 \d")
    seen = first.message("좋은 소식").get_by_role("button", name=pill)
    expect(seen).to_have_attribute("aria-pressed", "false")
    seen.click()
    expect(second.message("좋은 소식").get_by_role("button", name=re.compile(r"^👍 2"))).to_be_visible()
    seen.click()
    expect(second.message("좋은 소식").get_by_role("button", name=re.compile(r"^👍 1"))).to_be_visible()
    expect(seen).to_have_attribute("aria-pressed", "false")


def test_it_is_told_who_is_typing(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Typing")
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Typing")
    first.composer("Typing").press_sequentially("잠깐만")
    line = second.page.get_by_text(second.word("typing.names", n=1, names="Alice"))
    expect(line).to_be_visible()
    first.composer("Typing").press("Enter")
    expect(line).to_have_count(0)
    second.sees("잠깐만")


def test_unread_and_mentions_are_counted_and_gone_when_read(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room, other = topology.room(alice, bob, name="Busy"), topology.room(alice, bob, name="Elsewhere")
    reader = enter(bob, web=1)
    reader.open_room(other, "Elsewhere")
    expect(reader.page).to_have_title(re.compile(r"^Elsewhere"))
    for body in ("하나", "둘"):
        topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": body})
    expect(reader.room_link("Busy")).to_contain_text(reader.word("sidebar.unread", n=2))
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "@bob 봐 주세요"})
    expect(reader.room_link("Busy")).to_contain_text(reader.word("sidebar.mentions", n=1))
    expect(reader.page).to_have_title(re.compile(r"^\(1\) Elsewhere"))
    reader.room_link("Busy").click()
    reader.sees("봐 주세요")
    expect(reader.log.get_by_text(reader.word("timeline.new"))).to_be_visible()
    expect(reader.room_link("Busy")).not_to_contain_text(reader.word("sidebar.mentions", n=1))
    expect(reader.page).to_have_title(re.compile(r"^Busy"))

    def is_read() -> bool:
        state = topology.ask(bob, "GET", f"/rooms/{room}", web=0)
        return (state["unread"], state["mentions"]) == (0, 0)

    assert until(is_read, 30), "what was read is not told to the server"


def test_enter_in_the_middle_of_a_korean_syllable_does_not_send_half(
    topology: Topology, enter: Enter
) -> None:
    jiwoo = topology["지우"]
    room = topology.room(jiwoo, name="한글")
    screen = enter(jiwoo, language="ko")
    screen.open_room(room, "한글")
    keyboard = screen.context.new_cdp_session(screen.page)
    screen.composer("한글").focus()
    keyboard.send("Input.insertText", {"text": "안녕하세"})
    for half in ("ㅇ", "요"):
        keyboard.send("Input.imeSetComposition", {"text": half, "selectionStart": 1, "selectionEnd": 1})
    # As Chromium does it with a Korean keyboard: the key that ends a syllable belongs to the composition.
    key = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    expect(screen.composer("한글")).to_have_value("안녕하세요")
    # Safari tells the same Enter after the composition has ended, with the old key code.
    screen.composer("한글").evaluate(
        "(box) => box.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'Enter', keyCode: 229, bubbles: true, cancelable: true}))"
    )
    expect(screen.composer("한글")).to_have_value("안녕하세요")
    expect(screen.log.get_by_role("article")).to_have_count(0)
    keyboard.send("Input.insertText", {"text": "요"})
    screen.composer("한글").press("Enter")
    screen.sees("안녕하세요")
    assert screen.bodies() == ["안녕하세요"]
