"""Make the keys of web push."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chat.features.notifications.push import keys

_SAID = """\
# Keys of web push. Set the line below for the web processes and the workers, or the key alone in a file that
# VAPID_PRIVATE_KEY_FILE names; keep it secret and in your backups, and restart them.
# The public key follows from it: {public}
# VAPID_SUBJECT is whom push services may write to about you: mailto:you@example.org, or an https:// address.
# Without it they are told {subject}
"""
_AGAIN = """\
# This installation has a key already. With another one every browser must subscribe anew, which the page does by
# itself when it is opened next.
"""


class Command(BaseCommand):
    """`manage.py push_keys` prints lines that can be added to a .env file."""

    help = "Make a pair of keys for web push and say which settings to set."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the private key as a setting; nothing is stored."""
        private, public = keys.make()
        self.stdout.write(_SAID.format(public=public, subject=settings.VAPID_SUBJECT), ending="")
        if keys.is_on():
            self.stdout.write(_AGAIN, ending="")
        self.stdout.write(f"VAPID_PRIVATE_KEY={private}")
