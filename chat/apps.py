"""Django's handle on the app."""

from django.apps import AppConfig
from django.conf import settings

from chat import failpoints


class ChatConfig(AppConfig):
    """The one app."""

    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Arm the failpoints of this process, if any are set, and hear of accounts that are disabled."""
        failpoints.arm(settings.FAILPOINTS)
        # Only now are there models.
        from chat.features.sign_ins import factors, sessions
        from chat.pipeline import accounts

        accounts.listen()
        sessions.listen()
        factors.listen()
