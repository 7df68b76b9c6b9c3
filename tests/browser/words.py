"""The words of the page, read from its catalogues, so that a story can be told in either language."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from scripts.services.process import ROOT


@cache
def _catalogue(language: str) -> dict[str, Any]:
    text = (ROOT / "static" / "src" / "text" / f"{language}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def word(language: str, key: str, **values: object) -> str:
    """Return a text as the page shows it."""
    text = _catalogue(language)[key]
    if isinstance(text, dict):
        text = text["one" if values["n"] == 1 and "one" in text else "other"]
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), text)
