"""An ASGI application without Django behind ChatServer, run as a program by the contract tests.

Started with one JSON argument (limits and options), reports one JSON line per event on stdout, and takes the
line "release" on stdin: it lets everything go on that waits on purpose.
"""

import asyncio
import gc
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import structlog

from chat.gateway.bounds import ServerLimits
from chat.gateway.flow import Gate, Inbox
from chat.gateway.http_transport import BoundedChannel, BoundedRequest
from chat.gateway.links import SocketLink
from chat.gateway.outermost import not_found
from chat.gateway.reactor import reactor
from chat.gateway.server import ChatServer
from chat.gateway.websocket_transport import SocketProtocol

structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
    logger_factory=structlog.PrintLoggerFactory(sys.stderr),
)

released = asyncio.Event()
CONNECTION_PARTS = (SocketProtocol, BoundedRequest, BoundedChannel, Gate, Inbox, SocketLink)


def report(event: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


def readable(scope: Any) -> str:
    kept = {
        name: scope.get(name) for name in ("path", "root_path", "client", "scheme", "subprotocols", "type")
    }
    headers = [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]]
    return json.dumps({**kept, "headers": headers, "draining": scope["extensions"]["maru.server"].draining})


async def until_disconnect(receive: Any, path: str) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        pass
    report("disconnect", path=path, code=message["code"])


