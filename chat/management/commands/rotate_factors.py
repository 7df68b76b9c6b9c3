"""Encrypt the secrets of second factors under the present key: `manage.py rotate_factors`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chat.pages import second_factor


class Command(BaseCommand):
    """`manage.py rotate_factors`, after SECRET_KEY has changed and before SECRET_KEY_OLD goes."""

    help = "Encrypt the secrets of second factors under the present SECRET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate and say how many there were."""
        self.stdout.write(f"{second_factor.rotate()} second factors are encrypted under the present key")
