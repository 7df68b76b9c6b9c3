"""Format the sources and repair what the linters can: `make fmt`."""

import sys
from pathlib import Path

from scripts import node, setup, steps

_RUFF = str(Path(sys.executable).with_name("ruff"))


def main() -> None:
    """Format Python and the page."""
    # The formatter has the last word, on what the linter has rewritten too.
    steps.call([_RUFF, "check", "--quiet", "--fix", "--exit-zero", "."])
    steps.call([_RUFF, "format", "--quiet", "."])
    with steps.alone():
        setup.page_tools()
    steps.call(
        [*node.npm_command(), "run", "--silent", "fmt"],
        cwd=setup.PAGE,
        env=node.environment(),
        what="npm run fmt",
    )


if __name__ == "__main__":
    main()
