"""Django's handle on the app."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """The one app."""

    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"
