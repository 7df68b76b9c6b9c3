from __future__ import annotations

from typing import Any

import pytest

from chat.actions.attachments import AttachmentReady
from chat.actions.messages import MessageDeleted, MessageEdited, MessagePosted
from chat.actions.state import SYSTEM_ID
from chat.models import Attachment
from chat.protocol.commands import DeleteMessage, EditMessage, PostMessage
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.system import FinishAttachment
from tests.actions.world import GUEST, HIDDEN_MESSAGE, MEMBER, MUTED, NOW, OUTSIDER, World

MISSING = (ErrorCode.NOT_FOUND, "no such attachment")


def world(*pks: int, uploader: int = MEMBER, **fields: Any) -> World:
    made = World()
    for pk in pks:
        said = {"state": "waiting", "name": "a.png", "type": "image/png", "bytes": 9, **fields}
        made.state.attachments[pk] = Attachment(pk=pk, uploader=made.state.users[uploader], **said)
    return made


def say(*pks: int, body: str = "", key: str = "key-0001") -> PostMessage:
    return PostMessage(room=5, client_message_id=key, body=body, attachments=list(pks))


def test_message_claims_its_files_in_their_order() -> None:
    here = world(3, 4)
    (draft,) = here.decide(MEMBER, say(4, 3)).drafts
    assert isinstance(draft, MessagePosted)
    assert draft.message.attachment_count == 2
    assert [(one.pk, one.message_id, one.place) for one in draft.attachments] == [
        (4, 1_001, 0),
        (3, 1_001, 1),
    ]


def test_the_same_again_gets_the_first_answer_and_claims_nothing() -> None:
    here = world(3)
    first = here.decide(MEMBER, say(3)).result()
    again = here.decide(MEMBER, say(3))
    assert (again.drafts, again.result()) == ((), first)
    assert here.refused(MEMBER, say(3, body="other"))[0] is ErrorCode.CONFLICT


def test_text_beside_files_may_be_taken_away_and_alone_it_may_not() -> None:
    here = world()
    here.message(70, MEMBER, body="look", attachment_count=1)
    here.message(71, MEMBER, body="look")
    (draft,) = here.decide(MEMBER, EditMessage(message=70, body=" ")).drafts
    assert isinstance(draft, MessageEdited)
    assert (draft.message.body, draft.message.attachment_count) == ("", 1)
    assert here.refused(MEMBER, EditMessage(message=71, body=" "))[0] is ErrorCode.EMPTY


def test_file_goes_into_one_message() -> None:
    here = world(3)
    here.decide(MEMBER, say(3))
    assert here.refused(MEMBER, say(3, key="key-0002")) == MISSING


@pytest.mark.parametrize(
    "fields",
    [{"uploader": GUEST}, {"message_id": 70}, {"dropped_at": NOW}, {"state": "arriving"}],
)
def test_what_is_not_free_and_ones_own_looks_like_missing(fields: dict[str, Any]) -> None:
    assert world(3, **fields).refused(MEMBER, say(3)) == MISSING
    assert world(4).refused(MEMBER, say(3, 4)) == MISSING


def test_who_may_not_write_does_not_learn_what_there_is() -> None:
    assert world(3, uploader=MUTED).refused(MUTED, say(3))[0] is ErrorCode.MUTED
    assert world(3, uploader=OUTSIDER).refused(OUTSIDER, say(3))[0] is ErrorCode.NOT_FOUND


def test_message_says_something_or_has_files() -> None:
    assert say(3, body=" \u200b ").body == ""
    with pytest.raises(ProtocolError) as caught:
        say(body=" ")
    assert caught.value.code is ErrorCode.EMPTY
    with pytest.raises(ProtocolError) as caught:
        say(3, 3)
    assert caught.value.code is ErrorCode.BAD_FRAME


def told(**fields: Any) -> FinishAttachment:
    said = {"message": 70, "attachment": 3, "is_ready": True, "file_type": "image/jpeg", "size_bytes": 5,
            "width": 40, "height": 30, **fields}  # fmt: skip
    return FinishAttachment.model_validate(said)


def with_picture(**fields: Any) -> World:
    made = world(3, message_id=70, **fields)
    made.message(70, MEMBER, attachment_count=1)
    return made


def test_the_server_tells_once_what_has_become_of_a_picture() -> None:
    here = with_picture()
    (draft,) = here.decide(SYSTEM_ID, told()).drafts
    assert isinstance(draft, AttachmentReady)
    assert (draft.seq, draft.row().actor_id, draft.row().payload) == (41, None, {"attachment": 3})
    found = here.state.attachments[3]
    assert (found.state, found.type, found.bytes, found.width, found.height) == (
        "ready",
        "image/jpeg",
        5,
        40,
        30,
    )
    for again in (told(), told(is_ready=False)):
        assert here.decide(SYSTEM_ID, again).drafts == ()
    assert found.state == "ready"


def test_picture_that_failed_is_a_plain_file() -> None:
    here = with_picture()
    here.decide(SYSTEM_ID, told(is_ready=False))
    found = here.state.attachments[3]
    assert (found.state, found.type, found.width) == ("failed", "application/octet-stream", None)


def test_nothing_is_told_of_what_is_gone_or_stands_elsewhere() -> None:
    here = with_picture()
    here.decide(MEMBER, DeleteMessage(message=70))
    assert here.refused(SYSTEM_ID, told()) == HIDDEN_MESSAGE
    assert with_picture(dropped_at=NOW).refused(SYSTEM_ID, told()) == MISSING
    assert with_picture().refused(SYSTEM_ID, told(attachment=4)) == MISSING
    other = with_picture()
    other.message(71, MEMBER)
    assert other.refused(SYSTEM_ID, told(message=71)) == MISSING


def test_deleted_message_has_no_files_and_knows_that_it_had() -> None:
    here = with_picture()
    (draft,) = here.decide(MEMBER, DeleteMessage(message=70)).drafts
    assert isinstance(draft, MessageDeleted)
    assert draft.had_attachments
    assert draft.message.attachment_count == 0
