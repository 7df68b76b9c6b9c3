from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

Frame = dict[str, Any]


class Line:
    """What lies between a page and its server: it can close the socket with any code, and speak for the server.

    `turn` gets each frame of the server and returns what arrives instead; `answer` gets each frame of the page and
    returns the server's answer, or None where the server itself is to answer.
    """

    def __init__(
        self,
        screen: Screen,
        turn: Callable[[Frame], Frame] = lambda frame: frame,
        answer: Callable[[Frame], Frame | None] = lambda frame: None,
    ) -> None:
        self.attempts_count = 0
        self.codes: list[int] = []
        self._turn, self._answer = turn, answer
        self._open: WebSocketRoute | None = None
        screen.page.route_web_socket("**/ws/v1/", self._connect)

    def _connect(self, route: WebSocketRoute) -> None:
        self.attempts_count += 1
        if self.codes:
            route.close(code=self.codes.pop(0))
            return
        server = route.connect_to_server()

        def from_server(text: str | bytes) -> None:
            found = json.loads(text)
            frames = found if isinstance(found, list) else [found]
            route.send(json.dumps([self._turn(frame) for frame in frames]))

        def from_page(text: str | bytes) -> None:
            answer = self._answer(json.loads(text))
            if answer is None:
                server.send(text)
            else:
                route.send(json.dumps(answer))

        server.on_message(from_server)
        route.on_message(from_page)
        self._open = route

    def says(self, frame: Frame) -> None:
        """Let the server have said this."""
        assert self._open is not None
        self._open.send(json.dumps(frame))

    def close(self, *codes: int) -> None:
        """Close the connection with the first code, and the next attempts with the others."""
        assert self._open is not None
        self.codes = list(codes[1:])
        self._open.close(code=codes[0])


@pytest.mark.parametrize(
    ("code", "words", "way_out"),
    [
        (4502, "link.disabled", "link.reload"),
        (4503, "link.too_old", "link.reload"),
        (4500, "link.stopped", "link.reload"),
    ],
)
def test_an_end_for_good_is_told_and_not_tried_again(
    topology: Topology, enter: Enter, code: int, words: str, way_out: str
) -> None:
    room = topology.room(topology["alice"], name="The end")
    screen = enter(topology["alice"])
    line = Line(screen)
    screen.open_room(room, "The end")
    screen.composer("The end").fill("아직 쓰던 글")
    line.close(code)
    expect(screen.says(words)).to_be_visible()
    screen.has_no_barrier()
    screen.page.evaluate("dispatchEvent(new Event('online'))")
    assert line.attempts_count == 1
    screen.button(way_out).click()
    expect(screen.composer("The end")).to_have_value("아직 쓰던 글")
    expect(screen.says(words)).to_have_count(0)


@pytest.mark.parametrize(("code", "words"), [(4202, "link.crowded"), (4200, "link.overloaded")])
def test_a_server_that_asks_for_patience_gets_it_until_the_person_wants_to_try(
    topology: Topology, enter: Enter, code: int, words: str
) -> None:
    room = topology.room(topology["alice"], name="Patience")
    screen = enter(topology["alice"])
    line = Line(screen)
    screen.open_room(room, "Patience")
    line.close(code)
    expect(screen.says(words)).to_be_visible()
    screen.post("Patience", "기다릴게요")
    screen.page.evaluate("dispatchEvent(new Event('online'))")
    assert line.attempts_count == 1
    screen.has_no_barrier()
    screen.button("link.try_now").click()
    screen.sees("기다릴게요")
    expect(screen.says(words)).to_have_count(0)


def test_a_session_that_ended_leads_to_the_sign_in_page_and_back_to_the_draft(
    topology: Topology, enter: Enter
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Signed out")
    screen = enter(alice)
    line = Line(screen)
    # What is asked for after the greeting has been answered: the end of the session is what is tried here.
    with (
        screen.page.expect_response("**/api/v1/scheduled*"),
        screen.page.expect_response("**/api/v1/reminders*"),
    ):
        screen.open_room(room, "Signed out")
    screen.composer("Signed out").fill("돌아와서 이어 쓸 글")
    cookies = screen.context.cookies()
    screen.is_put_out = True
    screen.context.clear_cookies()
    line.close(4501)
    screen.page.wait_for_url(f"**/accounts/login/?next=*rooms*{room}*")
    screen.context.add_cookies(cookies)  # type: ignore[arg-type]
    screen.page.goto(f"/rooms/{room}/")
    expect(screen.composer("Signed out")).to_have_value("돌아와서 이어 쓸 글")


def test_what_is_written_before_the_history_came_stands_there_at_once(
    topology: Topology, enter: Enter
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Impatient")
    screen = enter(alice)
    held: list[Frame] = []

    def turn(frame: Frame) -> Frame:
        if frame["type"] != "reply" or "has_before" not in (frame.get("result") or {}) or held:
            return frame
        held.append(frame)
        return {"type": "pong"}

    def answer(frame: Frame) -> Frame | None:
        return {"type": "pong"} if frame["type"] == "message.post" else None

    line = Line(screen, turn, answer)
    screen.page.goto(f"/rooms/{room}/")
    screen.composer("Impatient").fill("아직 불러오는 중이어도")
    screen.composer("Impatient").press("Enter")
    expect(screen.message("아직 불러오는 중")).to_be_visible()
    expect(screen.log).to_have_attribute("aria-busy", "true")
    line.says(held[0])
    expect(screen.log).to_have_attribute("aria-busy", "false")
    expect(screen.message("아직 불러오는 중")).to_contain_text(screen.word("pending.sending"))


def test_a_server_without_its_database_is_told_calmly_and_waited_for(
    topology: Topology, enter: Enter
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Store away")
    screen = enter(alice)
    is_away = True
    resumes: list[object] = []

    def turn(frame: Frame) -> Frame:
        return {**frame, "degraded": ["db"]} if is_away and frame["type"] == "hello" else frame

    def answer(frame: Frame) -> Frame | None:
        if not is_away or frame["type"] != "resume":
            return None
        resumes.append(frame["ref"])
        error = {"code": "unavailable", "detail": "", "retry": True, "after_ms": 300}
        return {"type": "reply", "ref": frame["ref"], "ok": False, "error": error}

    line = Line(screen, turn, answer)
    screen.page.goto(f"/rooms/{room}/")
    expect(screen.says("link.store_away")).to_be_visible()
    screen.has_no_barrier()
    for _ in range(100):
        if len(resumes) >= 3:
            break
        screen.page.wait_for_timeout(100)
    assert len(resumes) >= 3
    assert line.attempts_count == 1
    is_away = False
    line.says({"type": "degraded", "parts": []})
    expect(screen.composer("Store away")).to_be_visible()
    expect(screen.says("link.store_away")).to_have_count(0)
    line.says({"type": "degraded", "parts": ["db"]})
    expect(screen.says("link.store_away")).to_be_visible()
    line.says({"type": "degraded", "parts": ["redis"]})
    expect(screen.says("link.store_away")).to_have_count(0)
    screen.post("Store away", "다시 저장돼요")
    screen.sees("다시 저장돼요")
    assert line.attempts_count == 1
