"""What few messages have: a quote, a pin; and the earlier texts of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat.models import Message, Quote
from chat.protocol import shapes


def quotes(rows: Sequence[Message]) -> list[Quote]:
    """Return what messages quote, with its source; nothing is asked for where none does."""
    ids = [row.id for row in rows if row.quote_chars]
    if not ids:
        return []
    return list(Quote.objects.filter(message__in=ids).select_related("source__sender"))


def sources(found: Sequence[Quote]) -> list[Message]:
    """Return the messages that are quoted and still there, each once."""
    standing = {
        row.source_id: row.source for row in found if row.withdrawn_at is None and row.source is not None
    }
    return [source for source in standing.values() if source.deleted_at is None]


def quote(row: Quote, source: shapes.Message | None) -> shapes.Quote:
    """Return a quote; `source` is the message that is quoted, None where it is gone."""
    if source is None:
        return {
            "message": None, "room": None, "seq": None, "parent": None, "sender": None, "body": "",
            "html": None, "at": None, "attachments": [], "gone": True,
        }  # fmt: skip
    return {
        "message": source["id"],
        "room": source["room"],
        "seq": source["seq"],
        "parent": source["parent"],
        "sender": source["sender"],
        "body": row.body,
        "html": row.html,
        "at": source["at"],
        "attachments": source["attachments"],
        "gone": False,
    }


def add(
    found: Sequence[shapes.Message],
    rows: Sequence[Message],
    quoted: Sequence[Quote],
    known: Mapping[int, shapes.Message],
    pinned: Mapping[int, str],
) -> None:
    """Put quotes and pins into the shapes of messages; `pinned` has the times by message."""
    by_message = {row.message_id: row for row in quoted}
    for shape, row in zip(found, rows, strict=True):
        held = by_message.get(row.id)
        if held is not None:
            shape["quote"] = quote(held, known.get(held.source_id or 0))
        if row.id in pinned:
            shape["pinned"] = {"by": row.pinned_by_id, "at": pinned[row.id]}
