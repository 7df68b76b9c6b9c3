"""Pages of a list in an order of its own, taken up behind the row that was the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from chat.protocol.errors import ErrorCode, ProtocolError

M = TypeVar("M", bound=Model)


def page(
    whole: QuerySet[M, Any], rows: QuerySet[M, Any], keys: Sequence[str], after: int, limit: int
) -> tuple[list[M], int | None]:
    """Return a page of rows in the order of some keys, then of their ids, and the cursor of the next page.

    Who has moved in the order meanwhile may be missed, or come twice.

    Args:
        whole: the list with the keys as it may be seen, also of those that are not asked for.
        rows: those of it that are asked for.
        keys: never null; with a - before it from the highest down.
        after: the id of the last row of the page before; 0 for the first page.

    Raises:
        ProtocolError: bad_frame, for a cursor that is no row of the list.
    """
    if after and not keys:
        rows = rows.filter(pk__gt=after)
    elif after:
        names = [key.removeprefix("-") for key in keys]
        last = whole.filter(pk=after).values_list(*names, "pk").first()
        if last is None:
            raise ProtocolError(ErrorCode.BAD_FRAME, "cursor: it is not one that was given as next")
        rows = rows.filter(_behind([*keys, "pk"], last))
    found = list(rows.order_by(*keys, "pk")[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def _behind(keys: Sequence[str], last: Sequence[Any]) -> Q:
    behind, equal = Q(), Q()
    for key, value in zip(keys, last, strict=True):
        name = key.removeprefix("-")
        is_next = Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        behind |= equal & is_next
        equal &= Q(**{name: value})
    return behind
