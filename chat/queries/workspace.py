"""What is known of the installation itself."""

from __future__ import annotations

from chat.models import User, Workspace


def epoch() -> str:
    """Return the incarnation of the change logs."""
    return Workspace.objects.values_list("epoch", flat=True).get(pk=1)


def name() -> str:
    """Return the name that people see."""
    return Workspace.objects.values_list("name", flat=True).get(pk=1)


def is_new() -> bool:
    """Tell whether the first person has not made an account yet."""
    return not User.objects.filter(is_bot=False).exists()
