"""How people have arranged their left column."""

from __future__ import annotations

from django.db import models

from chat.models.users import User


class Sidebar(models.Model):
    """One person's arrangement, written whole; `version` counts how often it was."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    version = models.IntegerField(default=0)
    # Favourites, sections, what is folded, the order: as chat/protocol/shapes.py, Sidebar, has it.
    body = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"left column of {self.user_id}, version {self.version}"
