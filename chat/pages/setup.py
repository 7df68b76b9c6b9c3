"""First start: one form makes the owner's account, names the workspace and opens the first room."""

from __future__ import annotations

from functools import wraps
from typing import Any, NamedTuple

import structlog
from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chat.models import Room, User, Workspace
from chat.pages import bounded, language, writes
from chat.pages.fields import HandleField, Inputs, LineField, NewPasswordField
from chat.protocol.commands import CreateRoom, JoinRoom, UpdateRoom
from chat.protocol.errors import Refused
from chat.queries import workspace

_log = structlog.get_logger(__name__)
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class SetupForm(Inputs):
    """Everything that the first person decides."""

    workspace = LineField(
        label=_("Name of the workspace"),
        help_text=_("Your team, company or club. You can change it later."),
        field="workspace",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    name = LineField(
        label=_("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    handle = HandleField()
    email = forms.EmailField(
        label=_("Email (optional)"),
        help_text=_("For a forgotten password. Other members do not see it."),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = NewPasswordField()
    room = LineField(
        label=_("First room"), help_text=_("An open room for a start. Everybody can join it."), field="room"
    )

    def clean(self) -> dict[str, Any]:
        """Check the password against the rest: it must not be the name or the address."""
        given: dict[str, Any] = super().clean() or {}
        if password := given.get("password"):
            person = User(**{name: given.get(name, "") for name in ("handle", "name", "email")})
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return given


class _Founded(NamedTuple):
    owner_id: int
    lobby_id: int | None
    room_name: str
    lobby_name: str


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
async def setup(request: HttpRequest) -> HttpResponseBase:
    """Show the form while there is no account; the first complete one wins, for others it comes too late."""
    founded = await bounded.run(_found, request)
    if isinstance(founded, HttpResponseBase):
        return founded
    place = reverse("page")
    try:
        room = await writes.submit(request, founded.owner_id, CreateRoom(name=founded.room_name))
        place = reverse("page_room", args=[room["room"]])
        if founded.lobby_id is not None:
            # Named before it is entered: in a room, the owner of the workspace is one member among others.
            await writes.submit(
                request, founded.owner_id, UpdateRoom(room=founded.lobby_id, name=founded.lobby_name)
            )
            await writes.submit(request, founded.owner_id, JoinRoom(room=founded.lobby_id))
    except Refused as refused:
        # The account is there and signed in; rooms can be made from inside.
        _log.warning("setup.refused", code=refused.code.value, detail=refused.detail)
    return HttpResponseRedirect(place)


def unless_new(view: bounded.View) -> bounded.View:
    """Lead the first person here from a page that only somebody with an account can use."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" and workspace.is_new():
            return HttpResponseRedirect(reverse("setup"))
        return view(request, *args, **kwargs)

    return answer


def _found(request: HttpRequest) -> _Founded | HttpResponseBase:
    language.use(request)
    if not workspace.is_new():
        return _late(request) if request.method == "POST" else HttpResponseRedirect(reverse("page"))
    initial = {"workspace": "Maru", "room": gettext("General")}
    form = SetupForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_valid():
        return render(request, "chat/setup.html", {"form": form})
    owner = _owner(form.cleaned_data)
    if owner is None:
        return _late(request)
    login(request, owner, backend=_BACKEND)
    lobby = Room.objects.filter(slug=writes.LOBBY, deleted_at=None).first()
    return _Founded(owner.pk, lobby.pk if lobby else None, form.cleaned_data["room"], gettext("Lobby"))


def _owner(given: dict[str, Any]) -> User | None:
    """Store the owner and the workspace's name; None when somebody else was first."""
    owner = User(handle=given["handle"], name=given["name"], email=given["email"].lower())
    owner.role = User.Role.OWNER
    owner.language = language.current()
    # Before the lock is taken, because a hash takes a tenth of a second.
    owner.set_password(given["password"])
    with transaction.atomic():
        # On SQLite the transaction itself is exclusive; on PostgreSQL this row lets one through at a time.
        row = Workspace.objects.select_for_update().get(pk=1)
        if not workspace.is_new():
            return None
        owner.save()
        row.name = given["workspace"]
        row.save(update_fields=["name"])
    return owner


def _late(request: HttpRequest) -> HttpResponse:
    return render(request, "chat/setup_late.html", status=409)
