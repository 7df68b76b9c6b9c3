"""What each deed of the table says through its doors, and how to see that it was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.features.notifications.push.service import Browser
from tests.make import client_message_id
from tests.matrix.stage import FACE_KEY, PREVIEW_URL, SIGNED_IN, House, Stage

MISSING = 987_654_321_012
Fields = dict[str, Any]
_Fields = Callable[[House, Stage, str], Fields]
# What a stranger may not tell from nothing, by the field that names it.
_HIDDEN = (
    "quote", "room", "message", "users", "token", "session", "invite", "user", "scheduled", "reminder", "subscription",
    "export", "upload", "attachment", "work", "group",
)  # fmt: skip


def _post(house: House, stage: Stage, role: str) -> Fields:
    return {"room": stage.room, "body": f"said by {role}", "client_message_id": client_message_id()}


def _post_file(house: House, stage: Stage, role: str) -> Fields:
    # An upload goes into one message only.
    uploads = house.crew.uploads.get(role)
    return {**_post(house, stage, role), "attachments": [uploads.pop() if uploads else 1]}


def _forward(house: House, stage: Stage, role: str) -> Fields:
    # What was said in an open room everybody may pass on, and hear again.
    quote = stage.own["mem"] if stage.kind == "open" else stage.secret
    return {**_post(house, stage, role), "room": house.crew.desks.get(role, 1), "quote": quote}


def _my_upload(house: House, stage: Stage, role: str) -> Fields:
    uploads = house.crew.uploads.get(role)
    return {"upload": uploads[0] if uploads else 1}


def _secret(house: House, stage: Stage, role: str) -> Fields:
    return {"message": stage.secret, "body": "changed", "emoji": "👍"}


def _own(house: House, stage: Stage, role: str) -> Fields:
    return {"message": stage.own.get(role, stage.secret), "body": f"changed by {role}"}


def _secret_preview(house: House, stage: Stage, role: str) -> Fields:
    return {"message": stage.secret, "url": PREVIEW_URL}


def _room(house: House, stage: Stage, role: str) -> Fields:
    return {"room": stage.room}


def _member(name: str = "", **more: Any) -> _Fields:
    def fields(house: House, stage: Stage, role: str) -> Fields:
        subject = name or (role if role != "anon" else "mem")
        return {"room": stage.room, "user": house.pk(subject), **more}

    return fields


def _somebody(name: str) -> _Fields:
    return lambda house, stage, role: {"user": house.pk(name)}


def _face(name: str) -> _Fields:
    return lambda house, stage, role: {"user": house.pk(name), "key": FACE_KEY}


def _with(fields: _Fields, **more: Any) -> _Fields:
    return lambda house, stage, role: {**fields(house, stage, role), **more}


def _my_scheduled(house: House, stage: Stage, role: str) -> Fields:
    return {"scheduled": house.crew.scheduled.get(role, 1), "body": f"later by {role}"}


def _my_reminder(house: House, stage: Stage, role: str) -> Fields:
    return {"reminder": house.crew.reminders.get(role, 1), "text": f"for {role}"}


def _my_export(house: House, stage: Stage, role: str) -> Fields:
    return {"export": house.crew.exports.get(role, 1), "key": house.crew.export_keys.get(role, "none")}


def _ahead(fields: Fields) -> _Fields:
    at = (timezone.now() + timedelta(days=2)).isoformat()
    return lambda house, stage, role: {**fields, "due_at": at}


def _schedule(house: House, stage: Stage, role: str) -> Fields:
    return {"room": stage.room, "body": f"later by {role}", **_ahead({})(house, stage, role)}


def _remind(house: House, stage: Stage, role: str) -> Fields:
    return {"message": stage.secret, **_ahead({})(house, stage, role)}


def _nothing(house: House, stage: Stage, role: str) -> Fields:
    return {}


FIELDS: dict[str, _Fields] = {
    "post": _post,
    "reply": lambda house, stage, role: {**_post(house, stage, role), "parent": stage.secret},
    "post a file": _post_file,
    "see a file": lambda house, stage, role: {"attachment": stage.attachment},
    "see a preview's picture": lambda house, stage, role: {"message": stage.secret, "preview": stage.preview},
    "remove own preview": lambda house, stage, role: {
        "message": stage.own.get(role, stage.secret),
        "url": PREVIEW_URL,
    },
    "remove another's preview": _secret_preview,
    "edit own": _own,
    "edit another's": _secret,
    "delete own": _own,
    "delete another's": _secret,
    "react": _secret,
    "unreact": _secret,
    "answer by quote": lambda house, stage, role: {**_post(house, stage, role), "quote": stage.secret},
    "forward": _forward,
    "pin": _secret,
    "unpin": _secret,
    "see the pins": _room,
    "see earlier texts": _secret,
    "save a message": lambda house, stage, role: {"message": stage.secret},
    "mark read": _with(_room, msg_no=5),
    "see who has read": _room,
    "see who has read a message": _secret,
    "choose of what to be told": _with(_room, level="mentions"),
    "vote": lambda house, stage, role: {
        "message": stage.poll,
        "choices": [SIGNED_IN.index(role) % 2 if role in SIGNED_IN else 0],
    },
    "see my vote": lambda house, stage, role: {"message": stage.poll},
    "close another's poll": lambda house, stage, role: {"message": stage.poll},
    "close own poll": lambda house, stage, role: {"message": stage.polls.get(role, stage.poll)},
    "follow a thread": _with(_secret, seq=1),
    "keep a draft": lambda house, stage, role: {
        "room": stage.room,
        "body": f"begun by {role}",
        "written_at": timezone.now().isoformat(),
    },
    "unfollow a thread": _secret,
    "mark unread": _with(_room, msg_no=0, backs=0),
    "type": _room,
    "read messages": _room,
    "read changes": _with(_room, after=0),
    "read a message": _secret,
    "read the room": _room,
    "find among mine": lambda house, stage, role: {"rooms": {str(stage.room): 1}},
    "find among all": _nothing,
    "join": _room,
    "leave": _room,
    "simple socket": _room,
    "add somebody": lambda house, stage, role: {"room": stage.room, "user": house.pk(f"new-{role}")},
    "add somebody banned": _member("lost"),
    "invite by link": _room,
    "make moderator": _member("spare", role="moderator"),
    "make oneself owner": _member(role="owner"),
    "remove a member": _member("spare"),
    "remove a moderator": _member("mod"),
    "remove the owner": _member("own"),
    "remove oneself": _member(),
    "demote the owner": _member("own", role="member"),
    "make a guest moderator": _member("gst", role="moderator"),
    "mute a member": _member("spare", minutes=30),
    "mute a moderator": _member("mod", minutes=30, reason="a rest"),
    "mute the owner": _member("own", minutes=30),
    "unmute": _member("mut"),
    "ban a member": _member("spare", reason="a reason"),
    "ban a stranger": _member("stranger"),
    "ban a moderator": _member("mod"),
    "ban the owner": _member("own"),
    "ban an admin": _member("adm"),
    "unban": _member("lost"),
    "see the bans": _room,
    "change the room": _with(_room, topic="another"),
    "switch previews": _with(_room, previews=False),
    "hide who has read": _with(_room, seen=False),
    "name a conversation": _with(_room, name="Lunch"),
    "have moderators alone write": _with(_room, posting="moderators"),
    "slow the room down": _with(_room, slow_s=30),
    "have nobody call the room": _with(_room, calls="nobody"),
    "see whom a message would call": _room,
    "archive the room": _with(_room, archived=True),
    "delete the room": _room,
    "schedule a message": _schedule,
    "be reminded of a message": _remind,
    "ping": _nothing,
    "see myself": lambda house, stage, role: {"time_zone": "Asia/Seoul"},
    "say what I am doing": lambda house, stage, role: {"emoji": "🌴", "text": f"away as {role}"},
    "show my face": _nothing,
    "see a stranger's face": _face("stranger"),
    "see a room-mate's face": _face("watch"),
    "see the emoji": lambda house, stage, role: {"key": FACE_KEY},
    "make an emoji": lambda house, stage, role: {"name": f"drawn-by-{role}"},
    "call an emoji by another name": lambda house, stage, role: {"name": "of-watch", "alias": f"as-{role}"},
    "remove my emoji": lambda house, stage, role: {"name": f"of-{role}"},
    "remove another's emoji": lambda house, stage, role: {"name": f"for-{role}"},
    "see what I am told": lambda house, stage, role: {"mail": False},
    "send myself a test mail": _nothing,
    "see my sign-ins": _nothing,
    "end my session": lambda house, stage, role: {"session": house.crew.sessions.pop(role, 1)},
    "end my other sessions": _nothing,
    "end another's session": lambda house, stage, role: {"session": house.crew.sessions["watch"]},
    "reset another's second factors": _somebody("spare"),
    "make a token": lambda house, stage, role: {"label": "one more"},
    "revoke my token": lambda house, stage, role: {"token": house.crew.unused.get(role, 1)},
    "revoke another's token": lambda house, stage, role: {"token": house.crew.unused["watch"]},
    "create a room": lambda house, stage, role: {"name": "Corner"},
    "write to a stranger": lambda house, stage, role: {"users": [house.pk("stranger")]},
    "write to a room-mate": lambda house, stage, role: {"users": [house.pk("watch")]},
    "see a stranger": _somebody("stranger"),
    "see a room-mate": _somebody("watch"),
    "find a stranger": _nothing,
    "invite to the workspace": _nothing,
    "invite an admin": lambda house, stage, role: {"role": "admin"},
    "see the invites": _nothing,
    "see my invites": _nothing,
    "see who came by an invite": lambda house, stage, role: {"invite": house.crew.invite},
    "revoke an invite": lambda house, stage, role: {"invite": house.crew.invite},
    "see what waits": _nothing,
    "change my scheduled message": _my_scheduled,
    "send my scheduled message now": _my_scheduled,
    "cancel my scheduled message": lambda house, stage, role: {"scheduled": house.crew.unwanted.get(role, 1)},
    "touch another's scheduled message": lambda house, stage, role: {
        "scheduled": house.crew.scheduled["watch"],
        "body": "changed",
    },
    "be reminded of a text": _ahead({"text": "call"}),
    "change my reminder": _my_reminder,
    "delete my reminder": _my_reminder,
    "touch another's reminder": lambda house, stage, role: {
        "reminder": house.crew.reminders["watch"],
        "text": "changed",
    },
    "see what I have saved": _nothing,
    "forget what I have saved": lambda house, stage, role: {"message": house.crew.saved.get(role, 1)},
    "touch what another has saved": lambda house, stage, role: {"message": house.crew.saved["watch"]},
    "see where I am pushed to": _nothing,
    "be pushed to": lambda house, stage, role: dict(Browser(f"/{role}").body),
    "push myself a test": lambda house, stage, role: {"subscription": house.crew.pushes.get(role, 1)},
    "be pushed to no more": lambda house, stage, role: {
        "subscription": house.crew.unwanted_pushes.get(role, 1)
    },
    "touch another's browser": lambda house, stage, role: {"subscription": house.crew.pushes["watch"]},
    "arrange my rooms": lambda house, stage, role: {"version": 0, "favourites": [stage.room]},
    "see how long is kept": _room,
    "set how long is kept": _with(_room, keep="days", days=3_650),
    "hold messages": _room,
    "end a hold": _room,
    "erase myself": lambda house, stage, role: {"messages": "remove", "password": "not mine"},
    "erase somebody": lambda house, stage, role: {"user": house.pk("new-anon"), "messages": "remove"},
    "see my exports": _nothing,
    "see one of my exports": _my_export,
    "download my export": _my_export,
    "touch another's export": lambda house, stage, role: {
        "export": house.crew.exports["watch"],
        "key": house.crew.export_keys["watch"],
    },
    "delete my export": _my_export,
    "see who took the workspace": _nothing,
    "take the direct conversations": lambda house, stage, role: {
        "kind": "workspace",
        "directs": True,
        "reason": "a court has asked",
    },
    "take the workspace": lambda house, stage, role: {"kind": "workspace"},
    "ask for my data": _nothing,
    "upload a file": _nothing,
    "describe my upload": _with(_my_upload, alt="a picture"),
    "take my upload back": lambda house, stage, role: {
        "upload": _post_file(house, stage, role)["attachments"][0]
    },
    "touch another's upload": lambda house, stage, role: {
        "upload": house.crew.uploads["watch"][0],
        "alt": "changed",
    },
    "ask what is understood of uploads in pieces": _nothing,
    "begin an upload in pieces": _nothing,
    "see how far my upload is": _my_upload,
    "add to my upload": _my_upload,
    "give my upload up": lambda house, stage, role: {
        "upload": _post_file(house, stage, role)["attachments"][0]
    },
    "touch another's upload in pieces": lambda house, stage, role: {"upload": house.crew.uploads["watch"][0]},
    "see another's upload": lambda house, stage, role: {"attachment": house.crew.uploads["watch"][0]},
    "search": _room,
    "report a message": _with(_secret, kind="spam", text="again"),
    "see to a reported message": _with(_secret, resolution="dismissed"),
    "see the reports": _nothing,
    "see the people": _somebody("new-anon"),
    "change somebody": _with(_somebody("new-rev"), name="Another", reason="a wish"),
    "change one's own role": lambda house, stage, role: {
        "user": house.pk(role if role != "anon" else "mem"),
        "role": "owner",
    },
    "see with what somebody is signed in": _somebody("new-mem"),
    "end somebody's session": lambda house, stage, role: {
        "user": house.pk("new-mem"),
        "session": house.crew.sessions["new-mem"],
    },
    "see all bans and mutes": _nothing,
    "revoke somebody's token": lambda house, stage, role: {
        "user": house.pk("new-mem"),
        "token": house.crew.unused["new-mem"],
    },
    "sign somebody out": _somebody("new-rev"),
    "let somebody choose a password": _somebody("new-rev"),
    "see the workspace's settings": _nothing,
    "change the workspace's settings": lambda house, stage, role: {"name": "Another"},
    "see the groups": _nothing,
    "see a group": lambda house, stage, role: {"group": house.crew.groups["watch"]},
    "make a group": lambda house, stage, role: {"handle": f"group-of-{role}", "name": "Another"},
    "change a group": lambda house, stage, role: {"group": house.crew.groups["watch"], "name": "Another"},
    "delete a group": lambda house, stage, role: {"group": house.crew.groups.get(role, 1)},
    "give the workspace a logo": _nothing,
    "read the record": _nothing,
    "see how it is doing": _nothing,
    "try work again": lambda house, stage, role: {"work": house.crew.work},
    "see what is unread": _room,
    "see where one is named": _nothing,
}

# After these the room is no longer what the table says: for nobody, or only for who has done it.
SPENDING = frozenset(
    {"close another's poll",
     "remove another's preview", "delete another's", "add somebody banned", "make moderator", "make oneself owner",
     "remove a member", "remove a moderator", "remove the owner", "archive the room", "delete the room",
     "hide who has read", "have moderators alone write", "slow the room down", "have nobody call the room",
     "mute a member", "mute a moderator", "unmute", "ban a member", "ban a stranger", "ban a moderator", "unban",
     "see to a reported message"}
)  # fmt: skip
SPENDING_ONES_OWN = frozenset(
    {"close own poll", "delete own", "join", "leave", "simple socket", "add somebody", "remove oneself"}
)

# What can be done once; then only one of those who may is asked.
ONE_SHOT = frozenset({"revoke an invite"})


def _rooms(house: House, stage: Stage, result: Fields) -> bool:
    return stage.room in [room["id"] for room in result.get("rooms") or result.get("items", ())]


def _people(house: House, stage: Stage, result: Fields) -> bool:
    return house.pk("stranger") in [user["id"] for user in result["items"]]


def _secrets(house: House, stage: Stage, result: Fields) -> bool:
    return stage.secret in [item["message"]["id"] for item in result["items"]]


def _groups(house: House, stage: Stage, result: Fields) -> bool:
    return house.crew.groups["watch"] in [group["id"] for group in result["items"]]


def _unread(house: House, stage: Stage, result: Fields) -> bool:
    return stage.room in [item["room"]["id"] for item in result["items"] if item["messages"]]


FINDS: dict[str, Callable[[House, Stage, Fields], bool]] = {
    "find among mine": _rooms,
    "find among all": _rooms,
    "find a stranger": _people,
    "search": _secrets,
    "see what is unread": _unread,
    "see the groups": _groups,
}


def missing(fields: Fields) -> Fields:
    """Name something that does not exist in place of what is hidden."""
    name = next(name for name in _HIDDEN if name in fields)
    return {**fields, name: [MISSING] if name == "users" else MISSING}
