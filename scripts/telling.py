"""The story, told to a running server through its API by the people in it."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Page

from scripts import landscape, story
from scripts.services import Serve, manage


class Told:
    """The workspace of the story: `ids` of people by handle, `rooms` and `messages` by name and text."""

    def __init__(self, server: Serve) -> None:
        self._server = server
        self._tokens: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        self.rooms: dict[str, int] = {}
        self.messages: dict[str, int] = {}

    def tell(self) -> None:
        """Make the accounts, the rooms and the messages."""
        for handle, name in story.PEOPLE.items():
            if handle == story.OWNER:
                continue
            made = manage(
                ["create_user", handle, "--name", name, "--password", story.PASSWORD, "--token", "pictures"],
                self._server.env,
            )
            account = json.loads(made.splitlines()[-1])
            self.ids[handle], self._tokens[handle] = account["id"], account["token"]
        for place in story.PLACES:
            self._furnish(place)
        for (first, *others), said in story.DIRECTS:
            room = self.ask(first, "POST", "/directs", {"users": [self.ids[other] for other in others]})
            for by, body in said:
                self.post(by, room["id"], body)

    def know_owner(self, page: Page) -> None:
        """Give the owner, who was made by hand, a token like everybody else's."""
        config = json.loads(page.inner_text("#config") or page.text_content("#config") or "")
        self.ids[story.OWNER] = config["user"]["id"]
        answer = page.request.post(
            f"{self._server.base_url}/api/v1/tokens",
            data={"label": "pictures"},
            headers={"X-CSRFToken": config["csrf"], "Origin": self._server.base_url},
        )
        self._tokens[story.OWNER] = answer.json()["token"]

    def ask(self, by: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the API as somebody of the story."""
        answer = httpx.request(
            method,
            f"{self._server.base_url}/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._tokens[by]}"},
            trust_env=False,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def send(self, by: str, path: str, picture: bytes) -> None:
        """Put a PNG somewhere as somebody of the story."""
        answer = httpx.put(
            f"{self._server.base_url}/api/v1{path}",
            content=picture,
            headers={"Authorization": f"Bearer {self._tokens[by]}", "Content-Type": "image/png"},
            trust_env=False,
        )
        answer.raise_for_status()

    def _furnish(self, place: story.Place) -> None:
        first, *others = (handle for handle in place.people)
        found = [
            room for room in self.ask(first, "GET", "/rooms?scope=all")["items"] if room["name"] == place.name
        ]
        if found:
            room = found[0]["id"]
            for handle in others:
                self.ask(handle, "POST", f"/rooms/{room}/join")
        else:
            members = [self.ids[handle] for handle in others]
            fields = {"name": place.name, "topic": place.topic, "kind": place.kind, "members": members}
            room = self.ask(first, "POST", "/rooms", fields)["id"]
        self.rooms[place.name] = room
        for said in place.said:
            files = [self._upload(said.by, file) for file in said.files]
            message = self.post(said.by, room, said.body, files=files)
            for emoji, people in said.reactions.items():
                for by in people:
                    self.ask(by, "PUT", f"/messages/{message}/reactions/{emoji}")
            for by, body in said.replies:
                self.post(by, room, body, message)

    def _upload(self, by: str, file: story.File) -> int:
        is_picture = file.landscape is not None
        if file.landscape is not None:
            data = landscape.drawn(file.landscape, file.size)
        else:
            data = _paper() if file.name.endswith(".pdf") else bytes(84_000)
        answer = httpx.post(
            f"{self._server.base_url}/api/v1/uploads",
            data={"alt": file.alt} if is_picture else None,
            files={"file": (file.name, data)},
            headers={"Authorization": f"Bearer {self._tokens[by]}"},
            trust_env=False,
        )
        answer.raise_for_status()
        upload: int = answer.json()["id"]
        return upload

    def post(
        self,
        by: str,
        room: int,
        body: str,
        parent: int | None = None,
        files: list[int] | None = None,
        poll: dict[str, Any] | None = None,
    ) -> int:
        """Say something and return the id of the message."""
        fields = {
            "client_message_id": uuid.uuid4().hex,
            "body": body,
            "parent": parent,
            "attachments": files or [],
            "poll": poll,
        }
        message: int = self.ask(by, "POST", f"/rooms/{room}/messages", fields)["id"]
        self.messages[body] = message
        return message


def _paper() -> bytes:
    """Return a PDF of two pages."""
    first, second = (Image.open(io.BytesIO(landscape.drawn(number, (1_240, 1_754)))) for number in (6, 9))
    written = io.BytesIO()
    first.save(written, "PDF", save_all=True, append_images=[second])
    return written.getvalue()
