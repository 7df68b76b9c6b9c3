"""Every place of the page, wide in English by day and narrow in Korean by night, side by side in one picture.

`make screenshots` takes them into docs/screenshots/places/. A new place of the page is a line of `PLACES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TooLate

from scripts import landscape, story
from scripts.telling import Told

#: Who looks, wide and narrow: both run the workspace, and neither has made it alone.
WIDE, NARROW = story.OWNER, "seoyeon"
_WAIT_MS = 10_000


@dataclass(frozen=True)
class Place:
    """One picture: where it is, and what must be there before it is taken.

    `{room}` and `{message}` stand for the room and the message that the picture is about; `press` is what is clicked
    there before.
    """

    name: str
    path: str
    shows: str
    room: str = "design"
    message: str = ""
    press: str = ""


_ROOM = ".timeline[aria-busy=false] .message"
_FIRST = story.said_in("design")[0].body
PLACES = (
    Place("room", "/rooms/{room}/", _ROOM),
    Place("room-empty", "/rooms/{room}/", ".timeline[aria-busy=false]", room="quiet"),
    Place("room-files", "/rooms/{room}/", _ROOM, room="studio trip"),
    Place("poll", "/rooms/{room}/", ".poll", room="점심"),
    Place("text", "/rooms/{room}/", _ROOM, room="workshop"),
    Place("announcements", "/rooms/{room}/", _ROOM, room="news"),
    Place("stranger", "/rooms/{room}/", ".stranger-foot", room="apart"),
    Place(
        "picture", "/rooms/{room}/", ".lightbox img", room="studio trip", press=".attachment-picture >> nth=0"
    ),
    Place("pdf", "/rooms/{room}/", ".pdf-page canvas", room="studio trip", press=".attachment-open"),
    Place("members", "/rooms/{room}/?panel=members", ".panel"),
    Place("pins", "/rooms/{room}/?panel=pins", ".panel"),
    Place("thread", "/rooms/{room}/?thread={message}", ".panel .message >> nth=3", message=_FIRST),
    Place("threads", "/threads/", ".message"),
    Place("unread", "/unread/", "main h1, main h2"),
    Place("mentions", "/mentions/", ".message"),
    Place("saved", "/saved/", "main li"),
    Place("search", "/search/?q=sign-in", "main mark"),
    Place("search-nothing", "/search/?q=nowhere%20to%20be%20found", "main .empty, main .state-empty, main p"),
    Place("browse", "/rooms/", ".browser-row"),
    Place("later", "/later/", "main h2"),
    *(
        Place(f"settings-{name}", f"/settings/{name}/", "main h2")
        for name in (
            "profile",
            "appearance",
            "notifications",
            "security",
            "devices",
            "tokens",
            "data",
            "groups",
            "emoji",
        )
    ),
    *(
        Place(f"admin-{name}", f"/admin/{name}/", "main h2")
        for name in (
            "people",
            "groups",
            "workspace",
            "emoji",
            "data",
            "reports",
            "sanctions",
            "audit",
            "health",
        )
    ),
    Place("admin-person", "/admin/people/{person}/", "main h2"),
)


def furnish(told: Told) -> None:
    """Put something of everything into the workspace, so that no place is empty that has anything to show."""
    told.ask(story.OWNER, "PATCH", f"/admin/people/{told.ids[NARROW]}", {"role": "admin"})
    people = [number for handle, number in told.ids.items() if handle != story.OWNER]
    for name, topic, rule in (
        ("quiet", "Nothing said yet", {}),
        ("workshop", "What a message can look like", {}),
        ("news", "What everybody should know", {"posting": "moderators"}),
    ):
        fields = {"name": name, "topic": topic, "kind": "open", "members": people}
        told.rooms[name] = told.ask(story.OWNER, "POST", "/rooms", fields)["id"]
        if rule:
            told.ask(story.OWNER, "PATCH", f"/rooms/{told.rooms[name]}", rule)
    for body in story.WORKSHOP:
        told.post("mina", told.rooms["workshop"], body)
    told.post(story.OWNER, told.rooms["news"], "The office is closed on Monday. **Enjoy the long weekend.**")
    closes = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    poll = {"options": list(story.LUNCH), "multiple": True, "closes_at": closes}
    asked = told.post("yuna", told.rooms["점심"], "내일 점심은?", poll=poll)
    for number, by in enumerate(("jiwoo", "seoyeon", "mina", story.OWNER)):
        told.ask(by, "PUT", f"/messages/{asked}/vote", {"choices": [number % 2, 2][: 1 + number // 2]})
    first = told.messages[_FIRST]
    for message in (first, told.messages[story.said_in("design")[3].body]):
        told.ask(story.OWNER, "PUT", f"/messages/{message}/pin")
    for by in (WIDE, NARROW):
        told.ask(by, "PUT", f"/saved/{first}")
        told.ask(by, "PUT", f"/messages/{first}/follow")
    told.post("theo", told.rooms["release 1.4"], f"@{story.OWNER} @{NARROW} who signs the notes off today?")
    told.post("daniel", told.rooms["design"], "Dark theme is done, one contrast mended.", first)
    slip = told.messages[story.said_in("general")[1].body]
    told.ask(
        "daniel",
        "POST",
        f"/messages/{slip}/report",
        {"kind": "other", "text": "Is this still the house rule?"},
    )
    apart = {"name": "apart", "topic": "Open, and neither of us is in it", "kind": "open"}
    told.rooms["apart"] = told.ask("mina", "POST", "/rooms", apart)["id"]
    told.post("mina", told.rooms["apart"], "Anybody for a walk after lunch?")
    for name, colour, aliases in (
        ("maru", "#3454d1", ("floorboard",)),
        ("한숨", "#d1495b", ()),
        ("ship-it", "#2a9d8f", ()),
    ):
        told.send(story.OWNER, f"/emoji/{name}", landscape.face(colour))
        for alias in aliases:
            told.ask(story.OWNER, "PUT", f"/emoji/{name}/aliases/{alias}")
    told.send(story.OWNER, "/admin/workspace/logo", landscape.face("#3454d1"))
    pairs = [told.ids[handle] for handle in ("mina", "daniel", NARROW)]
    told.ask(story.OWNER, "POST", "/groups", {"handle": "designers", "name": "Design", "members": pairs})
    told.ask(
        story.OWNER, "POST", "/groups", {"handle": "점심모임", "name": "점심 모임", "members": pairs[:2]}
    )
    told.post("mina", told.rooms["workshop"], "@designers @here the new marks are in :maru: :ship-it:")
    muted = {"minutes": 60, "reason": "Cooling down"}
    told.ask(story.OWNER, "PUT", f"/rooms/{told.rooms['workshop']}/members/{told.ids['theo']}/mute", muted)
    told.ask("daniel", "PUT", "/me/doing", {"emoji": "🎧", "text": "Heads down until three", "until": None})


def take(told: Told, wide: Page, narrow: Page, keep: Callable[[Page, Page, str], None]) -> list[str]:
    """Go to each place in both windows and keep what is seen; return the places that could not be shown."""
    failed = []
    for place in PLACES:
        for page in (wide, narrow):
            address = place.path.format(
                room=told.rooms[place.room],
                message=told.messages.get(place.message, 0),
                person=told.ids["daniel"],
            )
            page.goto(address)
            try:
                if place.press:
                    page.click(place.press, timeout=_WAIT_MS)
                page.wait_for_selector(place.shows, timeout=_WAIT_MS)
            except TooLate:
                failed.append(f"{place.name}: no {place.shows} at {address}")
        keep(wide, narrow, place.name)
    return failed
