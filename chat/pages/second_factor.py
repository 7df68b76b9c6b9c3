"""How allauth treats a second factor: codes of an app, recovery codes, passkeys."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.features.sign_ins import factors
from chat.models import User
from chat.queries import workspace

PASSKEYS_MAX_COUNT = 10
# Where allauth keeps them, by the kind of factor.
_SECRETS = ("secret", "seed", "migrated_codes")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The workspace's name in the app; secrets encrypted; the last factor stays where one is required."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or it was used already. Please try the next one."),
        "incorrect_passkey": _("This passkey did not work. Please try again, or use another way."),
        "cannot_delete_authenticator": _("This workspace asks for a second step, so the last one stays."),
        "cannot_generate_recovery_codes": _(
            "Recovery codes come with an app or a passkey. Set one up first."
        ),
    }

    def get_totp_issuer(self) -> str:
        """Return what the app shows over the code."""
        return workspace.name()

    def _get_site_name(self) -> str:
        return workspace.name()

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        return cast(User, user).handle

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        """Return how a new passkey is called until it gets another name."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey %(number)d") % {"number": count + 1}

    def encrypt(self, text: str) -> str:
        """Return what is stored of a secret: who reads the database cannot make codes."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; one of a key that is lost fits no code."""
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Tell whether a factor may go."""
        user = cast(User, authenticator.user)
        others = factors.strong(user.pk).exclude(pk=authenticator.pk)
        return not factors.is_required(user) or others.exists()


def first_factor(request: HttpRequest) -> HttpResponseBase:
    """Lead to where factors are listed, or to the first one for somebody who must have one."""
    user = request.user
    if not isinstance(user, User):
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={reverse('page_security')}")
    is_missing = factors.is_required(user) and not user.has_second_factor
    return HttpResponseRedirect(reverse("mfa_activate_totp" if is_missing else "page_security"))


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(f"chat.pages.second_factor:{key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def rotate() -> int:
    """Encrypt all secrets under the key of now, and return how many; before an old key is taken away."""
    count = 0
    for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk").iterator(500):
        data = {**row.data, **{name: _rotated(row.data[name]) for name in _SECRETS if row.data.get(name)}}
        # What was used meanwhile says so in the same column.
        count += Authenticator.objects.filter(pk=row.pk, data=row.data).update(data=data)
    return count


def _rotated(encrypted: Any) -> Any:
    if isinstance(encrypted, list):
        return [_rotated(one) for one in encrypted]
    try:
        return _fernet().rotate(encrypted.encode()).decode()
    except InvalidToken:
        return encrypted


def without_replay(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Lead back to a form that has asked for the password in the middle, instead of sending it again.

    allauth would call the view of that address by itself, and ours is not one that it can call.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        state = request.session.get(STATE_SESSION_KEY)
        if isinstance(state, dict) and "request" in state:
            del request.session[STATE_SESSION_KEY]
        return view(request, *args, **kwargs)

    return answer
