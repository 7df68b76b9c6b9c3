"""What is put into the rooms of the table without anybody hearing of it."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from chat.files import storage
from chat.models import Attachment, CustomEmoji, Message, Poll, PreviewImage, User


def store_polls(room: int, body: str, watch: int, authors: dict[str, int]) -> tuple[int, dict[str, int]]:
    """Ask something as everybody: a message that is posted would be heard of.

    Returns the poll of the watcher, and those of each.
    """

    def asked(number: int, author: int) -> int:
        # Far from the seqs that the room will give.
        message = Message.objects.create(
            room_id=room, seq=1_000_000 + number, sender_id=author, body=body,
            has_poll=True, at=timezone.now(),
        )  # fmt: skip
        Poll.objects.create(message=message, options=["yes", "no"])
        return message.pk

    own = {name: asked(number, author) for number, (name, author) in enumerate(authors.items(), 1)}
    return asked(0, watch), own


def store_picture() -> int:
    """Keep the picture of a preview, and return its id."""
    file = default_storage.save("previews/picture.webp", ContentFile(b"a picture"))
    return PreviewImage.objects.create(file=file, width=80, height=60).pk


def store_file(mark: str, message: int, uploader: int) -> int:
    """Put a picture under a message, and return its id."""
    found = Attachment.objects.create(
        uploader_id=uploader, message_id=message, key=storage.new_key(), name=f"{mark}.png", type="image/png",
        bytes=4, state="ready", width=4, height=3,
    )  # fmt: skip
    for rendition in storage.RENDITIONS:
        default_storage.save(f"attachments/{found.key}.{rendition}", ContentFile(mark.encode()))
    Message.objects.filter(pk=message).update(attachment_count=1)
    return found.pk


def store_emoji(key: str, mark: str, users: dict[str, User]) -> None:
    """Let everybody have made an emoji, and the watcher one for each of them that they may try to remove."""
    made = [(f"of-{name}", user) for name, user in users.items()]
    made += [(f"for-{name}", users["watch"]) for name in users]
    CustomEmoji.objects.bulk_create(
        CustomEmoji(name=name, made_by=by, key=key if name == "of-watch" else name, picture=mark.encode())
        for name, by in made
    )
