"""What a denied deed must leave as it is."""

from __future__ import annotations

from chat.models import (
    Attachment,
    AuditEntry,
    Change,
    Erasure,
    Export,
    Invite,
    Membership,
    Message,
    OutboxEntry,
    Preview,
    PushSubscription,
    Quote,
    Reaction,
    Reminder,
    Report,
    Room,
    RoomRetention,
    Saved,
    ScheduledMessage,
    Token,
    User,
    UserGroup,
    UserGroupMember,
    Workspace,
)


def footprint(room: int) -> tuple[object, ...]:
    """Return what a denied deed must leave as it is."""
    rooms = list(Room.objects.filter(pk=room).values_list())
    memberships = list(Membership.objects.filter(room=room).order_by("pk").values_list())
    kinds = (
        Change,
        Message,
        Reaction,
        User,
        Invite,
        Token,
        Room,
        Membership,
        Preview,
        ScheduledMessage,
        Reminder,
        PushSubscription,
        Export,
        Attachment,
        Quote,
        Saved,
        AuditEntry,
    )
    counts = [kind._default_manager.count() for kind in kinds]
    revoked = [
        Invite.objects.filter(revoked_at=None).count(),
        Token.objects.filter(revoked_at=None).count(),
    ]
    unchanged = Message.objects.filter(deleted_at=None, edited_at=None, pinned_at=None).count()
    later = [
        list(ScheduledMessage.objects.order_by("pk").values_list()),
        list(Reminder.objects.order_by("pk").values_list()),
        list(OutboxEntry.objects.filter(key="aside").values_list()),
        list(PushSubscription.objects.order_by("pk").values_list("pk", "user", "label", "tested_at")),
        list(Export.objects.order_by("pk").values_list()),
    ]
    shown = Preview.objects.filter(removed_at=None).count()
    kept = [
        list(kind._default_manager.order_by("pk").values_list())
        for kind in (Workspace, RoomRetention, Erasure, Report, UserGroup, UserGroupMember)
    ]
    free = Attachment.objects.filter(message=None, dropped_at=None, alt="").count()
    return rooms, memberships, counts, revoked, unchanged, shown, later, kept, free
