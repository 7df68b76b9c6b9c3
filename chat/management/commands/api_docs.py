"""Write the tables of docs/api.md from the routes, or check that they are fresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_type_hints

from chat.api import openapi, shapes
from chat.api.api import api
from chat.api.invites import INVITES_PER_USER_MAX_COUNT
from chat.api.pagination import PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX
from chat.api.tokens import TOKENS_PER_USER_MAX_COUNT
from chat.features.exports import service as exports
from chat.features.notifications.push import subscriptions
from chat.features.notifications.push import trial as push_trial
from chat.features.notifications.trial import PER_H_MAX_COUNT
from chat.management.tables import TablesCommand, table
from chat.protocol import limits

_PREFIX = "/api/v1"
_SHAPES = (
    shapes.Place, shapes.AccessToken, shapes.NewAccessToken, shapes.InviteLink, shapes.Invitation, shapes.InviteUse,
    shapes.NotificationSettings, shapes.TestMail, shapes.SentTo, shapes.Notification,
    shapes.Scheduled, shapes.Reason, shapes.Push, shapes.PushSubscription,
    shapes.Retention, shapes.RoomRetention, shapes.Hold, shapes.Going, shapes.Erased, shapes.Export,
    shapes.Found, shapes.FoundMessage, shapes.UnreadRoom, shapes.UnreadMention,
)  # fmt: skip


def _routes() -> str:
    rows = []
    for path, operations in openapi.describe(api)["paths"].items():
        for method, operation in operations.items():
            address = f"`{method.upper()} {path.removeprefix(_PREFIX)}`"
            rows.append([address, operation["summary"], _takes(operation), _answers(operation)])
    return table(["request", "does", "takes (`?` in the address, else JSON)", "answers"], rows)


def _takes(operation: dict[str, Any]) -> str:
    query = [f"`?{found['name']}`" for found in operation["parameters"] if found["in"] == "query"]
    if "requestBody" not in operation:
        return " ".join(query)
    content = operation["requestBody"]["content"]
    if "application/json" not in content:
        (kind,) = content
        named = content[kind]["schema"].get("properties", ())
        return f"{kind}: " + ", ".join(f"`{name}`" for name in named) if named else kind
    schema = content["application/json"]["schema"]
    required = schema.get("required", ())
    return ", ".join(
        f"`{name}`" + ("" if name in required else " (optional)") for name in schema["properties"]
    )


def _answers(operation: dict[str, Any]) -> str:
    found = []
    for status, response in operation["responses"].items():
        if status == "default":
            continue
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        found.append(f"{status} {_shape_name(schema.get('$ref', '').rpartition('/')[2])}".strip())
    return ", ".join(found)


def _shape_name(name: str) -> str:
    if not name.startswith("Page_"):
        return name
    return "page of changes" if "Union" in name else f"page of {name.removeprefix('Page_').rstrip('_')}"


def _shape_rows() -> str:
    rows = []
    for shape in _SHAPES:
        fields = ", ".join(f"`{name}`" for name in get_type_hints(shape))
        rows.append([shape.__name__, (shape.__doc__ or "").splitlines()[0], fields])
    return table(["shape", "is", "fields"], rows)


def _limits() -> str:
    history = f"{limits.HISTORY_LIMIT_MAX} (messages without one: {limits.HISTORY_LIMIT_DEFAULT})"
    changes = f"{limits.CHANGES_LIMIT_MAX} (without one: {limits.CHANGES_LIMIT_DEFAULT})"
    rows = [
        ["a request's body", f"{limits.FRAME_MAX_BYTES:,} bytes"],
        ["`limit` of messages and threads", history],
        ["`limit` of changes", changes],
        ["`limit` of every other list", f"{PAGE_LIMIT_MAX} (without one: {PAGE_LIMIT_DEFAULT})"],
        ["tokens of an account", str(TOKENS_PER_USER_MAX_COUNT)],
        ["invite links of an account that can still be used", str(INVITES_PER_USER_MAX_COUNT)],
        ["test mails of an account in an hour", str(PER_H_MAX_COUNT)],
        [
            "scheduled messages of an account, those that could not be sent included",
            str(limits.SCHEDULED_MAX_COUNT),
        ],
        ["reminders of an account that are not done", str(limits.REMINDERS_MAX_COUNT)],
        [
            "text and label of a reminder",
            f"{limits.REMINDER_TEXT_MAX_CHARS} and {limits.REMINDER_LABEL_MAX_CHARS} characters",
        ],
        ["how far ahead either can be put", f"{limits.AHEAD_MAX_DAYS} days"],
        [
            "browsers of an account that are told by push; the oldest goes",
            str(subscriptions.PER_USER_MAX_COUNT),
        ],
        ["test pushes to a browser", f"one in {push_trial.EVERY_S} s"],
        ["exports of an account that are under way", "1"],
        ["exports of an account that are kept, for 7 days", str(exports.KEPT_MAX_COUNT)],
        ["exports that an account may ask for in an hour", str(exports.PER_H_MAX_COUNT)],
    ]
    return table(["of what", "at most"], rows)


TABLES = {"routes": _routes, "shapes": _shape_rows, "limits": _limits}


class Command(TablesCommand):
    """`manage.py api_docs [--check]`."""

    help = "Write the tables of docs/api.md from the routes, or check them."
    path = Path("docs") / "api.md"
    tables = TABLES
