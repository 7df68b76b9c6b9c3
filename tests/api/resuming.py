"""Uploads in pieces, as a client of tus begins and adds to them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

BODY = bytes(range(256)) * 4_096  # 1 MiB
TUS = {"Tus-Resumable": "1.0.0"}


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def said(**fields: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in fields.items())


async def begun(client: httpx.AsyncClient, size: int = len(BODY), **fields: str) -> str:
    """Begin an upload; returns its address below the API."""
    metadata = said(**{"filename": "film.bin", **fields})
    answer = await client.post(
        "uploads/resumable", headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
    )
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "0")
    assert answer.headers["tus-resumable"] == "1.0.0"
    return answer.headers["location"].removeprefix("/api/v1/")


async def add(client: httpx.AsyncClient, path: str, at: int, content: Any, **headers: str) -> httpx.Response:
    headers = {
        **TUS, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream", **headers
    }  # fmt: skip
    return await client.patch(path, content=content, headers=headers)


async def content_of(client: httpx.AsyncClient, path: str) -> bytes:
    url = (await client.get(path)).json()["attachment"]["url"]
    return (await client.get(url.removeprefix("/api/v1/"))).content


async def streamed(
    application: Any, token: str, path: str, at: int, body: AsyncIterator[bytes]
) -> tuple[int, dict[str, str]]:
    """Add to an upload as our own server passes it on: piece by piece while it comes."""

    class Intake:
        async def read(self) -> bytes:
            return await anext(body, b"")

    answered = asyncio.Event()
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not asked:
            await answered.wait()
            return {"type": "http.disconnect"}
        return asked.pop()

    async def send(message: dict[str, Any]) -> None:
        told.append(message)
        if not message.get("more_body", message["type"] == "http.response.start"):
            answered.set()

    asked = [{"type": "http.request", "body": b"", "more_body": False}]
    headers = {
        **TUS, "host": "localhost:8000", "authorization": f"Bearer {token}", "upload-offset": str(at),
        "content-type": "application/offset+octet-stream",
    }  # fmt: skip
    scope = {
        "type": "http", "method": "PATCH", "path": f"/api/v1/{path}", "raw_path": f"/api/v1/{path}".encode(),
        "query_string": b"", "http_version": "1.1", "scheme": "http", "server": ("localhost", 8000),
        "client": ("127.0.0.1", 1), "extensions": {"maru.body": Intake()},
        "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
    }  # fmt: skip
    await asyncio.wait_for(application(scope, receive, send), 30)
    start = told[0]
    return start["status"], {name.decode().lower(): text.decode() for name, text in start["headers"]}


async def offset_of(client: httpx.AsyncClient, path: str) -> int:
    answer = await client.head(path, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])
