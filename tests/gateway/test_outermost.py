from typing import Any

import pytest

from chat.gateway.outermost import Outermost, announce_stock_server, claim_server, deny, not_found

DENIAL: dict[str, Any] = {"websocket.http.response": {}}


class Client:
    """An ASGI server's side of one connection that sends nothing but its beginning."""

    def __init__(self, kind: str, **extensions: Any) -> None:
        self.scope = {"type": kind, "path": "/x", "extensions": extensions}
        self.received: list[tuple[Any, ...]] = []

    async def receive(self) -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(self, message: dict[str, Any]) -> None:
        short = message["type"].removeprefix("websocket.")
        self.received.append((short, message.get("code") or message.get("status")))

    async def run(self, application: Any) -> list[tuple[Any, ...]]:
        await Outermost(application)(self.scope, self.receive, self.send)
        return self.received


async def accepts(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})


async def accepts_and_fails(scope: Any, receive: Any, send: Any) -> None:
    await accepts(scope, receive, send)
    raise RuntimeError("fault")


async def accepts_and_closes(scope: Any, receive: Any, send: Any) -> None:
    await accepts(scope, receive, send)
    await send({"type": "websocket.close", "code": 4000})


async def fails(_scope: Any, _receive: Any, _send: Any) -> None:
    raise RuntimeError("fault")


async def returns(_scope: Any, _receive: Any, _send: Any) -> None:
    return None


@pytest.mark.parametrize("application", [accepts, accepts_and_fails])
async def test_open_socket_is_closed_when_its_application_has_ended(application: Any) -> None:
    assert await Client("websocket").run(application) == [("accept", None), ("close", 1011)]


async def test_closed_socket_is_not_closed_again() -> None:
    assert await Client("websocket").run(accepts_and_closes) == [("accept", None), ("close", 4000)]


async def test_fault_before_accept_is_500_where_the_server_can_say_so() -> None:
    answer = [("http.response.start", 500), ("http.response.body", None)]
    assert await Client("websocket", **DENIAL).run(fails) == answer
    assert await Client("websocket").run(fails) == [("close", None)]


async def test_return_before_accept_is_a_refusal() -> None:
    assert await Client("websocket", **DENIAL).run(returns) == [("close", None)]


async def test_fault_before_an_http_response_is_500() -> None:
    assert await Client("http").run(fails) == [("http.response.start", 500), ("http.response.body", None)]


async def test_unknown_path_is_404() -> None:
    answer = [("http.response.start", 404), ("http.response.body", None)]
    assert await Client("websocket", **DENIAL).run(not_found) == answer
    assert await Client("http").run(not_found) == answer
    assert await Client("websocket").run(not_found) == [("close", None)]


async def test_client_that_has_gone_is_no_fault() -> None:
    async def gone(_message: Any) -> None:
        raise OSError

    await deny({"extensions": DENIAL}, gone, 503)


def test_own_server_is_not_announced_as_stock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(
        "chat.gateway.outermost.structlog.get_logger",
        lambda _name: type("Log", (), {"warning": staticmethod(lambda text, **_: lines.append(text))}),
    )
    monkeypatch.setattr("chat.gateway.outermost._own_server", False)
    announce_stock_server()
    claim_server()
    announce_stock_server()
    assert lines == ["stock ASGI server: no drain, no back-pressure, no prepared frames"]
