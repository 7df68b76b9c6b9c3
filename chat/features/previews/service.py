"""From a message to its previews: what is remembered, what has to be fetched, what is attached."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, ProtectedError
from django.utils import timezone

from chat import conf, metrics
from chat.actions.state import SYSTEM_ID
from chat.features.previews import explore
from chat.features.previews.explore import Explored
from chat.models import Change, Link, Message, Preview, PreviewImage
from chat.outside import guard
from chat.outside.network import Internet, Network
from chat.pictures import anew
from chat.pipeline import runner
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.errors import ERRORS, Refused
from chat.protocol.system import AttachPreviews, FoundLink
from chat.text import links

_log = structlog.get_logger(__name__)

ATTACH = "chat.previews.attach"
TIDY = "chat.previews.tidy"
# A page changes its picture and its words now and then; a server that was away comes back sooner.
KEEP = timedelta(hours=24)
KEEP_FAILURE = timedelta(minutes=15)
LINKS_MAX_COUNT = 10_000
# Between storing a picture and pointing at it lies less.
_UNUSED_FOR = timedelta(hours=1)
_TIDY_COUNT = 500

# What tests replace by a network of their own.
network: Network = Internet()


def attach(room: int, seq: int) -> None:
    """Attach what stands behind the links of the message that a change is about, if it still stands there.

    May run twice. Raises what the outbox tries again for: the database, a write path that is busy.
    """
    message = _message(room, seq)
    if message is None:
        return
    known = set(Preview.objects.filter(message=message).values_list("url", flat=True))
    asked = links.found(message.body, limits.PREVIEWS_PER_MESSAGE_MAX_COUNT)
    wanted = [url for url in asked if url not in known]
    found = {link.url: link for link in [*_remembered(wanted), *_explored_anew(wanted)] if not link.failure}
    if not found:
        return
    # In the order in which they stand in the text.
    said = [_said(found[url]) for url in wanted if url in found]
    try:
        run(SYSTEM_ID, AttachPreviews(message=message.pk, edited_at=message.edited_at, found=said))
    except Refused as refused:
        # It was deleted, edited, archived meanwhile: an edit has follow-up work of its own.
        _log.info("previews.not_attached", code=refused.code.value)
        if ERRORS[refused.code].retry:
            raise


def tidy(now: datetime | None = None) -> int:
    """Forget links that have expired and delete pictures that nobody points at; return how many pictures."""
    now = now or timezone.now()
    Link.objects.filter(expires_at__lt=now).delete()
    used = [Exists(kind._default_manager.filter(image=OuterRef("pk"))) for kind in (Link, Preview)]
    unused = PreviewImage.objects.filter(~used[0], ~used[1], at__lt=now - _UNUSED_FOR)
    count = 0
    for picture in unused.order_by("pk")[:_TIDY_COUNT]:
        try:
            picture.delete()
        except ProtectedError:
            continue  # a message has just got it
        default_storage.delete(picture.file)
        count += 1
    return count


def _message(room: int, seq: int) -> Message | None:
    """Return the message of a change, unless there is nothing to do for it."""
    if not conf.get().LINK_PREVIEWS:
        return None
    change = Change.objects.filter(room=room, seq=seq).select_related("message__room").first()
    message = change.message if change is not None else None
    if message is None or message.deleted_at is not None or not message.room.previews:
        return None
    is_closed = message.room.deleted_at is not None or message.room.archived_at is not None
    return None if is_closed else message


def _remembered(urls: Sequence[str]) -> list[Link]:
    fresh = Link.objects.filter(digest__in=map(_digest, urls), expires_at__gt=timezone.now())
    return list(fresh)


def _explored_anew(urls: Sequence[str]) -> list[Link]:
    """Fetch what is not remembered, all at the same time, and remember it."""
    remembered = {link.url for link in _remembered(urls)}
    missing = [url for url in urls if url not in remembered]
    if not missing:
        return []
    explored = runner.run(explore.all_of(missing, network, guard.names_of(conf.get().ALLOWED_ORIGINS)))
    found = [_remember(url, one) for url, one in zip(missing, explored, strict=True)]
    _forget_oldest()
    return found


def _remember(url: str, found: Explored) -> Link:
    facts, picture = found.facts, None
    if found.picture is not None:
        picture = _stored(found.picture)
        if picture is None:
            metrics.PREVIEWS_FAILED.labels("image").inc()
    failure = found.failure or ("" if picture is not None or (facts and facts.site) else "empty")
    values = {
        "url": url,
        "title": facts.title if facts else "",
        "description": facts.description if facts else "",
        "site": facts.site if facts else "",
        "image": picture,
        "failure": failure,
        "expires_at": timezone.now() + (KEEP_FAILURE if failure else KEEP),
    }
    return Link.objects.update_or_create(digest=_digest(url), defaults=values)[0]


def _stored(body: bytes) -> PreviewImage | None:
    """Make a picture anew and put it into the storage, under a name that says nothing."""
    made = anew.made_anew(body)
    if made is None:
        return None
    name = default_storage.save(f"previews/{uuid.uuid4().hex}.webp", ContentFile(made.body))
    return PreviewImage.objects.create(file=name, width=made.width, height=made.height)


def _forget_oldest() -> None:
    count = Link.objects.count() - LINKS_MAX_COUNT
    if count > 0:
        oldest = Link.objects.order_by("expires_at").values_list("pk", flat=True)[:count]
        Link.objects.filter(pk__in=list(oldest)).delete()


def _said(link: Link) -> FoundLink:
    return FoundLink(
        url=link.url, title=link.title, description=link.description, site=link.site, image=link.image_id
    )


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
