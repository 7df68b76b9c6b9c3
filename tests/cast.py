"""The people of the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chat.actions.state import Request
from chat.models import Membership, Room, Token, User, Workspace
from chat.pipeline.execute import execute
from chat.pipeline.run import tell
from chat.protocol.commands import AddMember, Command, CreateRoom, UpdateMember
from chat.protocol.errors import Refused


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
    return tokens_of([user])[user.pk]


def tokens_of(users: Sequence[User]) -> dict[int, str]:
    """Make a token for each."""
    secrets = {user.pk: Token.new_secret() for user in users}
    Token.objects.bulk_create(
        [Token(user=user, label="test", digest=Token.digest_of(secrets[user.pk])) for user in users]
    )
    return secrets


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
    made = run_all(alice, _creation("Maru team", "closed"), _creation("Plaza", "open"))
    room, plaza = (answer["room"] for answer in made)
    promoted = UpdateMember(room=room, user=mina.pk, role="moderator")
    run_all(alice, *(AddMember(room=room, user=one.pk) for one in (bob, mina, beep, jiwoo)), promoted)
    everybody = (alice, bob, carol, mina, beep, jiwoo, admin)
    rooms = Room.objects.in_bulk([room, plaza])
    return Cast(*everybody, rooms[room], rooms[plaza], tokens_of(everybody))


def run_all(actor: User, *commands: Command) -> list[dict[str, Any]]:
    """Carry out commands of one person in a batch, as the committer does, and return their results."""
    executed = execute([Request(actor.pk, command) for command in commands])
    for outcome in executed.outcomes:
        if isinstance(outcome, Refused):
            raise outcome
    tell(executed.items)
    return [outcome for outcome in executed.outcomes if not isinstance(outcome, Refused)]


def make_room(owner: User, *members: User, name: str = "Room", kind: str = "open") -> Room:
    """Make a room through the pipeline."""
    (made,) = run_all(owner, _creation(name, kind))
    if members:
        run_all(owner, *(AddMember(room=made["room"], user=member.pk) for member in members))
    return Room.objects.get(pk=made["room"])


def _creation(name: str, kind: str) -> CreateRoom:
    return CreateRoom.model_validate({"name": name, "kind": kind})


def membership(room: Room, user: User) -> Membership:
    """Return a membership as it is stored now."""
    return Membership.objects.get(room=room, user=user)
