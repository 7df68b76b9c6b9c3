import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.models import Membership, Mention, Message, Reaction, Room, User, Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def room() -> Room:
    return Room.objects.create(slug="room", name="Room")


def message(room: Room, sender: User, seq: int, client_message_id: str | None = None) -> Message:
    return Message.objects.create(
        room=room, sender=sender, seq=seq, body="hi", at=timezone.now(), client_message_id=client_message_id
    )


def test_a_seq_is_used_once_in_a_room(room: Room, bob: User) -> None:
    message(room, bob, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        message(room, bob, 1)


def test_a_client_message_id_is_used_once_by_a_sender_and_may_be_absent(room: Room, bob: User) -> None:
    message(room, bob, 1, "same-id-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        message(room, bob, 2, "same-id-1")
    message(room, User.objects.create_user("carol"), 2, "same-id-1")
    message(room, bob, 3)
    message(room, bob, 4)


def test_a_user_is_in_a_room_once(room: Room, bob: User) -> None:
    Membership.objects.create(room=room, user=bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(room=room, user=bob)


def test_a_reaction_and_a_mention_are_there_once(room: Room, bob: User) -> None:
    first = message(room, bob, 1)
    Reaction.objects.create(message=first, user=bob, emoji="👍")
    Reaction.objects.create(message=first, user=bob, emoji="🎉")
    with pytest.raises(IntegrityError), transaction.atomic():
        Reaction.objects.create(message=first, user=bob, emoji="👍")
    Mention.objects.create(message=first, user=bob, room=room, msg_no=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mention.objects.create(message=first, user=bob, room=room, msg_no=1)


def test_rooms_share_no_slug_but_many_may_have_none(room: Room) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(slug="room")
    Room.objects.create(kind=Room.Kind.DIRECT, direct_key="1,2")
    Room.objects.create(kind=Room.Kind.DIRECT, direct_key="1,3")
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(kind=Room.Kind.DIRECT, direct_key="1,2")


def test_there_is_one_workspace() -> None:
    Workspace.objects.get_or_create(pk=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.create(pk=2)
