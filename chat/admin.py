"""Django's admin for the staff: people, rooms, tokens, invites, follow-up work.

What belongs to the change log can be looked at and not be changed here: only the pipeline numbers changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat.actions import audit
from chat.live.envelope import SignedOut
from chat.models import AuditDeed, Invite, OutboxEntry, Room, Token, User, Workspace
from chat.pipeline import accounts, outbox, overview

# The sign-in of the pages, with its counters and without a second door.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Maru"


if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class _ByRole(ModelAdmin):
    """Who runs the workspace may look at everything; what may be changed is said below, model by model."""

    is_changeable = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell whether the model stands in the list."""
        return _runs_workspace(request)

    def has_view_permission(self, request: HttpRequest, _row: object = None) -> bool:
        """Tell whether rows can be looked at."""
        return _runs_workspace(request)

    def has_change_permission(self, request: HttpRequest, _row: object = None) -> bool:
        """Tell whether rows can be changed."""
        return self.is_changeable and _runs_workspace(request)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: object = None) -> bool:
        """Nothing is deleted here: rows of the log hang on it."""
        return False


def _runs_workspace(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_staff


@admin.register(Workspace)
class WorkspaceAdmin(_ByRole):
    """The name; the epoch is changed by a restore alone."""

    is_changeable = True
    fields = ("name", "epoch", "created_at")
    readonly_fields = ("epoch", "created_at")

    def save_model(self, request: HttpRequest, obj: Workspace, form: Any, change: bool) -> None:
        """Store it, and that it was done."""
        super().save_model(request, obj, form, change)
        _record(request, AuditDeed.WORKSPACE_CHANGED, fields=form.changed_data)


@admin.register(User)
class UserAdmin(_ByRole):
    """Names, roles, and the switch that signs somebody out everywhere."""

    is_changeable = True
    list_display = ("handle", "name", "role", "is_active", "is_bot", "email", "last_login")
    list_filter = ("role", "is_active", "is_bot")
    search_fields = ("handle", "name", "email")
    ordering = ("handle",)
    fields = (
        "handle",
        "name",
        "email",
        "role",
        "is_active",
        "is_bot",
        "language",
        "created_at",
        "last_login",
    )
    readonly_fields = ("handle", "email", "is_bot", "created_at", "last_login")
    actions = ("make_password_link", "end_sessions")

    def has_change_permission(self, request: HttpRequest, row: object = None) -> bool:
        """An admin may not change an owner, nor anybody their own row: the last owner could lock all out."""
        if not super().has_change_permission(request, row):
            return False
        if not isinstance(row, User) or not isinstance(request.user, User):
            return True
        return row.pk != request.user.pk and (
            row.role != User.Role.OWNER or request.user.role == User.Role.OWNER
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Store it, and that it was done."""
        super().save_model(request, obj, form, change)
        if "role" in form.changed_data:
            was = form.initial.get("role")
            _record(request, AuditDeed.PERSON_ROLE, subject=obj, was=was, role=obj.role)
        if "is_active" in form.changed_data:
            deed = AuditDeed.PERSON_ON if obj.is_active else AuditDeed.PERSON_OFF
            _record(request, deed, subject=obj)
        if rest := [name for name in form.changed_data if name not in ("role", "is_active")]:
            _record(request, AuditDeed.PERSON_CHANGED, subject=obj, fields=rest)

    @admin.action(description=_("Make a link to choose a new password"), permissions=["view"])
    def make_password_link(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        """Show links to hand over, for people without an address; they end with their first use."""
        for row in rows:
            if row.is_active and self.has_change_permission(request, row):
                kwargs = {"uidb36": user_pk_to_url_str(row), "key": default_token_generator.make_token(row)}
                _record(request, AuditDeed.PERSON_PASSWORD, subject=row, is_mailed=False)
                link = request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=kwargs))
                text = gettext("Give this link to %(name)s only: %(link)s")
                messages.success(request, text % {"name": row.get_full_name(), "link": link})
            else:
                text = gettext("%(name)s is switched off or above you: no link was made.")
                messages.error(request, text % {"name": row.get_full_name()})

    @admin.action(description=_("Sign out everywhere"), permissions=["view"])
    def end_sessions(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        """End the sessions and sockets of people; their programs' tokens stay good."""
        count = 0
        for row in rows:
            if row.pk == request.user.pk or self.has_change_permission(request, row):
                with transaction.atomic():
                    row.end_sessions()
                    _record(request, AuditDeed.PERSON_SIGNED_OUT, subject=row, tokens=0)
                count += 1
        _tell(
            request,
            ngettext("%(count)d account is signed out.", "%(count)d accounts are signed out.", count),
            count,
        )

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Only an owner makes owners."""
        if (
            db_field.name == "role"
            and isinstance(request.user, User)
            and request.user.role != User.Role.OWNER
        ):
            options["choices"] = [role for role in User.Role.choices if role[0] != User.Role.OWNER]
        return super().formfield_for_choice_field(db_field, request, **options)


@admin.register(Room)
class RoomAdmin(_ByRole):
    """Which rooms there are; they are changed in the chat. Direct ones are nobody else's business."""

    list_display = ("slug", "name", "kind", "last_seq", "last_at", "archived_at", "deleted_at")
    list_filter = ("kind",)
    search_fields = ("slug", "name")
    ordering = ("pk",)
    exclude = ("direct_key",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        """Return all rooms but the direct ones."""
        return super().get_queryset(request).exclude(kind=Room.Kind.DIRECT)


@admin.register(Token)
class TokenAdmin(_ByRole):
    """Which programs can sign in; the secrets are nowhere, only the beginning of their digests."""

    list_display = ("user", "label", "digest_start", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("label", "user__handle")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.display(description=_("digest"))
    def digest_start(self, row: Token) -> str:
        """Return enough to tell two tokens apart."""
        return f"{row.digest[:12]}…"

    @admin.action(description=_("Revoke the selected tokens"), permissions=["view"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Token]) -> None:
        """End tokens, and the sockets that were opened with them."""
        ended = list(rows.filter(revoked_at=None))
        with transaction.atomic():
            count = Token.objects.filter(pk__in=[row.pk for row in ended]).update(revoked_at=timezone.now())
            for row in ended:
                _record(request, AuditDeed.TOKEN_REVOKED, subject=row.user, label=row.label)
        accounts.tell([SignedOut(row.user_id, row.digest) for row in ended])
        _tell(request, ngettext("%(count)d token is revoked.", "%(count)d tokens are revoked.", count), count)


@admin.register(Invite)
class InviteAdmin(_ByRole):
    """Which links let people in."""

    list_display = ("created_by", "room", "role", "uses", "max_uses", "expires_at", "revoked_at")
    list_select_related = ("created_by", "room")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke the selected invites"), permissions=["view"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Invite]) -> None:
        """End links; who came in by them stays."""
        with transaction.atomic():
            pks = list(rows.filter(revoked_at=None).values_list("pk", flat=True))
            count = Invite.objects.filter(pk__in=pks).update(revoked_at=timezone.now())
            for pk in pks:
                _record(request, AuditDeed.INVITE_REVOKED, invite=pk)
        _tell(
            request, ngettext("%(count)d invite is revoked.", "%(count)d invites are revoked.", count), count
        )


@admin.register(OutboxEntry)
class OutboxAdmin(_ByRole):
    """Follow-up work, and why some of it was put aside."""

    list_display = (
        "task",
        "queue",
        "key",
        "created_at",
        "not_before",
        "attempts",
        "done_at",
        "parked_at",
        "last_error",
    )
    list_filter = (
        "queue",
        "task",
        ("parked_at", admin.EmptyFieldListFilter),
        ("done_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("key",)
    # What was put aside first: that is what a person comes here for.
    ordering = (F("parked_at").desc(nulls_last=True), "-pk")
    actions = ("try_again",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show above the list what waits in each queue, who works there, and how it goes."""
        now = timezone.now()
        shown: dict[str, Any] = {"title": gettext("Follow-up work")}
        if self.has_view_permission(request):
            shown |= {"work": overview.read(now), "now": now}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    @admin.action(description=_("Try again"), permissions=["view"])
    def try_again(self, request: HttpRequest, rows: QuerySet[OutboxEntry]) -> None:
        """Make what is not done due at once, with all its attempts."""
        with transaction.atomic():
            undone = rows.filter(done_at=None)
            tasks = sorted(set(undone.values_list("task", flat=True)))
            count = undone.update(parked_at=None, attempts=0, claimed_until=None, not_before=timezone.now())
            if count:
                _record(request, AuditDeed.WORK_RETRIED, tasks=tasks, count=count)
        if count:
            outbox.nudge()
        _tell(request, ngettext("%(count)d task runs again.", "%(count)d tasks run again.", count), count)


def _record(request: HttpRequest, deed: AuditDeed, subject: User | None = None, **facts: Any) -> None:
    assert isinstance(request.user, User)
    origin = request.META.get("REMOTE_ADDR") or ""
    audit.record(request.user, deed, subject=subject, origin=origin, **facts)


def _tell(request: HttpRequest, text: str, count: int) -> None:
    messages.success(request, text % {"count": count} if count else gettext("Nothing to do."))
