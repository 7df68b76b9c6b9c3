"""Who may have which export: asked when it is ordered, while it is written, and when it is fetched."""

from __future__ import annotations

from chat.models import Export, User


def may_ask(kind: Export.Kind, *, has_directs: bool, is_active: bool, role: User.Role) -> bool:
    """Tell whether an account may take this away.

    One's own data everybody; the workspace who runs it. What fixed people have said to each other, and who runs the
    workspace cannot read in it either, is for its owner alone.
    """
    if not is_active:
        return False
    if kind is Export.Kind.OWN:
        return not has_directs
    return role is User.Role.OWNER or (role is User.Role.ADMIN and not has_directs)


def may_have(row: Export, *, is_active: bool, role: User.Role) -> bool:
    """Tell whether the account that has asked for an export may have it now."""
    return may_ask(Export.Kind(row.kind), has_directs=row.has_directs, is_active=is_active, role=role)
