"""Accounts of visitors who come without sign-in: reused, few at a time, and put away when they are not seen again."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Container
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chat import conf
from chat.models import Guest, Membership, Message, Room, User
from chat.pipeline.run import run
from chat.protocol.commands import LeaveRoom
from chat.protocol.errors import ErrorCode, Refused

_log = structlog.get_logger(__name__)

# Who comes again within this time from the same network to the same room is taken for the same visitor.
_SAME_FOR = timedelta(hours=24)
_HOUR = timedelta(hours=1)
# What a customer of an internet provider is given whole, and can choose any address of.
_IPV6_PREFIX = 64


def network_of(address: str) -> str:
    """Return a digest of the network of an address; the address itself is not kept."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        prefix = _IPV6_PREFIX if parsed.version == 6 else 32
        network = str(ipaddress.ip_network((parsed, prefix), strict=False))
    return salted_hmac("chat.pipeline.guests", network, algorithm="sha256").hexdigest()


def let_in(room: Room, network: str, here: Container[int]) -> User:
    """Return the account of a visitor: one of this network and room that nobody uses now, else a new one.

    Args:
        here: the users who have a socket open in this process.

    Raises:
        Refused: forbidden, when a visitor of this network was banned from the room lately; too_many, for this
            network in this hour or for the whole installation.
    """
    now = timezone.now()
    neighbours = Guest.objects.filter(room=room, network=network)
    if neighbours.filter(_banned_since(room, now - _SAME_FOR)).exists():
        # With a new account at every handshake a ban would be none.
        raise Refused(ErrorCode.FORBIDDEN, "a visitor of your network was banned from this room")
    known = neighbours.filter(retired_at=None, seen_at__gt=now - _SAME_FOR, user__is_active=True)
    for guest in known.select_related("user").order_by("-seen_at")[: conf.get().GUESTS_MAX_COUNT]:
        if guest.user_id not in here:
            Guest.objects.filter(pk=guest.pk).update(seen_at=now)
            return guest.user
    with transaction.atomic():
        # The lock keeps two handshakes at once from both seeing room for one more.
        Room.objects.select_for_update().get(pk=room.pk)
        _require_room_for_one(network)
        number = secrets.token_hex(4)
        user = User.objects.create_user(f"guest-{number}", name=f"Guest {number[:4]}", role=User.Role.GUEST)
        Guest.objects.create(user=user, room=room, network=network)
    return user


def retire(idle: timedelta) -> int:
    """Put away the guests who were not seen and have said nothing for this long; return how many.

    They leave their rooms and their accounts are disabled; what they said stays.
    """
    since = timezone.now() - idle
    said_since = Message.objects.filter(sender=OuterRef("user"), at__gt=since)
    guests = Guest.objects.filter(retired_at=None, seen_at__lte=since).exclude(Exists(said_since))
    count = 0
    for guest in guests.select_related("user").order_by("pk").iterator(chunk_size=200):
        for room in Membership.objects.filter(
            user=guest.user, left_seq=None, room__deleted_at=None
        ).values_list("room", flat=True):
            run(guest.user_id, LeaveRoom(room=room))
        guest.user.is_active = False
        guest.user.save(update_fields=["is_active"])
        Guest.objects.filter(pk=guest.pk).update(retired_at=timezone.now())
        count += 1
    return count


def _banned_since(room: Room, since: datetime) -> Exists:
    return Exists(Membership.objects.filter(user=OuterRef("user"), room=room, banned_at__gt=since))


def _require_room_for_one(network: str) -> None:
    limits = conf.get()
    lately = Guest.objects.filter(network=network, created_at__gt=timezone.now() - _HOUR).count()
    if lately >= limits.GUESTS_PER_NETWORK_PER_H:
        detail = f"{lately} guests came from your network within an hour, at most {limits.GUESTS_PER_NETWORK_PER_H}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    present = Guest.objects.filter(retired_at=None).count()
    if present >= limits.GUESTS_MAX_COUNT:
        _log.warning("guests.full", count=present)
        detail = f"{present:,} guests are here, at most {limits.GUESTS_MAX_COUNT:,}"
        raise Refused(ErrorCode.TOO_MANY, detail)
