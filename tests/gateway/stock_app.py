"""A small application behind daphne's own server: the behaviour that ChatServer is there to change."""

import asyncio
import json
import os
import sys
from typing import Any

from daphne.server import Server


def report(event: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send(
            {"type": "http.response.body", "body": json.dumps({"root_path": scope["root_path"]}).encode()}
        )
        return
    await receive()
    await send({"type": "websocket.accept"})
    if scope["path"] == "/return":
        return
    if scope["path"] == "/close":
        await send({"type": "websocket.close", "code": 1012})
    if scope["path"] == "/flood":
        for _ in range(400):
            await send({"type": "websocket.send", "bytes": bytes(64 * 1024)})
        report("flooded")
    if scope["path"] == "/hold":
        report("holding")
        await asyncio.get_running_loop().create_future()
    while (await receive())["type"] != "websocket.disconnect":
        pass
    report("disconnect")


server = Server(application, endpoints=["tcp:port=0:interface=127.0.0.1"], server_name="")


def obey() -> None:
    if not sys.stdin.readline():
        os._exit(1)  # the tests have gone without saying so


def ready() -> None:
    asyncio.get_event_loop().add_reader(sys.stdin, obey)
    host, port = server.listening_addresses[0]
    report("listening", address=f"http://{host}:{port}")


if __name__ == "__main__":
    server.ready_callable = ready
    server.run()
