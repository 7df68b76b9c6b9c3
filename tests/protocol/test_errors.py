import pytest

from chat.protocol.errors import CLOSES, ERRORS, CloseCode, ErrorCode, ProtocolError, Refused

# What clients may rely on: code -> may be repeated.
CONTRACT = {
    "bad_json": False,
    "bad_frame": False,
    "unknown_type": False,
    "bad_text": False,
    "empty": False,
    "too_long": False,
    "not_found": False,
    "forbidden": False,
    "muted": False,
    "archived": False,
    "conflict": False,
    "rate_limited": True,
    "busy": True,
    "unavailable": True,
    "draining": True,
    "unknown_outcome": True,
}
# Close code -> whether a client reconnects by itself.
CLOSE_CONTRACT = {
    1012: True, 4100: True, 4101: True, 4200: True, 4201: True, 4202: True,
    4500: False, 4501: False, 4502: False, 4503: False, 1009: False, 1002: False, 1007: False,
}  # fmt: skip


def test_the_tables_have_a_row_for_each_code() -> None:
    assert set(ERRORS) == set(ErrorCode)
    assert set(CLOSES) == set(CloseCode)


@pytest.mark.parametrize(("code", "retry"), CONTRACT.items())
def test_the_codes_of_the_contract_stand_in_the_table(code: str, retry: bool) -> None:
    assert ERRORS[ErrorCode(code)].retry is retry


@pytest.mark.parametrize(("code", "reconnect"), CLOSE_CONTRACT.items())
def test_the_close_codes_of_the_contract_stand_in_the_table(code: int, reconnect: bool) -> None:
    assert CLOSES[CloseCode(code)].reconnect is reconnect


@pytest.mark.parametrize("code", ErrorCode)
def test_a_code_that_may_be_repeated_has_a_status_that_says_so(code: ErrorCode) -> None:
    row = ERRORS[code]
    assert row.meaning.endswith(".")
    assert (row.http_status in (429, 503)) is row.retry


def test_errors_carry_what_a_reply_needs() -> None:
    error = ProtocolError(ErrorCode.EMPTY, "body holds nothing", 7)
    assert (error.code, error.detail, error.ref) == (ErrorCode.EMPTY, "body holds nothing", 7)
    refused = Refused(ErrorCode.BUSY, "wait", 30)
    assert (refused.code, refused.detail, refused.after_ms) == (ErrorCode.BUSY, "wait", 30)
    assert str(refused) == "busy: wait"
