"""allauth's forms in our words: one label a field, no placeholder that repeats it, help that helps."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from chat.models import User
from chat.models.users import normalize_handle
from chat.pages.fields import HANDLE_ATTRS, PASSWORD_HELP, Inputs, LineField
from chat.queries import workspace

_LOGIN_MAX_CHARS = 254


class Plain(Inputs):
    """Takes away what allauth's widgets say twice, and its list of password rules.

    Also the second password field: the page can show what was typed.
    """

    words: dict[str, Any] = {}
    helps: dict[str, Any] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.pop("password2", None)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.words.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class LoginForm(Plain, allauth_forms.LoginForm):  # type: ignore[misc]
    """Sign in by handle or by e-mail."""

    words = {"login": _("Username or email"), "password": _("Password")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        attrs = HANDLE_ATTRS | {"maxlength": str(_LOGIN_MAX_CHARS), "autofocus": True}
        self.fields["login"].widget.attrs |= attrs

    def clean_login(self) -> str:
        """Return the login; too long is refused before it becomes a key of the counters."""
        login: str = self.cleaned_data["login"].strip()
        if len(login) > _LOGIN_MAX_CHARS:
            raise ValidationError(
                _("At most %(most)d characters, this has %(count)d.")
                % {"most": _LOGIN_MAX_CHARS, "count": len(login)},
                code="too_long",
            )
        return login

    def user_credentials(self) -> dict[str, str]:
        """Return one way to find the account, never two.

        A handle holds no @. allauth would try an address as a handle as well and hash the password twice for
        accounts that exist, which a stopwatch can see.
        """
        login = self.cleaned_data["login"]
        found = {"email": login.lower()} if "@" in login else {"username": normalize_handle(login)}
        return {**found, "password": self.cleaned_data.get("password", "")}


class SignupForm(Plain, allauth_forms.SignupForm):  # type: ignore[misc]
    """Make an account."""

    words = {
        "username": _("Username"),
        "email": _("Email (optional)"),
        "password1": _("Password"),
    }
    helps = {
        "username": _("Others mention you by it: @username."),
        "email": _("For a forgotten password. Other members do not see it."),
        "password1": PASSWORD_HELP,
    }
    field_order = ["name", "username", "email", "password1"]

    name = LineField(
        label=_("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["username"].widget.attrs |= HANDLE_ATTRS
        if workspace.policy().signup == "domain":
            # Who has an invite needs none, and is told so by the adapter.
            self.fields["email"].label = _("Email")

    def clean(self) -> dict[str, Any]:
        """Have an empty address looked at too: where sign-up is by domain it is none of the right ones."""
        given: dict[str, Any] = super().clean() or {}
        if "email" in given and not given["email"]:
            try:
                get_adapter().clean_email("")
            except ValidationError as error:
                self.add_error("email", error)
        return given

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the account; somebody who took the handle or the address this very moment wins."""
        try:
            made: tuple[User | None, HttpResponse | None] = super().try_save(request)
        except IntegrityError:
            messages.error(request, _("Somebody else was just faster with this username or address."))
            return None, HttpResponseRedirect(request.get_full_path())
        return made


class ChangePasswordForm(Plain, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """Another password, with the present one."""

    words = {"oldpassword": _("Current password"), "password1": _("New password")}
    helps = {"password1": PASSWORD_HELP}


class SetPasswordForm(Plain, allauth_forms.SetPasswordForm):  # type: ignore[misc]
    """A first password."""

    words = {"password1": _("New password")}
    helps = {"password1": PASSWORD_HELP}


class ResetPasswordKeyForm(Plain, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """Another password, with the link of a mail."""

    words = {"password1": _("New password")}
    helps = {"password1": PASSWORD_HELP}


class ResetPasswordForm(Plain, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """Ask for that link."""

    words = {"email": _("Email")}


class ReauthenticateForm(Plain, allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    """Show once more who is there."""

    words = {"password": _("Password")}


class AddEmailForm(Plain, allauth_forms.AddEmailForm):  # type: ignore[misc]
    """Another address; the present one stays until the new one is confirmed."""

    words = {"email": _("New email")}

    def clean_email(self) -> str:
        """Return an address that no other account has, because an address is also a way to sign in."""
        email: str = super().clean_email()
        if User.objects.filter(email__iexact=email).exclude(pk=self.user.pk).exists():
            raise ValidationError(_("Another account has this email address."), code="email_taken")
        return email

    def save(self, request: HttpRequest) -> EmailAddress:
        """Note the new address and send it a link.

        allauth would at once take away a present address that was never confirmed, and with it a way
        to sign in.
        """
        waiting = EmailAddress.objects.filter(user=self.user, verified=False).exclude(email=self.user.email)
        waiting.delete()
        address: EmailAddress = EmailAddress.objects.create(user=self.user, email=self.cleaned_data["email"])
        address.send_confirmation(request)
        return address
