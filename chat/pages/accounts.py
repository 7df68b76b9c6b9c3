"""How allauth treats our accounts: who may make one, how one is found, what it says, how its mail leaves."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chat.features.sign_ins import sessions
from chat.live.envelope import SignedOut
from chat.models import User
from chat.models.users import normalize_handle
from chat.pages import invites, language, mail, writes
from chat.pages.fields import clean_handle
from chat.queries import sign_in, workspace

_MISMATCH = _("The username or email and the password do not belong together.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up only as SIGNUP allows; one answer for every sign-in that fails."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _MISMATCH,
        "email_password_mismatch": _MISMATCH,
        "too_many_login_attempts": _("Too many failed attempts. Please wait a few minutes and try again."),
        "username_taken": _("Somebody already has this username."),
        "email_taken": _("Another account has this email address."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "duplicate_email": _("This is already your email address."),
        "rate_limited": _("Too many tries in a short time. Please wait a moment."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell whether whoever asks may make an account."""
        if workspace.is_new():
            # The first account is the owner's, and it is made by /setup/ alone.
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("setup")))
        policy = workspace.policy()
        if policy.signup in ("open", "domain"):
            return True
        return policy.signup == "invite" and invites.remembered(request) is not None

    def clean_email(self, email: str) -> str:
        """Return an address; without an invite one that sign-up is open for. Raises ValidationError."""
        email = super().clean_email(email)
        request = self.request
        if request is None or not request.path.startswith(reverse("account_signup")):
            return email
        policy = workspace.policy()
        if policy.signup == "domain" and invites.remembered(request) is None and not policy.lets_in(email):
            domains = ", ".join(policy.domains)
            raise ValidationError(_("Accounts are for addresses at %(domains)s.") % {"domains": domains})
        return email

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Return the one spelling of a new handle. Raises ValidationError."""
        return normalize_handle(username) if shallow else clean_handle(username)

    def logout(self, request: HttpRequest) -> None:
        """End the session, and the sockets that were opened with it."""
        user, session_key = request.user, request.session.session_key
        super().logout(request)
        if user.pk is not None and session_key:
            sessions.forget(session_key)
            writes.tell(request, SignedOut(user.pk, sign_in.proof_of(session_key)))

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Store another password; it ends all sessions, and so all sockets."""
        super().set_password(user, password)
        if self.request is not None:
            writes.tell(self.request, SignedOut(user.pk))

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        """Store a new account, count the invite it came with, and note the rooms that it enters."""
        user = cast(User, user)
        user.name = form.cleaned_data["name"]
        user.language = language.current()
        with transaction.atomic():
            invite = invites.remembered(request)
            if invite is not None and invites.claim(invite):
                user.role = invites.role_of(invite)
            elif not workspace.policy().lets_in(form.cleaned_data.get("email", "")):
                raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_signup")))
            else:
                invite = None
            super().save_user(request, user, form, commit)
            if invite is not None:
                invites.note(invite, user)
        if invite is None:
            writes.let_in(request, user)
        else:
            invites.forget(request)
            writes.let_in(request, user, room=invite.room, by=invite.created_by)
        return user

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Return the account of the credentials; one that is disabled counts as unknown.

        allauth would lead it to a page of its own, which tells a guesser that the password is right.
        """
        if username := credentials.get("username"):
            credentials["username"] = normalize_handle(username)
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address by which failures are counted; a unix socket without a proxy has none."""
        address = request.META.get("REMOTE_ADDR") or ""
        return super().get_client_ip(request) if address else "local"

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm an address, unless another account has come to it first."""
        others = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
        return False if others.exists() else bool(super().confirm_email(request, email_address))

    def format_email_subject(self, subject: str) -> str:
        """Begin with the workspace, so that a full mailbox shows where it comes from."""
        return f"[{workspace.name()}] {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Hand a mail over; that it is slow or fails must not show who has an account."""
        details = {"request": self.request, "email": email, "workspace": workspace.name(), **context}
        message: EmailMessage = self.render_mail(template_prefix, email, details)
        mail.send(message)
