"""Catalogues of the server's texts: compiled without gettext, extracted with it (`make messages`)."""

import shutil
import subprocess
import sys
from pathlib import Path

import polib

from scripts import steps

_LOCALES = steps.ROOT / "chat" / "locale"


def sources() -> list[Path]:
    """List the .po files."""
    return sorted(_LOCALES.glob("*/LC_MESSAGES/*.po"))


def compile_all() -> None:
    """Write each .po file's .mo file beside it; texts that are marked fuzzy stay out."""
    for source in sources():
        polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))


def main() -> None:
    """Collect the texts from the sources into the .po files, then compile them."""
    if shutil.which("xgettext") is None:
        sys.exit("maru: `make messages` needs xgettext (Debian: apt install gettext); `make run` does not")
    # Inside the app, so that the references in the catalogue do not name this machine's folders.
    command = [
        sys.executable,
        "../manage.py",
        "makemessages",
        "--locale",
        "ko",
        "--no-location",
        "--no-obsolete",
    ]
    subprocess.run(command, cwd=steps.ROOT / "chat", check=True)
    compile_all()


if __name__ == "__main__":
    main()
