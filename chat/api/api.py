"""The door put together: routes, sign-in, errors, description."""

from __future__ import annotations

from ninja import NinjaAPI

from chat.api import (
    attachments,
    audit,
    changes,
    directs,
    drafts,
    emoji,
    erasure,
    errors,
    exports,
    groups,
    invites,
    machine,
    marks,
    me,
    members,
    messages,
    notifications,
    people,
    person_sign_ins,
    polls,
    previews,
    push,
    reactions,
    reminders,
    reports,
    resumable,
    retention,
    rooms,
    sanctions,
    saved,
    scheduled,
    search,
    seen,
    sidebar,
    sign_ins,
    threads,
    tokens,
    unread,
    uploads,
    users,
    workspace,
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
    me, notifications, rooms, members, directs, messages, threads, changes, reactions, polls, previews, users,
    tokens, sign_ins, invites, scheduled, reminders, drafts, sidebar, push, emoji, retention, erasure, exports,
    resumable, uploads, attachments, marks, saved, search, seen, unread, reports, people, person_sign_ins, groups,
    sanctions, workspace, audit, machine,
):  # fmt: skip
    api.add_router("", _resource.router)
