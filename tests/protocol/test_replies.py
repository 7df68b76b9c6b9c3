import pytest

from chat.protocol import replies
from chat.protocol.errors import ERRORS, ErrorCode


def test_an_accepted_reply_has_the_ref_and_the_result() -> None:
    expected = {"type": "reply", "ref": 7, "ok": True, "result": {"seq": 3}}
    assert replies.accepted(7, {"seq": 3}) == expected


def test_a_refused_reply_has_the_ref_and_the_error() -> None:
    reply = replies.refused("a", ErrorCode.NOT_FOUND, "no such room")
    assert reply == {
        "type": "reply",
        "ref": "a",
        "ok": False,
        "error": {"code": "not_found", "detail": "no such room", "retry": False},
    }


@pytest.mark.parametrize("code", ErrorCode)
def test_only_what_may_be_repeated_says_when(code: ErrorCode) -> None:
    error = replies.error(code, "why", 20)
    assert error["retry"] is ERRORS[code].retry
    assert ("after_ms" in error) is error["retry"]


def test_a_given_wait_is_kept_and_a_missing_one_is_a_second() -> None:
    assert replies.error(ErrorCode.RATE_LIMITED, "slow down", 0)["after_ms"] == 0
    assert replies.error(ErrorCode.BUSY, "slow down")["after_ms"] == 1_000
