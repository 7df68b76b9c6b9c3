"""The door put together: routes, sign-in, errors, description."""

from __future__ import annotations

from ninja import NinjaAPI

from chat.api import (
    attachments,
    changes,
    directs,
    erasure,
    errors,
    exports,
    invites,
    marks,
    me,
    members,
    messages,
    notifications,
    previews,
    push,
    reactions,
    reminders,
    retention,
    rooms,
    saved,
    scheduled,
    search,
    sidebar,
    tokens,
    uploads,
    users,
)
from chat.api.authentication import BearerToken, SessionCookie

DESCRIPTION = (
    "The same verbs as over the socket, through the same write path. "
    "Lists are `{items, next}`: ask again with `cursor` = `next` until it is null. "
    "Every refusal is `{error: {code, detail, retry, after_ms?}}`."
)

api = NinjaAPI(
    title="Maru",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=[BearerToken(), SessionCookie()],
)
errors.register(api)
for _resource in (
    me, notifications, rooms, members, directs, messages, changes, reactions, previews, users, tokens, invites,
    scheduled, reminders, sidebar, push, retention, erasure, exports, uploads, attachments, marks, saved,
    search,
):  # fmt: skip
    api.add_router("", _resource.router)
