"""Tell rooms that what was quoted in them is gone."""

from __future__ import annotations

import structlog

from chat.actions.quotes import GONE_CHARS
from chat.actions.state import SYSTEM_ID
from chat.models import Change, Quote
from chat.pipeline.run import run
from chat.protocol.changes import ChangeKind
from chat.protocol.errors import ERRORS, Refused
from chat.protocol.system import WithdrawQuote

_log = structlog.get_logger(__name__)

WITHDRAW = "chat.quotes.withdraw"
_PORTION_COUNT = 200


def withdraw(room: int, seq: int) -> None:
    """Tell the rooms in which messages were quoted that a change has let go. May run twice.

    Raises what the outbox tries again for: the database, a write path that is busy.
    """
    change = Change.objects.filter(room=room, seq=seq).first()
    if change is None:
        return
    if change.kind == ChangeKind.MESSAGE_EXPIRED.value:
        gone = Quote.objects.filter(source=None, withdrawn_at=change.at)
    else:
        gone = Quote.objects.filter(source=change.message_id).exclude(withdrawn_at=None)
    untold = gone.filter(message__quote_chars__gt=GONE_CHARS).order_by("message")
    after = 0
    # In the order of their ids, and each once: what cannot be told does not hold up the others.
    while found := list(untold.filter(message__gt=after).values_list("message", flat=True)[:_PORTION_COUNT]):
        after = found[-1]
        for message in found:
            _tell(message)


def _tell(message: int) -> None:
    try:
        run(SYSTEM_ID, WithdrawQuote(message=message))
    except Refused as refused:
        if ERRORS[refused.code].retry:
            raise
        _log.info("quotes.not_told", code=refused.code.value)
