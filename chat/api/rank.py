"""Who may ask what is for those alone who run the workspace."""

from __future__ import annotations

from django.http import HttpRequest

from chat.api.authentication import actor
from chat.models import User
from chat.protocol.errors import ErrorCode, Refused


def admin(request: HttpRequest) -> User:
    """Return who asks. Raises Refused: forbidden, the same whatever is named, there or not."""
    user = actor(request)
    if not user.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "only who runs the workspace may do that")
    return user
