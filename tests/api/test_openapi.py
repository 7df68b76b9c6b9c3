from __future__ import annotations

import re

import pytest

from tests.api.conftest import Door

PROMISED = """
GET /me
PATCH /me
GET /rooms/{room}/seen
GET /messages/{message}/seen
GET /groups
POST /groups
GET /groups/{group}
PATCH /groups/{group}
DELETE /groups/{group}
GET /rooms/{room}/calls
PUT /me/doing
DELETE /me/doing
PUT /me/avatar
DELETE /me/avatar
GET /users/{user}/avatar/{key}
GET /emoji
PUT /emoji/{name}
DELETE /emoji/{name}
PUT /emoji/{name}/aliases/{alias}
GET /emoji/pictures/{key}
GET /me/sessions
DELETE /me/sessions
DELETE /me/sessions/{session}
GET /me/factors
DELETE /me/provider
DELETE /users/{user}/factors
GET /me/notifications
PATCH /me/notifications
POST /me/notifications/test
GET /notifications
GET /rooms
POST /rooms
GET /rooms/{room}
PATCH /rooms/{room}
DELETE /rooms/{room}
POST /rooms/{room}/join
POST /rooms/{room}/leave
POST /rooms/{room}/read
POST /rooms/{room}/unread
GET /rooms/{room}/pins
PUT /messages/{message}/pin
DELETE /messages/{message}/pin
GET /messages/{message}/versions
GET /saved
GET /saved/ids
PUT /saved/{message}
DELETE /saved/{message}
GET /rooms/{room}/members
POST /rooms/{room}/members
PATCH /rooms/{room}/members/{user}
DELETE /rooms/{room}/members/{user}
PUT /rooms/{room}/members/{user}/mute
DELETE /rooms/{room}/members/{user}/mute
GET /rooms/{room}/bans
PUT /rooms/{room}/bans/{user}
DELETE /rooms/{room}/bans/{user}
POST /directs
GET /rooms/{room}/messages
POST /rooms/{room}/messages
GET /rooms/{room}/changes
GET /messages/{message}
PATCH /messages/{message}
DELETE /messages/{message}
GET /messages/{message}/thread
GET /threads
GET /threads/state
PUT /messages/{message}/follow
DELETE /messages/{message}/follow
POST /messages/{message}/thread/read
GET /messages/{message}/vote
PUT /messages/{message}/vote
POST /messages/{message}/poll/close
PUT /messages/{message}/reactions/{emoji}
DELETE /messages/{message}/reactions/{emoji}
DELETE /messages/{message}/previews
GET /messages/{message}/previews/{preview}/image
GET /tokens
POST /tokens
DELETE /tokens/{token}
GET /users
GET /users/{user}
POST /invites
GET /invites
DELETE /invites/{invite}
GET /invites/{invite}/uses
GET /scheduled
POST /scheduled
GET /scheduled/{scheduled}
PATCH /scheduled/{scheduled}
DELETE /scheduled/{scheduled}
POST /scheduled/{scheduled}/send-now
GET /drafts
PUT /drafts
GET /reminders
POST /reminders
PATCH /reminders/{reminder}
DELETE /reminders/{reminder}
POST /reminders/{reminder}/done
GET /me/push
POST /me/push
DELETE /me/push/{subscription}
POST /me/push/{subscription}/test
GET /retention
PATCH /retention
PUT /retention/hold
DELETE /retention/hold
GET /retention/rooms
GET /retention/dry-run
GET /rooms/{room}/retention
PATCH /rooms/{room}/retention
PUT /rooms/{room}/retention/hold
DELETE /rooms/{room}/retention/hold
PUT /rooms/{room}/level
GET /me/sidebar
PUT /me/sidebar
POST /me/erase
POST /users/{user}/erase
GET /exports
POST /exports
GET /exports/{export}
DELETE /exports/{export}
GET /exports/{export}/file
POST /uploads
OPTIONS /uploads/resumable
POST /uploads/resumable
HEAD /uploads/resumable/{upload}
GET /uploads/resumable/{upload}
PATCH /uploads/resumable/{upload}
DELETE /uploads/resumable/{upload}
PATCH /uploads/{upload}
DELETE /uploads/{upload}
GET /attachments/{attachment}
GET /attachments/{attachment}/thumbnail
GET /search
POST /messages/{message}/report
POST /messages/{message}/resolve
GET /reports
GET /admin/people
GET /admin/people/{user}
PATCH /admin/people/{user}
POST /admin/people/{user}/sign-out
POST /admin/people/{user}/password
DELETE /admin/people/{user}/tokens/{token}
GET /admin/people/{user}/sign-ins
DELETE /admin/people/{user}/sessions/{session}
GET /admin/sanctions
GET /admin/workspace
PUT /admin/workspace/logo
DELETE /admin/workspace/logo
PATCH /admin/workspace
GET /admin/audit
GET /admin/audit/file
GET /admin/health
GET /admin/work
POST /admin/work/retry
POST /admin/work/{work}/retry
GET /unread
GET /mentions
"""


@pytest.fixture
async def document(door: Door) -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    response = await door().get("openapi.json")
    assert response.status_code == 200
    found: dict[str, dict[str, dict[str, dict[str, object]]]] = response.json()
    return found


async def test_every_promised_route_is_described(document: dict[str, dict[str, dict[str, object]]]) -> None:
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert described == set(PROMISED.split("\n")) - {""}


async def test_every_reference_of_the_description_leads_somewhere(document: dict[str, object]) -> None:
    schemas = document["components"]["schemas"]  # type: ignore[index]
    names = set(re.findall(r"'#/components/schemas/([^']+)'", str(document)))
    assert {"Message", "RoomState", "Error"} <= names
    assert names <= set(schemas)


async def test_every_operation_describes_its_body_and_its_refusals(document: dict[str, object]) -> None:
    for path, operations in document["paths"].items():  # type: ignore[attr-defined]
        for method, operation in operations.items():
            assert operation["responses"]["default"]["content"], path
            assert operation["security"] == [{"BearerToken": []}, {"SessionCookie": []}]
            own = ("/level", "/vote", "/drafts", "/sidebar", "/me/doing", "/me/avatar", "/saved/{message}")
            bodies = ("/mute", "/bans/{user}", "/emoji/{name}", "/workspace/logo", *own)
            has_reason = method == "put" and path.endswith(bodies)
            is_bare = path.endswith(
                (
                    "/join",
                    "/leave",
                    "/test",
                    "/send-now",
                    "/done",
                    "/retry",
                    "/password",
                    "/close",
                    "/resumable",
                )
            )
            takes_body = method == "patch" or has_reason or (method == "post" and not is_bare)
            assert ("requestBody" in operation) == takes_body, (method, path)


async def test_docs_page_loads_nothing_from_elsewhere(door: Door) -> None:
    response = await door().get("docs")
    assert response.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert any(source.endswith("swagger-ui-bundle.js") for source in sources)
    assert all(source.startswith("/static/") for source in sources)
    scripts = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", response.text)
    assert all('type="application/json"' in script for script in scripts)
    assert "<style" not in response.text
    assert " style=" not in response.text
    assert "script-src 'self'" in response.headers["content-security-policy"]
