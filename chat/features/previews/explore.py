"""What stands behind a link: its page, its oEmbed answer where the page says too little, its picture."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

import structlog

from chat import metrics
from chat.features.previews import fetch, page
from chat.features.previews.fetch import Answer, Failed
from chat.features.previews.page import Facts
from chat.outside.guard import Forbidden
from chat.outside.network import Network
from chat.protocol import limits

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Explored:
    """What was found: facts and the bytes of a picture; or why nothing was."""

    facts: Facts | None
    picture: bytes | None = None
    failure: str = ""


async def all_of(urls: Sequence[str], network: Network, own_names: Collection[str] = ()) -> list[Explored]:
    """Explore links at the same time, in their order. Never raises for what a link leads to."""
    return await asyncio.gather(*(one(url, network, own_names) for url in urls))


async def one(url: str, network: Network, own_names: Collection[str] = ()) -> Explored:
    """Explore a link; three requests at most, each with its own bounds."""
    ask = _Asking(network, own_names)
    answer, failure = await ask.get(url, fetch.HTML | fetch.IMAGES)
    if answer is None:
        return Explored(None, failure=failure)
    if answer.kind in fetch.IMAGES:
        # Cut off, it is no picture.
        name = unquote(urlsplit(answer.url).path).rpartition("/")[2]
        facts = Facts(title=page.clean(name, limits.PREVIEW_TITLE_MAX_CHARS))
        return Explored(facts, answer.body) if answer.is_whole else Explored(None, failure="large")
    facts = page.read(answer)
    if facts.oembed_url and not (facts.title and facts.image_url):
        more, _ = await ask.get(facts.oembed_url, fetch.JSON)
        if more is not None and more.is_whole:
            facts = _joined(facts, page.read_oembed(more))
    if facts.is_empty:
        return Explored(None, failure="empty")
    if not facts.site:
        facts = replace(
            facts, site=page.clean(urlsplit(answer.url).hostname or "", limits.PREVIEW_SITE_MAX_CHARS)
        )
    image, _ = await ask.get(facts.image_url, fetch.IMAGES) if facts.image_url else (None, "")
    return Explored(facts, image.body if image is not None and image.is_whole else None)


def _joined(facts: Facts, more: Facts) -> Facts:
    return replace(
        facts,
        title=facts.title or more.title,
        description=facts.description or more.description,
        site=facts.site or more.site,
        image_url=facts.image_url or more.image_url,
    )


class _Asking:
    """Requests for one link, counted."""

    def __init__(self, network: Network, own_names: Collection[str]) -> None:
        self._network = network
        self._own_names = own_names

    async def get(self, url: str, kinds: Collection[str]) -> tuple[Answer | None, str]:
        """Return the answer, or why there is none."""
        try:
            answer = await fetch.get(url, kinds, self._network, self._own_names)
        except Forbidden as refused:
            metrics.PREVIEWS_REFUSED.labels(refused.reason).inc()
            # The address is what somebody wrote in a room: it is nothing for a log.
            _log.info("previews.refused", reason=refused.reason)
            return None, refused.reason
        except Failed as failed:
            metrics.PREVIEWS_FAILED.labels(failed.reason).inc()
            _log.info("previews.failed", reason=failed.reason)
            return None, failed.reason
        metrics.PREVIEWS_FETCHED.inc()
        return answer, ""
