"""Who might be told, as the rules want to know it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings

from chat.features.notifications import clocks
from chat.features.notifications.clocks import Quiet
from chat.features.notifications.rules import Person
from chat.models import NotificationSettings, User


def of(users: Iterable[User], with_device: Container[int] = ()) -> dict[int, Person]:
    """Return people by id, in two queries however many; who has a browser to push to is known to who asks."""
    known = {user.pk: user for user in users}
    chosen = {row.user_id: row for row in NotificationSettings.objects.filter(user__in=known)}
    confirmed = {
        (user_id, email.casefold())
        for user_id, email in EmailAddress.objects.filter(user__in=known, verified=True).values_list(
            "user_id", "email"
        )
    }
    return {
        pk: _person(user, chosen.get(pk), confirmed, has_device=pk in with_device)
        for pk, user in known.items()
    }


def one(user: User, with_device: Container[int] = ()) -> Person:
    """Return one of them."""
    return of([user], with_device)[user.pk]


def zone_of(user: User) -> ZoneInfo:
    """Return the zone of somebody's clock, the installation's for who has chosen none."""
    return clocks.zone(user.time_zone, settings.DEFAULT_TIME_ZONE)


def language_of(user: User) -> str:
    """Return the code of somebody's language, the installation's for who has chosen none."""
    known = user.language in dict(settings.LANGUAGES)
    return user.language if known else str(settings.LANGUAGE_CODE)


def _person(
    user: User, chosen: NotificationSettings | None, confirmed: set[tuple[int, str]], *, has_device: bool
) -> Person:
    chosen = chosen or NotificationSettings()
    quiet = None
    if chosen.quiet_from is not None and chosen.quiet_to is not None:
        quiet = Quiet(chosen.quiet_from, chosen.quiet_to, zone_of(user))
    return Person(
        is_active=user.is_active,
        is_bot=user.is_bot,
        is_guest=user.is_guest,
        address=user.email,
        is_confirmed=(user.pk, user.email.casefold()) in confirmed,
        wants_mail=chosen.wants_mail,
        has_device=has_device,
        quiet=quiet,
    )