async def echo(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        content = {name: message[name] for name in ("text", "bytes") if message.get(name) is not None}
        await send({"type": "websocket.send", **content})
    report("disconnect", path=scope["path"], code=message["code"])


async def hold(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    report("holding")
    await released.wait()
    texts = []
    while (message := await receive())["type"] == "websocket.receive" and message["text"] != "end":
        texts.append(message["text"])
    in_order = texts == sorted(texts)
    await send({"type": "websocket.send", "text": json.dumps({"count": len(texts), "in_order": in_order})})
    await until_disconnect(receive, scope["path"])


async def flood(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    link = scope["extensions"]["maru.server"]
    most = 0
    for _ in range(2000):
        await send({"type": "websocket.send", "bytes": bytes(16 * 1024)})
        most = max(most, link.buffered_bytes())
        if most > 64 * 1024 and not released.is_set():
            report("buffered", most=most)
            released.set()
    report("flooded", most=most)
    await until_disconnect(receive, scope["path"])


async def prepared(scope: Any, receive: Any, send: Any) -> None:
    link = scope["extensions"]["maru.prepared"]
    before = link.send(link.frame(b"too early"))
    await send({"type": "websocket.accept"})
    for number in range(0, 100, 2):
        assert link.send(link.frame(b"%d" % number))
        await send({"type": "websocket.send", "text": str(number + 1)})
    sizes = [0, 125, 126, 65535, 65536, 200_000]
    taken = []
    for size in sizes:
        await link.writable.wait()
        taken.append(link.send(link.frame(b"x" * size)))
    await until_disconnect(receive, scope["path"])
    report("prepared", before=before, taken=taken, after=link.send(link.frame(b"too late")))


async def prepared_flood(scope: Any, receive: Any, send: Any) -> None:
    link = scope["extensions"]["maru.prepared"]
    await send({"type": "websocket.accept"})
    frame, taken = link.frame(bytes(b"x" * 16_000)), 0
    while link.send(frame):
        taken += 1
    report("refused", taken=taken, buffered=link.buffered_bytes())
    await link.writable.wait()
    report("writable", sent=link.send(link.frame(b"last")), buffered=link.buffered_bytes())
    await until_disconnect(receive, scope["path"])


async def large_answer(scope: Any, receive: Any, send: Any) -> None:
    link = scope["extensions"]["maru.prepared"]
    await send({"type": "websocket.accept"})
    assert link.send(link.frame(bytes(2 * 1024 * 1024 - 10), binary=True))
    await send({"type": "websocket.send", "text": "after it"})
    await until_disconnect(receive, scope["path"])


async def farewell(scope: Any, receive: Any, send: Any) -> None:
    link = scope["extensions"]["maru.server"]
    if scope["path"] == "/bye":
        link.on_bye = lambda in_ms: json.dumps({"type": "bye", "in_ms": in_ms}).encode()
    else:
        link.on_bye = lambda _in_ms: 1 // 0
    await send({"type": "websocket.accept"})
    await until_disconnect(receive, scope["path"])


async def stubborn(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    try:
        await asyncio.get_running_loop().create_future()
    except asyncio.CancelledError:
        report("cancelled", path=scope["path"])
        raise


async def ending(scope: Any, receive: Any, send: Any) -> None:
    query = parse_qs(scope["query_string"].decode())
    word = scope["path"].rpartition("/")[2]
    await receive()
    if word == "deny":
        await send(
            {"type": "websocket.http.response.start", "status": int(query["status"][0]), "headers": []}
        )
        await send({"type": "websocket.http.response.body", "body": b""})
    if word == "reject":
        await send({"type": "websocket.close"})
    if word == "raise-early":
        raise RuntimeError("a fault before accept")
    if word == "late-accept":
        report("waiting")
        await released.wait()
    if word in ("deny", "reject", "return-early"):
        return
    await send(
        {
            "type": "websocket.accept",
            "subprotocol": query.get("subprotocol", [None])[0],
            "headers": [(b"x-one", b"1"), (b"x-two", b"2"), (b"x-two", b"3")],
        }
    )
    if word == "raise":
        raise RuntimeError("a fault after accept")
    if word == "scope":
        await send({"type": "websocket.send", "text": readable(scope)})
    if word == "empty":
        await send({"type": "websocket.send", "text": ""})
        await send({"type": "websocket.send", "bytes": b""})
        await send({"type": "websocket.send", "text": "x" * 200_000})
    if word == "close":
        code, reason = int(query["code"][0]), query.get("reason", [""])[0]
        await send({"type": "websocket.close", "code": code, "reason": reason})
        await until_disconnect(receive, scope["path"])


async def http(scope: Any, receive: Any, send: Any) -> None:
    path, body = scope["path"], b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if path == "/raise":
        raise RuntimeError("a fault before the response")
    if path == "/silent":
        return
    if path == "/slow":
        report("request", path=path)
        await released.wait()
    answer = readable(scope) if path == "/scope" else json.dumps({"body_bytes": len(body), **usage()})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if path == "/half":
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError("a fault inside the response")
    if path == "/stream":
        for number in range(2000):
            await send({"type": "http.response.body", "body": bytes(16 * 1024), "more_body": True})
            if number == 1999:
                report("streamed")
    await send({"type": "http.response.body", "body": answer.encode()})


async def streamed(scope: Any, receive: Any, send: Any) -> None:
    """Take a body as it comes; what it is, the first message does not tell."""
    intake, count, status, text = scope["extensions"].get("maru.body"), -1, 200, b""
    assert await receive() == {"type": "http.request", "body": b"", "more_body": False}
    if intake is not None:
        count = 0
        report("began", path=scope["path"])
    if scope["path"] == "/stream/early":
        status, text = 413, b"enough"
    elif scope["path"] == "/stream/hold":
        await released.wait()
    elif scope["path"] == "/stream/half":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"8")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        report("half")
        await released.wait()
    elif intake is not None:
        try:
            while piece := await intake.read():
                count += len(piece)
        except ConnectionResetError:
            report("cut", body_bytes=count)
            status = 400
        if scope["path"] == "/stream/never":
            report("whole", body_bytes=count)
            await released.wait()
    text = text or json.dumps({"body_bytes": count}).encode()
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": text})


def usage() -> dict[str, int]:
    pages_count = int(Path("/proc/self/statm").read_text().split()[1])
    gc.collect()
    kept = [type(thing) for thing in gc.get_objects() if isinstance(thing, CONNECTION_PARTS)]
    return {
        "rss_bytes": pages_count * resource.getpagesize(),
        "connections": len(server.connections),
        "parts": len(kept),
    }


SOCKETS = {
    "/echo": echo,
    "/hold": hold,
    "/flood": flood,
    "/prepared": prepared,
    "/prepared-flood": prepared_flood,
    "/large-answer": large_answer,
    "/bye": farewell,
    "/broken-bye": farewell,
    "/stubborn": stubborn,
}


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http" and scope["path"].startswith("/stream/"):
        await streamed(scope, receive, send)
    elif scope["type"] == "http":
        await http(scope, receive, send)
    elif scope["path"] in SOCKETS:
        await receive()
        await SOCKETS[scope["path"]](scope, receive, send)
    elif scope["path"].startswith("/ending/"):
        await ending(scope, receive, send)
    else:
        await not_found(scope, receive, send)


def obey() -> None:
    line = sys.stdin.readline()
    if line.strip() == "release":
        released.set()
    elif not line:
        os._exit(1)  # the tests have gone without saying so


async def flush() -> None:
    report("flushing", draining=server.state.draining, connections=len(server.sockets()))


async def stop() -> None:
    report("stopped", connections=len(server.connections))


def ready() -> None:
    reactor._asyncioEventloop.add_reader(sys.stdin, obey)
    report("listening", address=server.address)


options = json.loads(sys.argv[1])
server = ChatServer(
    application,
    port=0,
    limits=ServerLimits(**options.pop("limits", {})),
    on_drain=flush,
    ready_callable=ready,
    **options,
)

if __name__ == "__main__":
    server.state.on_stop(stop)
    server.run()
