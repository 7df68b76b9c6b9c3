"""Markdown to HTML that is safe to put into the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.tasklists import tasklists_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from chat.text import calls, emoji, maths, spoilers
from chat.text.mentions import AT, resolve

# Without any of these a text renders as itself, and most chat messages have none.
_MARKUP = re.compile(
    r"[*_`~|\[\\<@#>$]|:[+\w-]+:|^[^\S\n]*(?:[-+]|\d+[.)])\s|^[^\S\n]*(?:-{3,}|={3,})|\w[.:]/?/?\w|^ {4}|^\t",
    re.MULTILINE,
)
# Of those that have some, most are one printable line in which it means nothing: "10:30", "v1.2", "a > b", "#3".
# What could be emphasis, code, a link, an address, an entity, a table, or begins like a block is not among them.
_MEANS_SOMETHING = re.compile(
    r"[*_`~|\[\]\\<@&$]|:[+\w-]+:|^[#>+=-]|^\d{1,9}[.)]|//|(?:https?|ftp|mailto):|\.[^\W\d_]{2}|  | $|^ ",
    re.IGNORECASE,
)
_HIGHLIGHT_MAX_CHARS = 4_000
_ADDRESS = re.compile(r"https?://|mailto:", re.IGNORECASE)
_ADDRESS_MAX_CHARS = 2_000
_TAGS = {
    "p", "br", "strong", "em", "s", "a", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "span", "div",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "input",
    *maths.ELEMENTS,
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title", "class", "target"},
    "span": {"class", "data-user", "data-call", "data-emoji"},
    "code": {"class"},
    "div": {"class"},
    "ol": {"start"},
    "th": {"class"},
    "td": {"class"},
    "li": {"class"},
    "ul": {"class"},
    "input": {"type", "checked", "disabled", "class"},
    **{name: set(maths.ATTRIBUTES) for name in maths.ELEMENTS},
    "math": {*maths.ATTRIBUTES, "alttext"},
}
_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True, classprefix="tok-")


def render(body: str, handles: Mapping[str, int | str]) -> str | None:
    """Return sanitized HTML, or None when the text is plain.

    Args:
        handles: user ids by handle, and what @words call many by (calls.py); other @words stay text.
    """
    if not _MARKUP.search(body) or (body.isprintable() and not _MEANS_SOMETHING.search(body)):
        return None
    return _whole(body, handles)


def without_calls(body: str, html: str, refused: Collection[str]) -> str | None:
    """Return what `render` has made of a text with some of its calls as plain words."""
    left = calls.without(html, refused)
    return None if left == _plain(body) else left


def parsed(body: str) -> list[Token]:
    """Return what the parser makes of a text."""
    return _MARKDOWN.parse(body, {})


def _whole(body: str, handles: Mapping[str, int | str]) -> str | None:
    """Render with all that Markdown has."""
    html = _sanitize(_MARKDOWN.render(body, {"handles": handles})).strip()
    return None if html == _plain(body) else html


def _plain(body: str) -> str:
    return f"<p>{escape(body, quote=False)}</p>".replace("\n", "<br>\n")


def _sanitize(html: str) -> str:
    # The parser makes no raw HTML already; this is the second lock on the same door.
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _keep(_tag: str, name: str, value: str) -> str | None:
    # An empty destination leads to this very page.
    return None if name == "href" and not _is_address(value) else value


def _highlight(code: str, language: str, _attributes: str) -> str:
    if not language or len(code) > _HIGHLIGHT_MAX_CHARS:
        return ""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, _FORMATTER))


def _is_address(url: str) -> bool:
    return len(url) <= _ADDRESS_MAX_CHARS and _ADDRESS.match(url) is not None


def _as_typed(link: str) -> str:
    return link


def _link_open(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[index].attrSet("target", "_blank")
    return self.renderToken(tokens, index, options, env)


def _mention(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    who = token.meta["who"]
    name = "data-user" if isinstance(who, int) else "data-call"
    return f'<span class="mention" {name}="{who}">{escape(token.content)}</span>'


def _emoji(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    return f'<span class="emoji" data-emoji="{escape(token.meta["name"])}">{escape(token.content)}</span>'


def _math(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return str(tokens[index].meta["html"])


def _cell_open(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    # Styles do not pass the sanitizer; of them there is one here.
    style = tokens[index].attrs.pop("style", "")
    if style:
        tokens[index].attrSet("class", str(style).replace("text-align:", "align-"))
    return self.renderToken(tokens, index, options, env)


def _mark_emoji(state: StateCore) -> None:
    """Put the emoji in the place of their names, and mark the other names: they may be the workspace's own.

    Whether they are is looked up by who shows them: what is made or taken away later shows in older texts too.
    """

    def split(text: str, _is_quoted: bool) -> list[Token]:
        found: list[Token] = []
        at = 0
        for match in emoji.NAMED.finditer(text):
            name = match.group(1).casefold()
            char = emoji.of(name)
            found.append(Token("text", "", 0, content=text[at : match.start()] + (char or "")))
            if char is None:
                found.append(Token("emoji", "", 0, content=match.group(), meta={"name": name}))
            at = match.end()
        return [*found, Token("text", "", 0, content=text[at:])] if found else []

    _split_texts(state, ":", split)


def _mark_mentions(state: StateCore) -> None:
    """Split the text tokens outside of links at each known @handle; what is quoted calls nobody again."""
    handles: Mapping[str, int | str] = state.env.get("handles", {})

    def split(text: str, is_quoted: bool) -> list[Token]:
        result: list[Token] = []
        at = 0
        for match in AT.finditer(text):
            found = resolve(match.group(1), handles)
            if found is None or (is_quoted and isinstance(found[1], str)):
                continue
            end = match.start(1) + len(found[0])
            result += [
                Token("text", "", 0, content=text[at : match.start()]),
                Token("mention", "", 0, content=text[match.start() : end], meta={"who": found[1]}),
            ]
            at = end
        return [*result, Token("text", "", 0, content=text[at:])] if result else []

    if handles:
        _split_texts(state, "@", split)


def _split_texts(state: StateCore, sign: str, split: Callable[[str, bool], list[Token]]) -> None:
    """Put the tokens that `split` makes of a text outside of links in its place; of nothing it makes none.

    `split` is also told whether the text is quoted.
    """
    quote_depth = 0
    for block in state.tokens:
        quote_depth += {"blockquote_open": 1, "blockquote_close": -1}.get(block.type, 0)
        if block.type != "inline" or not block.children or sign not in block.content:
            continue
        result: list[Token] = []
        link_depth = 0
        for token in block.children:
            link_depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            is_text = token.type == "text" and not link_depth and sign in token.content
            result += (split(token.content, quote_depth > 0) if is_text else []) or [token]
        block.children = result


def _make() -> MarkdownIt:
    options: dict[str, Any] = {
        "html": False, "linkify": True, "breaks": True, "typographer": False, "maxNesting": 20,
        "highlight": _highlight,
    }  # fmt: skip
    markdown = MarkdownIt("commonmark", options).enable(["table", "strikethrough", "linkify"])
    # Images would be fetched from foreign hosts by every reader; a link to them says the same.
    # Indented text is pasted logs and prose far more often than it is meant as code.
    markdown.disable(["image", "html_block", "html_inline", "code", "reference"])
    # An address shows as it was typed: decoded, xn--80ak6aa92e.com reads like a well-known name.
    markdown.normalizeLinkText = _as_typed  # type: ignore[method-assign]
    # Only whole addresses: a relative one would lead into this very application under a foreign name.
    markdown.validateLink = _is_address  # type: ignore[method-assign]
    markdown.use(tasklists_plugin)
    if markdown.linkify is not None:
        markdown.linkify.set({"fuzzy_email": False, "fuzzy_ip": False})
    markdown.inline.add_terminator_char("|")
    markdown.inline.ruler.before("emphasis", "math", maths.rule)
    markdown.inline.ruler.before("emphasis", "spoiler", spoilers.rule)
    markdown.inline.ruler2.before("emphasis", "spoiler", spoilers.pair)
    markdown.core.ruler.push("mentions", _mark_mentions)
    markdown.core.ruler.push("emoji", _mark_emoji)
    markdown.add_render_rule("link_open", _link_open)
    markdown.add_render_rule("mention", _mention)
    markdown.add_render_rule("emoji", _emoji)
    markdown.add_render_rule("math", _math)
    markdown.add_render_rule("th_open", _cell_open)
    markdown.add_render_rule("td_open", _cell_open)
    return markdown


_MARKDOWN = _make()
