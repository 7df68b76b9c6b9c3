"""Uploads that come in pieces, over more than one request."""

from __future__ import annotations

from django.db import models

from chat.models.attachments import Attachment


class PiecedUpload(models.Model):
    """How far an upload in pieces has come; gone when the file lies in the storage as a whole.

    What it takes is reserved by its attachment, whose `bytes` say how long it will be.
    """

    attachment = models.OneToOneField(
        Attachment, on_delete=models.CASCADE, primary_key=True, related_name="pieced"
    )
    offset_bytes = models.BigIntegerField(default=0)
    # Of the whole, in hexadecimal; empty where the client has not said it.
    sha256 = models.CharField(max_length=64, blank=True)
    # Who adds to it now: the request that came last. One of before finds another name here, and ends.
    writer = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return f"{self.pk}: {self.offset_bytes}"


class UploadPiece(models.Model):
    """A piece in the storage. Its row comes before its bytes, so that nothing lies there unseen."""

    upload = models.ForeignKey(PiecedUpload, on_delete=models.CASCADE, related_name="pieces")
    start_bytes = models.BigIntegerField()
    # 0 while it is put there.
    bytes = models.BigIntegerField(default=0)
    name = models.CharField(max_length=32, unique=True)

    def __str__(self) -> str:
        return f"{self.upload_id}: {self.start_bytes}"
