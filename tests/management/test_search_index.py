from __future__ import annotations

from io import StringIO

from django.core.management import call_command

from chat.features.search import indexing
from chat.models import SearchEntry
from tests.cast import Cast
from tests.features.search.conftest import indexed
from tests.make import post


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("search_index", *arguments, stdout=out)
    return out.getvalue()


def test_everything_is_indexed(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "a word")
    behind = indexing.behind_count()
    assert said().startswith(f"{behind:,} changes left\n{behind:,} changes indexed in ")
    assert indexed("wor") == [message.pk]
    assert said().startswith("0 changes indexed")


def test_everything_is_indexed_anew(cast: Cast) -> None:
    message = post(cast.room, cast.alice, "a word")
    said()
    SearchEntry.objects.update(numbers=[1])
    assert indexed("wor") == []
    said("--anew")
    assert indexed("wor") == [message.pk]
