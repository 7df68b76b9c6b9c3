"""Documents with tables that are generated from the code."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

_MARKED = re.compile(r"(<!-- (\w+): generated -->\n).*?(<!-- end -->)", re.DOTALL)


class TablesCommand(BaseCommand):
    """Writes the tables between `<!-- name: generated -->` and `<!-- end -->`, or checks them with --check."""

    path: ClassVar[Path]
    tables: ClassVar[Mapping[str, Callable[[], str]]]
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --check."""
        parser.add_argument("--check", action="store_true", help="only tell whether the tables are fresh")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        """Write, or fail when something would change."""
        path = Path(settings.BASE_DIR) / self.path
        text = path.read_text(encoding="utf-8")
        fresh = _MARKED.sub(lambda match: f"{match[1]}{self.tables[match[2]]()}{match[3]}", text)
        if check and fresh != text:
            raise CommandError(
                f"{self.path} is stale: run manage.py {type(self).__module__.rpartition('.')[2]}"
            )
        if not check:
            path.write_text(fresh, encoding="utf-8")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
