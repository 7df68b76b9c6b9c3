"""Every text that the server shows is in the Korean catalogue, translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.template import Node, Template
from django.template.base import TokenType
from django.template.engine import Engine
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "chat" / "templates"
CATALOGUE = ROOT / "chat" / "locale" / "ko" / "LC_MESSAGES" / "django.po"
MARKERS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def template_texts() -> Iterator[tuple[str, str]]:
    for path in sorted(TEMPLATES.rglob("*.*")):
        name = str(path.relative_to(TEMPLATES))
        template = get_template(name).template  # type: ignore[attr-defined]
        assert isinstance(template, Template)
        for node in template.nodelist.get_nodes_by_type(Node):
            if isinstance(node, TranslateNode):
                yield name, str(node.filter_expression.var.literal)
            elif isinstance(node, BlockTranslateNode):
                yield name, _block_text(node)


def _block_text(node: BlockTranslateNode) -> str:
    parts = [
        token.contents.replace("%", "%%") if token.token_type == TokenType.TEXT else f"%({token.contents})s"
        for token in node.singular
    ]
    return "".join(parts)


def python_texts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "chat").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKERS:
                for argument in node.args[: 2 if "ngettext" in getattr(node.func, "id", "") else 1]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield path.name, argument.value


def catalogue() -> dict[str, polib.POEntry]:
    entries = {}
    for entry in polib.pofile(str(CATALOGUE)):
        entries[entry.msgid] = entry
        if entry.msgid_plural:
            entries[entry.msgid_plural] = entry
    return entries


def test_texts_are_found_in_templates_and_in_python() -> None:
    assert "Sign in" in {text for _, text in template_texts()}
    assert "Your name" in {text for _, text in python_texts()}


@pytest.mark.parametrize("texts", [template_texts, python_texts])
def test_every_text_is_translated_to_korean(texts: object) -> None:
    entries = catalogue()
    assert callable(texts)
    missing = [
        (place, text)
        for place, text in texts()
        if text not in entries or not entries[text].translated() or entries[text].fuzzy
    ]
    assert missing == []


def test_no_text_of_the_catalogue_is_unused() -> None:
    used = {text for _, text in [*template_texts(), *python_texts()]}
    assert [entry.msgid for entry in polib.pofile(str(CATALOGUE)) if entry.msgid not in used] == []


def test_translations_know_no_other_placeholders() -> None:
    for entry in polib.pofile(str(CATALOGUE)):
        translations = [entry.msgstr, *entry.msgstr_plural.values()]
        wanted = set(PLACEHOLDER.findall(entry.msgid))
        for text in filter(None, translations):
            assert set(PLACEHOLDER.findall(text)) <= wanted, entry.msgid


def test_engine_reads_our_templates_before_those_of_other_apps() -> None:
    template, _ = Engine.get_default().find_template("account/login.html")
    assert str(template.origin.name) == str(TEMPLATES / "account" / "login.html")
