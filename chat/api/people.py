"""The accounts of the workspace, for those who run it."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from ninja import Router

from chat import database
from chat.api import pagination, rank
from chat.api.admin_shapes import PasswordLink, People, PersonDetails
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, command, nothing, runtime
from chat.features.mail import service as mail
from chat.features.people import changing, finding
from chat.features.people.commands import SignOutPerson, UpdatePerson
from chat.models import User
from chat.protocol import text_rules
from chat.protocol.fields import Id
from chat.protocol.limits import NAME_MAX_CHARS
from chat.queries import workspace

router = Router(tags=["people"])


@router.get("/admin/people", response=People, summary="List accounts")
async def browse(
    request: HttpRequest,
    q: str = "",
    role: Literal["owner", "admin", "member", "guest"] | None = None,
    state: Literal["active", "off", "bots", "all"] = "active",
    cursor: str | None = None,
    limit: Limit = PAGE_LIMIT_DEFAULT,
) -> HttpResponse:
    """By name; each word of `q` is in the name, the handle or the address. Admins only, as all of this."""
    rank.admin(request)
    text = text_rules.clean_line(q, "q", NAME_MAX_CHARS, may_be_empty=True)
    wanted = finding.Wanted(text, role, state)
    items, last, total = await database.run(finding.browse, wanted, pagination.after(cursor), limit)
    (await runtime(request)).presence.fill_in(items)  # type: ignore[arg-type]
    return answer({**pagination.page(items, last), "total": total})


@router.get("/admin/people/{user}", response=PersonDetails, summary="Read an account")
async def read(request: HttpRequest, user: Id) -> HttpResponse:
    """With the tokens of its programs."""
    rank.admin(request)
    found = await database.run(finding.one, user)
    (await runtime(request)).presence.fill_in([found])  # type: ignore[list-item]
    return answer(found)


@router.patch("/admin/people/{user}", response=PersonDetails, summary="Change an account",
              openapi_extra=body(UpdatePerson))  # fmt: skip
async def update(request: HttpRequest, user: Id) -> HttpResponse:
    """Name, role, or off and on; not one's own, and an owner's only by an owner. Who is off is signed out at once."""
    admin = rank.admin(request)
    return answer(await database.run(changing.update, admin, user, command(request, UpdatePerson)))


@router.post("/admin/people/{user}/sign-out", response=PersonDetails, summary="Sign an account out everywhere",
             openapi_extra=body(SignOutPerson))  # fmt: skip
async def sign_out(request: HttpRequest, user: Id) -> HttpResponse:
    """All sessions and, unless `tokens` is false, all tokens end; open sockets are closed."""
    admin = rank.admin(request)
    return answer(await database.run(changing.sign_out, admin, user, command(request, SignOutPerson)))


@router.post(
    "/admin/people/{user}/password", response=PasswordLink, summary="Let an account choose a new password"
)
async def password(request: HttpRequest, user: Id) -> HttpResponse:
    """By mail where it has an address, else the link is answered, to be handed over. It ends with its first use."""
    return answer(await database.run(_password, request, rank.admin(request), user))


@router.delete(
    "/admin/people/{user}/tokens/{token}", response={204: None}, summary="Revoke a token of an account"
)
async def revoke_token(request: HttpRequest, user: Id, token: Id) -> HttpResponse:
    """The next request with it is refused, and the sockets that were opened with it are closed."""
    await database.run(changing.revoke_token, rank.admin(request), user, token)
    return nothing()


def _password(request: HttpRequest, admin: User, user_id: int) -> PasswordLink:
    is_mailed = bool(User.objects.filter(pk=user_id).exclude(email="").exists())
    user, uid, key = changing.password_path(admin, user_id, is_mailed=is_mailed)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    url = request.build_absolute_uri(path)
    if not is_mailed:
        return {"email": None, "url": url}
    details = {
        "request": request,
        "user": user,
        "username": user.handle,
        "password_reset_url": url,
        "workspace": workspace.name(),
    }
    with translation.override(user.language or workspace.language()):
        subject = render_to_string("account/email/password_reset_key_subject.txt", details).strip()
        text = render_to_string("account/email/password_reset_key_message.txt", details).strip()
    mail.post(
        EmailMessage(f"[{details['workspace']}] {subject}", text, settings.DEFAULT_FROM_EMAIL, [user.email])
    )
    return {"email": user.email, "url": None}
