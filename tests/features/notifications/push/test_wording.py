from __future__ import annotations

from collections.abc import Sequence

import pytest

from chat.features.notifications.push import sealing, wording
from chat.models import Attachment, Message, Notification, User
from chat.protocol import codec
from tests.cast import Cast
from tests.features.notifications.conftest import noted
from tests.features.notifications.push.service import Browser
from tests.features.notifications.test_ledger import direct
from tests.make import post


def said_to(user: User) -> dict[str, object]:
    noted()
    rows = Notification.objects.filter(user=user, way="mail").select_related(
        "message__room", "message__sender"
    )
    return wording.unread(user, list(rows.order_by("pk")))


def sent(sender: User, to: User, body: str, names: Sequence[str]) -> Message:
    """Send files in a conversation of two."""
    files = [
        Attachment.objects.create(
            uploader=sender,
            key=f"key-{to.pk}-{name[:3]}",
            name=name,
            type="text/plain",
            bytes=1,
            state="ready",
        )
        for name in names
    ]
    return post(direct(sender, to), sender, body, attachments=[file.pk for file in files])


@pytest.mark.parametrize(
    ("body", "names", "english", "korean"),
    [
        ("", ["cat.png"], "📎 cat.png", "📎 cat.png"),
        ("", ["cat.png", "notes.txt", "a.zip"], "📎 cat.png and 2 more", "📎 cat.png 외 2개"),
        ("look  at\nthis", ["cat.png"], "look at this\n📎 cat.png", "look at this\n📎 cat.png"),
        ("no file", [], "no file", "no file"),
    ],
)
def test_files_are_told_by_the_name_of_the_first(
    cast: Cast, body: str, names: list[str], english: str, korean: str
) -> None:
    sent(cast.alice, cast.bob, body, names)
    assert said_to(cast.bob)["body"] == english
    User.objects.filter(pk=cast.bob.pk).update(language="ko")
    cast.bob.refresh_from_db()
    assert said_to(cast.bob)["body"] == korean


def test_files_of_the_newest_alone_are_named(cast: Cast) -> None:
    sent(cast.alice, cast.bob, "", ["old.png"])
    sent(cast.alice, cast.bob, "", ["new.png"])
    assert said_to(cast.bob)["body"] == "📎 new.png\nAnd earlier ones: 1."


def test_the_longest_there_can_be_still_goes_into_a_push(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(name="𐍈" * 80)
    sent(cast.alice, cast.bob, "𐍈" * 4_000, ["𐍈" * 100 + ".png", "second"])
    said = said_to(cast.bob)
    line, file = str(said["body"]).split("\n")
    assert (len(line), file.endswith("… and 1 more")) == (240, True)
    browser = Browser("/a")
    plain = codec.encode(said)
    assert browser.read(sealing.seal(plain, browser.body["p256dh"], browser.body["auth"])) == plain
