from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("language", "name"), [("en", "bob"), ("ko", "지우")])
def test_what_is_hidden_shows_when_asked_and_formulas_and_code_are_there_to_use(
    topology: Topology, enter: Enter, language: str, name: str
) -> None:
    alice, reader = topology["alice"], topology[name]
    room = topology.room(alice, reader, name="Texts")
    path = f"/rooms/{room}/messages"
    for body in (
        "the end: ||it was the [butler](https://example.org)||",
        r"so $x^2 = \frac{1}{2}$ :좋아요:",
        "```python\nprint('안녕')\n```",
    ):
        topology.ask(alice, "POST", path, {"body": body})
    screen = enter(reader, language=language)
    screen.open_room(room, "Texts")
    hidden = screen.message("the end").get_by_role("button", name=screen.word("message.spoiler"))
    expect(screen.message("the end").get_by_text("it was the")).to_be_hidden()
    screen.has_no_barrier()
    hidden.focus()
    screen.page.keyboard.press("Enter")
    expect(screen.message("the end").get_by_role("link", name="butler")).to_be_visible()
    expect(hidden).to_have_count(0)
    expect(screen.message("so").locator("math mfrac")).to_be_visible()
    expect(screen.message("so")).to_contain_text("👍")
    screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    code = screen.message("print")
    expect(code).to_contain_text("python")
    code.get_by_role("button", name=screen.word("message.copy_code"), exact=True).click()
    expect(screen.says("copy.done")).to_be_visible()
    assert screen.page.evaluate("() => navigator.clipboard.readText()") == "print('안녕')\n"


def test_a_text_is_formatted_with_keys_lists_go_on_and_an_address_becomes_a_link(
    topology: Topology, enter: Enter
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Writing")
    screen = enter(alice)
    screen.open_room(room, "Writing")
    box, keys = screen.composer("Writing"), screen.page.keyboard
    box.press_sequentially("bold")
    keys.press("ControlOrMeta+a")
    keys.press("ControlOrMeta+b")
    expect(box).to_have_value("**bold**")
    keys.press("ControlOrMeta+z")
    expect(box).to_have_value("bold")
    box.fill("- one")
    keys.press("Shift+Enter")
    box.press_sequentially("two")
    expect(box).to_have_value("- one\n- two")
    keys.press("Shift+Enter")
    keys.press("Shift+Enter")
    expect(box).to_have_value("- one\n- two\n")
    screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen.page.evaluate("() => navigator.clipboard.writeText('https://example.org/a')")
    box.fill("here")
    keys.press("ControlOrMeta+a")
    keys.press("ControlOrMeta+v")
    expect(box).to_have_value("[here](https://example.org/a)")
    screen.button("format.show").click()
    bar = screen.page.get_by_role("toolbar", name=screen.word("format.label"))
    box.fill("secret")
    keys.press("ControlOrMeta+a")
    bar.get_by_role("button", name=screen.word("format.spoiler")).click()
    expect(box).to_have_value("||secret||")
    screen.has_no_barrier()


@pytest.mark.parametrize(
    ("language", "typed", "char"),
    [("en", "so :thumbsu", "👍"), ("ko", "이건 :좋아요", "👍"), ("en", ":축하", "🎉")],
)
def test_an_emoji_is_found_by_its_name_in_both_languages(
    topology: Topology, enter: Enter, language: str, typed: str, char: str
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Emoji")
    screen = enter(alice, language=language, phone=True)
    screen.open_room(room, "Emoji")
    box = screen.composer("Emoji")
    box.press_sequentially(typed)
    choices = screen.page.get_by_role("listbox", name=screen.word("composer.emoji_list"))
    option = choices.get_by_role("option").filter(has_text=char).first
    expect(option).to_be_visible()
    screen.has_no_barrier()
    option.click()
    expect(box).to_have_value(f"{typed[: typed.index(':')]}{char} ")
