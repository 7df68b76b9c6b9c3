"""What a message quotes: a message of its own room (an answer) or of another one (a forward)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from chat.actions import permissions
from chat.actions.permissions import Deed
from chat.actions.state import State
from chat.models import Quote, User, rows, statements
from chat.models.statements import Statement
from chat.protocol.errors import ErrorCode, Refused

_COLUMNS = rows.names_of(Quote)
# What author, time and place add to the texts.
_SHAPE_CHARS = 500
# What is left of a quote whose message is gone.
GONE_CHARS = 1


def of(state: State, actor: User, message_id: int) -> Quote:
    """Return what a message shows of another one that the actor may read, wherever it stands.

    What itself says nothing but what it quotes is passed on with the first author.

    Raises:
        Refused: not_found, the same for a message that is missing, deleted or hidden; empty where that is gone which it
            quotes.
    """
    source = state.sources.get(message_id)
    if source is None or source.deleted_at is not None:
        raise permissions.missing_message()
    membership = state.source_members.get((source.room_id, actor.pk))
    if permissions.answer(Deed.READ, actor, source.room, membership, state.now) is not permissions.Answer.YES:
        raise permissions.missing_message()
    said = {"source_id": source.pk, "body": source.body, "html": source.html}
    if not source.body and not source.attachment_count:
        first = state.source_quotes.get(message_id)
        if first is None or is_gone(first):
            raise Refused(ErrorCode.EMPTY, "there is nothing left of it to quote")
        said = {"source_id": first.source_id, "body": first.body, "html": first.html}
    return rows.new(Quote, said)


def is_gone(quote: Quote) -> bool:
    """Tell whether what was quoted is no longer there; its source must be loaded."""
    return quote.withdrawn_at is not None or quote.source is None or quote.source.deleted_at is not None


def chars(quote: Quote) -> int:
    """Return about how much of a page a quote takes."""
    return len(quote.body) + len(quote.html or "") + _SHAPE_CHARS


def insert(quoted: Sequence[Quote]) -> Statement:
    """Return the insertion of quotes."""
    return statements.insert(Quote, _COLUMNS, rows.values(quoted, _COLUMNS))


def empty(sources: Collection[int], at: datetime) -> set[int]:
    """Take back what was quoted of messages that go; return those of them that were quoted."""
    standing = Quote.objects.filter(source__in=sources, withdrawn_at=None)
    quoted = set(standing.values_list("source_id", flat=True))
    if quoted:
        standing.update(body="", html=None, withdrawn_at=at)
    return quoted
