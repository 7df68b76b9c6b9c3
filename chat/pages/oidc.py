"""Sign-in by an OpenID Connect provider: who comes in by it, as whom, and what is said when it does not answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, cast

import requests
import structlog
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.models import User
from chat.models.groups import is_taken
from chat.models.users import normalize_handle, validate_handle
from chat.pages import invites, language, writes
from chat.protocol import limits, text_rules
from chat.protocol.errors import ProtocolError
from chat.queries import workspace

_log = structlog.get_logger(__name__)

PROVIDER = "oidc"
_TRIES_COUNT = 1_000
# What goes wrong between two servers: no answer, or one that is none.
_BROKEN = (requests.RequestException, OAuth2Error, ValueError, KeyError, TypeError, AttributeError)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Accounts are joined by an address that both sides have confirmed, and made as SIGNUP allows."""

    def authenticate_by_email(self, login: SocialLogin) -> tuple[User, str] | None:
        """Return the account of a person whom the provider sends for the first time; None for nobody.

        Only where the provider has confirmed the address and so have we: of an address that somebody has merely
        typed here, nobody knows whose it is.
        """
        for address in login.email_addresses:
            if address.verified is True:
                known = EmailAddress.objects.filter(email__iexact=address.email, verified=True)
                found = known.filter(user__is_active=True, user__is_bot=False).select_related("user").first()
                if found is not None:
                    return cast(User, found.user), address.email
        return None

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Tell whether a stranger may make an account; one whose address somebody has signs in there first."""
        emails = [address.email for address in sociallogin.email_addresses]
        if any(User.objects.filter(email__iexact=email).exists() for email in emails):
            text = _(
                "An account here has this email address. Sign in to it first, and connect it in the settings."
            )
            messages.warning(request, text)
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        if settings.OIDC_SIGNUP:
            return True
        return bool(super().is_open_for_signup(request, sociallogin))

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> AbstractBaseUser:
        """Fill in what the provider says of a person, cleaned as if it had been typed."""
        data = {name: value for name, value in data.items() if isinstance(value, str)}
        sociallogin.account.extra_data = _storable(sociallogin.account.extra_data)
        user = cast(User, super().populate_user(request, sociallogin, {**data, "username": ""}))
        user.handle = _free_handle(data)
        user.name = _name_of(data) or user.handle
        # An address that the provider has not confirmed could be anybody's.
        if not any(address.verified is True for address in sociallogin.email_addresses):
            user.email = ""
            sociallogin.email_addresses = []
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> AbstractBaseUser:
        """Store a new account, count the invite it came with, and note the rooms that it enters."""
        user = cast(User, sociallogin.user)
        user.language = language.current()
        invite = invites.remembered(request)
        if invite is not None and invites.claim(invite):
            user.role = invites.role_of(invite)
            invites.forget(request)
        elif not settings.OIDC_SIGNUP and not _is_open_for(user.email):
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_signup")))
        else:
            invite = None
        user.set_unusable_password()
        sociallogin.save(request)
        if invite is None:
            writes.let_in(request, user)
        else:
            writes.let_in(request, user, room=invite.room, by=invite.created_by)
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        """Return where one goes on after the two accounts were joined."""
        return reverse("page_security")


def _is_open_for(email: str) -> bool:
    """Tell whether who has this address, confirmed or none, may make an account without an invite."""
    policy = workspace.policy()
    return policy.signup == "open" or (policy.signup == "domain" and policy.lets_in(email))


def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Lead to the provider."""
    return _answer(views.login, request, provider_id)


def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Take somebody whom the provider sends back."""
    return _answer(views.callback, request, provider_id)


def _answer(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    if provider_id != PROVIDER or not settings.OIDC_ISSUER:
        raise Http404
    try:
        response: HttpResponseBase = view(request, provider_id=provider_id)
    except _BROKEN as error:
        _log.warning("oidc.failed", error=type(error).__name__)
        return render(request, "socialaccount/authentication_error.html", status=503)
    return response


def _storable(value: Any) -> Any:
    """Return what was said in JSON without what no database holds in a text."""
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    return value


def _name_of(data: dict[str, Any]) -> str:
    try:
        return text_rules.clean_line(
            str(data.get("name") or "")[: limits.NAME_MAX_CHARS],
            "name",
            limits.NAME_MAX_CHARS,
            may_be_empty=True,
        )
    except ProtocolError:
        return ""


def _free_handle(data: dict[str, Any]) -> str:
    """Return a handle that nobody has, as near as possible to what the person is called there."""
    for wanted in _wanted(data):
        handle = wanted
        for number in range(2, _TRIES_COUNT):
            if _is_free(handle):
                return handle
            handle = f"{wanted[: limits.HANDLE_MAX_CHARS - 5]}-{number}"
    raise ValueError("no handle is free")


def _wanted(data: dict[str, Any]) -> Iterator[str]:
    email = str(data.get("email") or "")
    for said in (data.get("username"), email.partition("@")[0], data.get("name"), "member"):
        text = normalize_handle(unicodedata.normalize("NFC", str(said or "").partition("@")[0]))
        plain = re.sub(r"[^a-z0-9가-힣._-]+", "-", text).strip("._-")[: limits.HANDLE_MAX_CHARS]
        if plain:
            yield plain


def _is_free(handle: str) -> bool:
    try:
        validate_handle(handle)
    except ValidationError:
        return False
    return not is_taken(handle)
