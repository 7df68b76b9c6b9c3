"""What stands behind the links of messages, and what is remembered of links."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.messages import Message
from chat.protocol import limits


class PreviewImage(models.Model):
    """A picture of ours in the storage, made anew from what was found behind a link."""

    file = models.CharField(max_length=100, unique=True)
    width = models.IntegerField()
    height = models.IntegerField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.file


class Link(models.Model):
    """What an address was found to be, for a while, so that the same link is not fetched for each message."""

    # SHA-256 of the address, in hex.
    digest = models.CharField(max_length=64, unique=True)
    url = models.CharField(max_length=limits.LINK_MAX_CHARS)
    title = models.CharField(max_length=limits.PREVIEW_TITLE_MAX_CHARS, blank=True)
    description = models.CharField(max_length=limits.PREVIEW_DESCRIPTION_MAX_CHARS, blank=True)
    site = models.CharField(max_length=limits.PREVIEW_SITE_MAX_CHARS, blank=True)
    image = models.ForeignKey(PreviewImage, on_delete=models.PROTECT, null=True, related_name="+")
    # Why there is nothing to show; empty where there is.
    failure = models.CharField(max_length=32, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.url


class Preview(models.Model):
    """What is shown below a message for one of its links; the row of a removed one stays, so that it stays away."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="previews", db_index=False)
    url = models.CharField(max_length=limits.LINK_MAX_CHARS)
    title = models.CharField(max_length=limits.PREVIEW_TITLE_MAX_CHARS, blank=True)
    description = models.CharField(max_length=limits.PREVIEW_DESCRIPTION_MAX_CHARS, blank=True)
    site = models.CharField(max_length=limits.PREVIEW_SITE_MAX_CHARS, blank=True)
    image = models.ForeignKey(PreviewImage, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "url"], name="preview_message_url")]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.url}"
