from datetime import timedelta
from typing import Any

import pytest

from chat.actions.previews import PreviewRemoved, PreviewsAttached
from chat.actions.state import SYSTEM_ID
from chat.protocol import limits
from chat.protocol.commands import DeleteMessage, EditMessage, RemovePreview
from chat.protocol.errors import ErrorCode
from chat.protocol.system import AttachPreviews, FoundLink
from tests.actions.world import (
    BANNED,
    GUEST,
    HIDDEN_MESSAGE,
    LEFT,
    MEMBER,
    MODERATOR,
    MUTED,
    NOW,
    OUTSIDER,
    OWNER,
    World,
)

URL, OTHER = "https://site.example.com/", "https://other.example.com/"


def found(*urls: str) -> list[FoundLink]:
    return [FoundLink(url=url, title="Title", description="", site="Site") for url in urls]


def attach(*urls: str, **fields: Any) -> AttachPreviews:
    return AttachPreviews(message=70, edited_at=fields.get("edited_at"), found=found(*urls))


def world(sender: int = MEMBER, **fields: Any) -> World:
    made = World(**fields)
    made.message(70, sender)
    return made


def urls(here: World) -> list[str]:
    return [one.url for one in here.state.previews.get(70, []) if one.removed_at is None]


def test_the_server_attaches_what_was_found_once() -> None:
    here = world()
    (draft,) = here.decide(SYSTEM_ID, attach(URL, OTHER, URL)).drafts
    assert isinstance(draft, PreviewsAttached)
    assert (draft.seq, draft.row().actor_id, draft.row().message_id) == (41, None, 70)
    assert urls(here) == [URL, OTHER]
    assert here.decide(SYSTEM_ID, attach(OTHER)).drafts == ()
    assert here.decide(SYSTEM_ID, attach(URL)).result() == {"room": 5, "seq": 41}


def test_a_message_has_so_many_previews() -> None:
    here = world()
    most = limits.PREVIEWS_PER_MESSAGE_MAX_COUNT
    here.decide(SYSTEM_ID, attach(*(f"{URL}{n}" for n in range(most))))
    assert here.decide(SYSTEM_ID, attach(OTHER)).drafts == ()
    here.decide(MEMBER, RemovePreview(message=70, url=f"{URL}0"))
    here.decide(SYSTEM_ID, attach(OTHER))
    assert len(urls(here)) == most


def test_what_was_fetched_for_another_text_is_not_attached() -> None:
    here = world()
    assert here.refused(SYSTEM_ID, attach(URL, edited_at=NOW))[0] is ErrorCode.CONFLICT
    here.decide(MEMBER, EditMessage(message=70, body="other"))
    assert here.refused(SYSTEM_ID, attach(URL))[0] is ErrorCode.CONFLICT
    assert here.decide(SYSTEM_ID, attach(URL, edited_at=here.state.messages[70].edited_at)).drafts


def test_nothing_is_attached_to_what_is_gone_closed_or_wants_none() -> None:
    here = world()
    here.decide(MEMBER, DeleteMessage(message=70))
    assert here.refused(SYSTEM_ID, attach(URL)) == HIDDEN_MESSAGE
    assert world(archived_at=NOW).refused(SYSTEM_ID, attach(URL))[0] is ErrorCode.ARCHIVED
    assert world(previews=False).refused(SYSTEM_ID, attach(URL))[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize(
    ("actor", "sender"),
    [(MEMBER, MEMBER), (MUTED, MUTED), (GUEST, GUEST), (MODERATOR, MEMBER), (OWNER, MEMBER)],
)
def test_authors_and_moderators_take_a_preview_away_for_good(actor: int, sender: int) -> None:
    here = world(sender)
    here.decide(SYSTEM_ID, attach(URL, OTHER))
    (draft,) = here.decide(actor, RemovePreview(message=70, url=URL)).drafts
    assert isinstance(draft, PreviewRemoved)
    assert (draft.row().actor_id, urls(here)) == (actor, [OTHER])
    assert (draft.preview.title, draft.preview.site, draft.preview.image_id) == ("", "", None)
    assert here.decide(actor, RemovePreview(message=70, url=URL)).drafts == ()
    assert here.decide(SYSTEM_ID, attach(URL)).drafts == ()


def test_nobody_else_takes_a_preview_away() -> None:
    here = world()
    here.decide(SYSTEM_ID, attach(URL))
    command = RemovePreview(message=70, url=URL)
    assert here.refused(GUEST, command)[0] is ErrorCode.FORBIDDEN
    for outsider in (LEFT, BANNED, OUTSIDER):
        assert here.refused(outsider, command) == HIDDEN_MESSAGE
    assert here.refused(MEMBER, RemovePreview(message=70, url=OTHER)) == (
        ErrorCode.NOT_FOUND,
        "no such preview",
    )


def test_an_edit_in_the_same_batch_keeps_what_still_stands() -> None:
    here = world()
    here.decide(SYSTEM_ID, attach(URL, OTHER))
    here.decide(MEMBER, EditMessage(message=70, body=f"only {OTHER}"), links=(OTHER,))
    assert urls(here) == [OTHER]
    later = here.state.messages[70].edited_at
    assert later == NOW
    assert here.refused(SYSTEM_ID, attach(URL, edited_at=NOW - timedelta(seconds=1)))[0] is ErrorCode.CONFLICT
