"""allauth's forms of a second factor in our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from chat.pages.fields import LineField
from chat.pages.forms import Plain
from chat.pages.second_factor import PASSKEYS_MAX_COUNT, SecondFactorAdapter

_log = structlog.get_logger(__name__)

_NAME_MAX_CHARS = 60
_CREDENTIAL_MAX_CHARS = 20_000
_CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "maxlength": "20"}


class _Code(Plain):
    words = {"code": _("Code")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].widget.attrs |= _CODE


class AuthenticateForm(_Code, base_forms.AuthenticateForm):  # type: ignore[misc]
    """The second step of a sign-in."""

    helps = {"code": _("Six digits from your app, or one of your recovery codes.")}


class ReauthenticateForm(_Code, base_forms.ReauthenticateForm):  # type: ignore[misc]
    """Show once more who is there, with a code."""

    helps = AuthenticateForm.helps


class ActivateTOTPForm(_Code, totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app."""

    helps = {"code": _("Six digits that the app shows now.")}


class DeactivateTOTPForm(totp_forms.DeactivateTOTPForm):  # type: ignore[misc]
    """Take the app away."""


class _CredentialField(forms.JSONField):
    """What a browser says of a passkey; what no browser says is refused before anybody looks into it."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Return the object. Raises ValidationError."""
        if isinstance(value, str) and len(value) > _CREDENTIAL_MAX_CHARS:
            raise _incorrect()
        try:
            found = super().to_python(value)
        except (ValidationError, RecursionError):
            raise _incorrect() from None
        if not isinstance(found, dict):
            raise _incorrect()
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what stands in the form when it is shown again: nothing, each passkey answers once."""
        return InvalidJSONInput("")


def _incorrect() -> ValidationError:
    error: ValidationError = SecondFactorAdapter().validation_error("incorrect_passkey")
    return error


class _Passkey(forms.Form):
    """The library that reads a credential fails in many ways at one that is none."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["credential"] = _CredentialField()

    def clean_credential(self) -> Any:
        """Return what was proved. Raises ValidationError."""
        checked = getattr(super(), "clean_credential", None)
        return self.cleaned_data["credential"] if checked is None else _kindly(checked)

    def clean(self) -> dict[str, Any]:
        """Return the form. Raises ValidationError."""
        found: dict[str, Any] = _kindly(super().clean) or {}
        return found


def _kindly(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except ValidationError:
        raise
    except Exception as error:
        _log.info("passkeys.unreadable", error=type(error).__name__)
        raise _incorrect() from None


class AuthenticatePasskeyForm(_Passkey, webauthn_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step of a sign-in."""


class LoginPasskeyForm(_Passkey, webauthn_forms.LoginWebAuthnForm):  # type: ignore[misc]
    """A sign-in with nothing else."""


class ReauthenticatePasskeyForm(_Passkey, webauthn_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Show once more who is there."""


class AddPasskeyForm(Plain, _Passkey, webauthn_forms.AddWebAuthnForm):  # type: ignore[misc]
    """A passkey, by a name under which one finds it again. It signs in alone: it is asked for a PIN or a finger."""

    words = {"name": _("Name")}
    helps = {"name": _("For example the device it is kept on.")}

    name = LineField(max_chars=_NAME_MAX_CHARS, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.pop("passwordless", None)

    def clean(self) -> dict[str, Any]:
        """Refuse more than anybody uses, and keys that do not ask who holds them."""
        mine = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN)
        if mine.count() >= PASSKEYS_MAX_COUNT:
            raise ValidationError(
                _("You have %(most)d passkeys already. Please remove one first.")
                % {"most": PASSKEYS_MAX_COUNT},
                code="too_many",
            )
        found: dict[str, Any] = super().clean()
        return found


class RemovePasskeyForm(forms.Form):
    """Take a passkey away, unless it is the last factor where one is required."""

    def clean(self) -> dict[str, Any]:
        """Refuse what is needed."""
        adapter = SecondFactorAdapter()
        # Set by the view, which knows whose it is.
        if not adapter.can_delete_authenticator(self.authenticator):  # type: ignore[attr-defined]
            raise adapter.validation_error("cannot_delete_authenticator")
        return super().clean() or {}
