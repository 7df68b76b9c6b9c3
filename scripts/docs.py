"""Check that every link between our own documents, and every file they show, is there."""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

from scripts import steps

_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+\s+(.+?)\s*#*$", re.MULTILINE)
_OUTSIDE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def documents() -> list[Path]:
    """List our Markdown files."""
    top = list(steps.ROOT.glob("*.md"))
    return sorted([*top, *steps.ROOT.glob("docs/**/*.md"), *steps.ROOT.glob("bench/**/*.md")])


def problems(document: Path) -> list[str]:
    """Name the links of a document that lead nowhere."""
    found = []
    for link in _LINK.findall(_FENCE.sub("", document.read_text(encoding="utf-8"))):
        if _OUTSIDE.match(link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists():
            found.append(f"{document.relative_to(steps.ROOT)}: no file {link}")
        elif anchor and target.suffix == ".md" and anchor not in _anchors(target):
            found.append(f"{document.relative_to(steps.ROOT)}: no heading {link}")
    return found


def main() -> None:
    """Check all."""
    files = documents()
    found = [problem for file in files for problem in problems(file)]
    print("\n".join([*found, f"{len(files)} documents, {len(found)} dead links"]))
    sys.exit(1 if found else 0)


def _anchors(document: Path) -> set[str]:
    text = _FENCE.sub("", document.read_text(encoding="utf-8"))
    # As GitHub makes them: lower case, punctuation out, blanks to hyphens, repeats numbered.
    anchors: set[str] = set()
    for heading in _HEADING.findall(text):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"[*`]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)).lower()
        anchor, number = words.replace(" ", "-"), 0
        while (name := f"{anchor}-{number}" if number else anchor) in anchors:
            number += 1
        anchors.add(name)
    return anchors


if __name__ == "__main__":
    main()
