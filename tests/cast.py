"""The people of the tests."""

from __future__ import annotations

from dataclasses import dataclass

from chat.models import Membership, Room, Token, User, Workspace
from chat.pipeline.run import run
from chat.protocol.commands import AddMember, CreateRoom, UpdateMember


@dataclass(frozen=True)
class Cast:
    """Alice owns the room, Bob is a member, Mina a moderator, Carol is outside, Beep is a bot in it, 지우 a member."""

    alice: User
    bob: User
    carol: User
    mina: User
    beep: User
    jiwoo: User
    # The workspace admin who is in no room.
    admin: User
    # A closed room that Alice owns.
    room: Room
    # An open room in which nobody but Alice is.
    plaza: Room

    # Made beforehand: a test on the event loop must not touch the database.
    tokens: dict[int, str]

    def token(self, user: User) -> str:
        """Return a token of a user."""
        return self.tokens[user.pk]


def token_of(user: User) -> str:
    """Make a token of a user."""
    secret = Token.new_secret()
    Token.objects.create(user=user, label="test", digest=Token.digest_of(secret))
    return secret


def make_user(handle: str, name: str = "", **fields: object) -> User:
    """Make an account that signs in with the password `secret-<handle>`."""
    return User.objects.create_user(handle, f"secret-{handle}", name=name or handle.title(), **fields)


def make_cast() -> Cast:
    """Make everybody and the two rooms, through the pipeline."""
    Workspace.objects.get_or_create(pk=1)
    Room.objects.get_or_create(slug="lobby", defaults={"name": "Lobby", "kind": Room.Kind.OPEN})
    alice, bob, carol = make_user("alice"), make_user("bob"), make_user("carol")
    mina, beep = make_user("mina"), make_user("beep", is_bot=True)
    jiwoo = make_user("지우", "지우", language="ko")
    admin = make_user("ada", role=User.Role.ADMIN)
    room = make_room(alice, bob, mina, beep, jiwoo, name="Maru team", kind="closed")
    run(alice.pk, UpdateMember(room=room.pk, user=mina.pk, role="moderator"))
    plaza = make_room(alice, name="Plaza")
    everybody = (alice, bob, carol, mina, beep, jiwoo, admin)
    tokens = {user.pk: token_of(user) for user in everybody}
    return Cast(*everybody, Room.objects.get(pk=room.pk), plaza, tokens)


def make_room(owner: User, *members: User, name: str = "Room", kind: str = "open") -> Room:
    """Make a room through the pipeline."""
    result = run(owner.pk, CreateRoom.model_validate({"name": name, "kind": kind}))
    for member in members:
        run(owner.pk, AddMember(room=result["room"], user=member.pk))
    return Room.objects.get(pk=result["room"])


def membership(room: Room, user: User) -> Membership:
    """Return a membership as it is stored now."""
    return Membership.objects.get(room=room, user=user)
