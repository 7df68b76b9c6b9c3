"""Measure Maru and its peers side by side on this machine: `make bench`, described in bench/README.md."""

import os
import sys

from scripts import steps
from scripts.services.process import die_with_parent

# A person's own settings must not decide over the figures.
_OURS = ("DATABASE_URL", "REDIS_URL", "CELERY_REDIS_URL", "SECRET_KEY", "VAR_DIR", "PORT", "HOST", "DEBUG")


def main() -> None:
    """Hand over to the bench, in an environment without the settings of an installation."""
    steps.end_on_sigterm()
    die_with_parent()
    for name in (*_OURS, "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(name, None)
    from bench.__main__ import main as measure

    measure()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
