"""Another name, face or doing is seen by whoever is connected, and by oneself on other devices."""

from typing import Any

from django.utils import timezone

from chat import database
from chat.features.emoji import service as emoji
from chat.features.profile import service
from chat.features.workspace import deciding
from chat.features.workspace.commands import UpdateWorkspace
from chat.models import User
from tests.cast import Cast, make_room, token_of

Connect = Any


async def test_everybody_who_is_connected_sees_another_name_at_once(cast: Cast, connect: Connect) -> None:
    alice = await connect(cast.token(cast.alice))
    await alice.resume()
    await database.run(service.change, cast.bob.pk, {"name": "Robert", "doing_text": "lunch"})
    event = await alice.until("user.changed")
    assert (event["user"]["id"], event["user"]["name"]) == (cast.bob.pk, "Robert")
    assert event["user"]["doing"] == {"emoji": "", "text": "lunch", "until": None}
    # Who is there is told by presence alone.
    assert event["user"]["status"] == "unknown"


async def test_a_guest_hears_of_room_mates_alone(cast: Cast, connect: Connect) -> None:
    def invite() -> User:
        guest = User.objects.create_user("gus", role=User.Role.GUEST)
        make_room(cast.alice, guest, name="Hall", kind="closed")
        return guest

    guest = await connect(await database.run(lambda: token_of(invite())))
    await guest.resume()
    await database.run(service.change, cast.bob.pk, {"name": "Robert"})
    await database.run(service.change, cast.alice.pk, {"name": "Alicia"})
    event = await guest.until("user.changed")
    assert event["user"]["name"] == "Alicia"
    told = [frame["user"]["id"] for frame in guest.seen if frame["type"] == "user.changed"]
    assert told == [cast.alice.pk]


async def test_my_other_devices_follow_my_language(cast: Cast, connect: Connect) -> None:
    bob, alice = await connect(cast.token(cast.bob)), await connect(cast.token(cast.alice))
    for socket in (bob, alice):
        await socket.resume()
    await database.run(service.change, cast.bob.pk, {"language": "ko"})
    event = await bob.until("me.changed")
    assert (event["user"]["id"], event["user"]["language"], event["user"]["role"]) == (
        cast.bob.pk,
        "ko",
        "member",
    )
    assert (await alice.ask("ping"))["type"] == "pong"
    # A language is nobody else's business, and the account is nobody else's at all.
    assert {"me.changed", "user.changed"}.isdisjoint(frame["type"] for frame in alice.seen)


async def test_a_name_and_a_coming_are_two_pieces_of_news(cast: Cast, connect: Connect) -> None:
    alice = await connect(cast.token(cast.alice))
    await alice.resume()
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    await database.run(service.change, cast.bob.pk, {"name": "Robert"})
    await alice.until("user.changed")
    assert any(frame["type"] == "presence" and frame["user"] == cast.bob.pk for frame in alice.seen)


async def test_everybody_hears_of_an_emoji_and_of_the_workspace_guests_too(
    cast: Cast, connect: Connect
) -> None:
    guest = await database.run(lambda: token_of(User.objects.create_user("gus", role=User.Role.GUEST)))
    sockets = [await connect(guest), await connect(cast.token(cast.alice))]
    for socket in sockets:
        await socket.resume()
    drawn = emoji.Drawn(b"a picture", 8, 8, is_animated=False, left_out=0)
    await database.run(emoji.keep, cast.bob, "party", drawn, timezone.now())
    await database.run(emoji.remove, cast.bob, "party")
    await database.run(deciding.update, cast.admin, UpdateWorkspace(name="서울 팀"))
    for socket in sockets:
        made, gone = await socket.until("emoji.changed"), await socket.until("emoji.changed")
        assert (made["name"], made["emoji"]["name"], made["emoji"]["by"]) == ("party", "party", cast.bob.pk)
        assert (gone["name"], gone["emoji"]) == ("party", None)
        changed = await socket.until("workspace.changed")
        assert (changed["name"], changed["logo"]) == ("서울 팀", None)
