"""What a page says about itself: Open Graph, Twitter's tags, title and description. Pure, and linear in its size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from chat.features.previews.fetch import Answer, joined
from chat.protocol import codec, limits, text_rules
from chat.protocol.errors import ProtocolError

# A page has some dozens of them; more, and longer ones, are meant for somebody else.
_TAGS_MAX_COUNT = 400
_TAG_MAX_CHARS = 8_192
_TITLE_MAX_CHARS = 2_000
_BEGINNING = re.compile(
    r"<(?:(!--)|(meta|link|title|script|style|noscript|template|body|/head)(?=[\s/>]))", re.IGNORECASE
)
_CHARSET_IN_PAGE = re.compile(
    rb"""<meta[^>]{0,200}?charset\s{0,8}=\s{0,8}["']?\s{0,8}([a-zA-Z0-9_-]{2,32})""", re.IGNORECASE
)
# Codecs of Python that are text encodings of the web; others are compressions, or quadratic.
_CHARSET = re.compile(
    r"utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|latin-?1|windows-(?:125\d|874)|euc-(?:kr|jp)|ks_c_5601-1987|cp949|shift[-_]jis|"
    r"gb2312|gbk|gb18030|big5|koi8-[ru]|utf-16(?:le|be)?"
)
_BLANKS = re.compile(r"\s+")


@dataclass(slots=True)
class Facts:
    """What is shown of a link: cleaned text; addresses that are still to be fetched."""

    title: str = ""
    description: str = ""
    site: str = ""
    image_url: str = ""
    oembed_url: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to show."""
        return not (self.title or self.description)


def read(answer: Answer) -> Facts:
    """Read an HTML page, or as much of it as came."""
    tags = _Tags()
    for tag in _tags(_decoded(answer)):
        tags.take(tag)
    told = tags.told
    image = (
        told.get("og:image:secure_url")
        or told.get("og:image")
        or told.get("og:image:url")
        or told.get("twitter:image")
    )
    return Facts(
        title=clean(_first(told, "og:title", "twitter:title", "title"), limits.PREVIEW_TITLE_MAX_CHARS),
        description=clean(
            _first(told, "og:description", "twitter:description", "description"),
            limits.PREVIEW_DESCRIPTION_MAX_CHARS,
        ),
        site=clean(_first(told, "og:site_name", "application-name"), limits.PREVIEW_SITE_MAX_CHARS),
        image_url=_address(answer.url, image or ""),
        oembed_url=_address(answer.url, tags.oembed),
    )


def read_oembed(answer: Answer) -> Facts:
    """Read an oEmbed answer in JSON; what is wrong with it counts as not said. Its HTML is never used."""
    try:
        said = codec.decode_object(answer.body)
    except ProtocolError:
        return Facts()
    author = clean(_text(said.get("author_name")), limits.PREVIEW_DESCRIPTION_MAX_CHARS)
    return Facts(
        title=clean(_text(said.get("title")), limits.PREVIEW_TITLE_MAX_CHARS),
        description=author,
        site=clean(_text(said.get("provider_name")), limits.PREVIEW_SITE_MAX_CHARS),
        image_url=_address(answer.url, _text(said.get("thumbnail_url"))),
    )


def clean(text: str, max_chars: int) -> str:
    """Return one line without controls, direction marks and piles of marks, cut with an ellipsis."""
    # What could be more after cleaning is of no use, and lone surrogates are of none at all.
    text = text[: 8 * max_chars].encode("utf-8", "ignore").decode().replace("\0", "")
    try:
        line = text_rules.clean_line(text, "text", 8 * max_chars, may_be_empty=True)
    except ProtocolError:
        return ""
    if len(line) <= max_chars:
        return line
    return line[: max_chars - 1].rstrip() + "…"


def _first(told: dict[str, str], *names: str) -> str:
    return next((told[name] for name in names if told.get(name, "").strip()), "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _address(base: str, address: str) -> str:
    return joined(base, address) if address.strip() else ""


def _decoded(answer: Answer) -> str:
    body = answer.body
    for mark, charset in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(charset, "replace")
    charset = answer.charset
    if not charset and (found := _CHARSET_IN_PAGE.search(body, 0, 4_096)):
        charset = found[1].decode().lower()
    if not _CHARSET.fullmatch(charset):
        charset = "utf-8"
    if charset in ("euc-kr", "ks_c_5601-1987"):
        charset = "cp949"  # what pages in Korean mean by it
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _tags(text: str) -> Iterator[str]:
    """Yield the tags of the head, each from its `<` on and no longer than a tag may be; each character is seen once."""
    at = count = 0
    while count < _TAGS_MAX_COUNT and (found := _BEGINNING.search(text, at)):
        name = (found[1] or found[2]).lower()
        if name in ("body", "/head"):
            return
        at = found.end()
        if name in ("meta", "link", "title"):
            count += 1
            yield text[found.start() : found.start() + _TAG_MAX_CHARS]
            continue
        closing = "-->" if name == "!--" else f"</{name}"
        end = _find(text, closing, at)
        if end < 0:
            return
        at = end


def _find(text: str, closing: str, at: int) -> int:
    if closing == "-->":
        return text.find(closing, at)
    found = re.compile(re.escape(closing), re.IGNORECASE).search(text, at)
    return found.start() if found else -1


@dataclass(slots=True)
class _Tags:
    """What the tags of a page say; the first word of each counts."""

    told: dict[str, str] = field(default_factory=dict)
    oembed: str = ""

    def take(self, tag: str) -> None:
        """Take one tag with what follows it."""
        if tag[1:6].lower() == "title":
            self.told.setdefault("title", _title(tag))
            return
        reader = _Reader()
        with suppress(_Enough):
            reader.feed(tag)
        if reader.name == "meta":
            name = (reader.attributes.get("property") or reader.attributes.get("name") or "").strip().lower()
            content = reader.attributes.get("content") or ""
            if name and content.strip():
                self.told.setdefault(name[:64], content)
        elif reader.name == "link" and not self.oembed:
            kind = (reader.attributes.get("type") or "").strip().lower()
            if (
                kind == "application/json+oembed"
                and "alternate" in (reader.attributes.get("rel") or "").lower()
            ):
                self.oembed = reader.attributes.get("href") or ""


class _Enough(Exception):
    """The first tag is read; what stands behind it is read by itself."""


class _Reader(HTMLParser):
    """The first tag of a text. One that does not end within it is none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.name = ""
        self.attributes: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the first one."""
        self.name = tag
        for name, value in attrs:
            self.attributes.setdefault(name, value)
        raise _Enough


def _title(tag: str) -> str:
    begin = tag.find(">") + 1
    end = _find(tag, "</title", begin)
    return unescape(tag[begin : end if end >= 0 else begin + _TITLE_MAX_CHARS])
