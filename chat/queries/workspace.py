"""What is known of the installation itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from chat.models import Logo, User, Workspace


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds here: the admins' word, and where they have said nothing the operator's."""

    # closed, invite, domain or open.
    signup: str
    domains: tuple[str, ...]
    # Whether members, or admins alone, make rooms and invite.
    members_make_rooms: bool
    members_invite: bool
    members_make_emoji: bool

    def lets_in(self, email: str) -> bool:
        """Tell whether somebody with this address may make an account without an invite."""
        if self.signup == Workspace.Signup.DOMAIN:
            return email.rpartition("@")[2].casefold() in self.domains
        return self.signup == Workspace.Signup.OPEN


def policy() -> Policy:
    """Return what holds, in one query; before there is a workspace, what the operator says."""
    row = Workspace.objects.filter(pk=1).first() or Workspace()
    return Policy(
        signup=row.signup or settings.SIGNUP,
        domains=tuple(row.signup_domains.split()),
        members_make_rooms=row.room_makers == Workspace.Who.MEMBERS,
        members_invite=row.inviters == Workspace.Who.MEMBERS,
        members_make_emoji=row.emoji_makers == Workspace.Who.MEMBERS,
    )


def epoch() -> str:
    """Return the incarnation of the change logs."""
    return Workspace.objects.values_list("epoch", flat=True).get(pk=1)


def name() -> str:
    """Return the name that people see."""
    return Workspace.objects.values_list("name", flat=True).get(pk=1)


def logo() -> str | None:
    """Return the address of the workspace's picture, None without one."""
    return logo_at(Workspace.objects.filter(pk=1).values_list("logo", flat=True).first() or "")


def logo_at(key: str) -> str | None:
    """Return the address of a logo, by its key."""
    return f"/logo/{key}" if key else None


def logo_picture(key: str) -> bytes | None:
    """Return the workspace's picture; None for an old or a made-up key."""
    rows = Logo.objects.filter(key=key).values_list("picture", flat=True)
    found = None if "\0" in key else rows.first()
    return None if found is None else bytes(found)


def language() -> str:
    """Return the language of who has chosen none and asks for none that we have."""
    chosen = Workspace.objects.filter(pk=1).values_list("language", flat=True).first()
    return chosen if chosen in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)


def is_new() -> bool:
    """Tell whether the first person has not made an account yet."""
    return not User.objects.filter(is_bot=False).exists()
