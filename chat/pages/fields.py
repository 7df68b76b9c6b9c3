"""What people type about themselves: cleaned by the rules of the protocol, refused in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from chat.models.groups import is_taken
from chat.models.users import normalize_handle, validate_handle
from chat.protocol import limits, text_rules
from chat.protocol.errors import ErrorCode, ProtocolError


def clean_handle(text: str) -> str:
    """Return the one spelling of a handle that is still free. Raises ValidationError."""
    ProhibitNullCharactersValidator()(text)
    handle = normalize_handle(text)
    try:
        validate_handle(handle)
    except ValidationError as error:
        raise ValidationError(_handle_problem(handle, error.code), code=error.code) from None
    if is_taken(handle):
        raise ValidationError(_("Somebody already has this username."), code="taken")
    return handle


def _handle_problem(handle: str, code: str | None) -> Any:
    if code == "too_long":
        return _("A username has at most %(most)d characters, this one has %(count)d.") % {
            "most": limits.HANDLE_MAX_CHARS,
            "count": len(handle),
        }
    if code == "reserved":
        return _("This username is kept for Maru itself. Please choose another one.")
    return _("Use letters, digits, dots, hyphens and underscores, and begin with a letter or a digit.")


class Inputs(forms.Form):
    """A form whose widgets wear the class of the stylesheet."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


class LineField(forms.CharField):
    """One line that others see: a person's name, a room's, the workspace's."""

    def __init__(
        self, *, field: str = "name", max_chars: int = limits.NAME_MAX_CHARS, **options: Any
    ) -> None:
        super().__init__(**options)
        self._field = field
        self._max_chars = max_chars
        self.widget.attrs["maxlength"] = str(max_chars)

    def clean(self, value: Any) -> str:
        """Return the line as it is stored. Raises ValidationError."""
        text: str = super().clean(value)
        try:
            return text_rules.clean_line(text, self._field, self._max_chars, may_be_empty=not self.required)
        except ProtocolError as error:
            raise ValidationError(self._problem(error.code, len(text)), code=error.code.value) from None

    def _problem(self, code: ErrorCode, count: int) -> Any:
        if code is ErrorCode.TOO_LONG:
            numbers = {"most": self._max_chars, "count": count}
            return _("At most %(most)d characters, this has %(count)d.") % numbers
        if code is ErrorCode.EMPTY:
            return _("Nothing of this can be seen. Please write something.")
        return _("This holds characters that cannot be stored.")


class HandleField(forms.CharField):
    """The name with which one signs in and is mentioned."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Username"))
        options.setdefault("help_text", _("Others mention you by it: @username."))
        super().__init__(**options)
        self.widget.attrs |= HANDLE_ATTRS | {"maxlength": str(limits.HANDLE_MAX_CHARS)}

    def clean(self, value: Any) -> str:
        """Return the one spelling of the handle. Raises ValidationError."""
        return clean_handle(super().clean(value))


class NewPasswordField(forms.CharField):
    """A password that is being chosen; the form checks it against what else it knows of the person."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Password"))
        options.setdefault("help_text", PASSWORD_HELP)
        super().__init__(
            strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), **options
        )


HANDLE_ATTRS = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
PASSWORD_HELP = _("At least 10 characters. A short sentence is easy to remember and hard to guess.")
