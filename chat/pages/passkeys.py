"""allauth's pages of a second factor, where ours say more or ask for less."""

from __future__ import annotations

from typing import Any, cast

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.forms import BaseForm

from chat.features.sign_ins import factors
from chat.models import User
from chat.pages.second_factor_forms import RemovePasskeyForm


class _Authenticate(AuthenticateView):  # type: ignore[misc]
    """The second step of a sign-in, by what the account has."""

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Say whether a passkey can be used."""
        found: dict[str, Any] = super().get_context_data(**options)
        mine = Authenticator.objects.filter(user=self.stage.login.user, type=Authenticator.Type.WEBAUTHN)
        return found | {"has_passkey": mine.exists(), "passkey_url": self.request.path}


class _ActivateTOTP(ActivateTOTPView):  # type: ignore[misc]
    """Say why one is here who did not ask for it."""

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Say whether a factor is required and missing."""
        found: dict[str, Any] = super().get_context_data(**options)
        user = cast(User, self.request.user)
        return found | {"is_required": factors.is_required(user) and not user.has_second_factor}


class _Add(AddWebAuthnView):  # type: ignore[misc]
    """Make passkeys that sign in alone: the device asks who holds it."""

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Ask for a key that the device keeps and that asks for a PIN or a finger."""
        # Past the parent's own options, which would be thrown away together with their challenge.
        found: dict[str, Any] = super(AddWebAuthnView, self).get_context_data(**options)
        found["js_data"] = {"creation_options": auth.begin_registration(self.request.user, True)}
        return found


class _Remove(RemoveWebAuthnView):  # type: ignore[misc]
    """Keep the last factor where one is required."""

    form_class = RemovePasskeyForm

    def get_form(self, form_class: type[BaseForm] | None = None) -> BaseForm:
        """Tell the form which passkey it is about."""
        form: BaseForm = super().get_form(form_class)
        form.authenticator = self.object  # type: ignore[attr-defined]
        return form


authenticate = _Authenticate.as_view()
activate_totp = _ActivateTOTP.as_view()
add = _Add.as_view()
remove = _Remove.as_view()
login = LoginWebAuthnView.as_view()
reauthenticate = ReauthenticateWebAuthnView.as_view()
