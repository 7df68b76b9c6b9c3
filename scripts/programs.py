"""What comes neither from PyPI nor from npm: nginx, Chromium, libfaketime for clocks, typefaces for pictures."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts import steps

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_HEADLESS_SHELL = "chromium-headless-shell"
_LIBRARIES = ("usr/lib/*/faketime", "usr/lib*/faketime", "usr/local/lib/faketime")
_FONTS = {
    "fonts-noto-core": "NotoSans-Regular.*",
    "fonts-noto-cjk": "NotoSansCJK-Regular.*",
    "fonts-noto-color-emoji": "NotoColorEmoji.*",
}
# Asked by Debian's packages before they start what they bring.
_POLICY = Path("/usr/sbin/policy-rc.d")
# Debian puts nginx where only root's PATH looks.
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def find_nginx() -> str | None:
    """Return the path of nginx, if there is one."""
    return shutil.which("nginx", path=_PATH)


def find_chromium() -> str | None:
    """Return the path of a Chromium, if there is one; CHROMIUM names another."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((found for name in _CHROMIUM if (found := shutil.which(name, path=_PATH))), None)


def find_headless_shell() -> str | None:
    """Return the path of the Chromium without a desktop, where there is one, else of a whole one.

    It draws the same pages for two thirds of the time, but can neither notify nor record.
    """
    if os.environ.get("CHROMIUM"):
        return find_chromium()
    return shutil.which(_HEADLESS_SHELL, path=_PATH) or find_chromium()


def find_faketime() -> Path | None:
    """Return the path of libfaketime's variant for programs with threads, if it is there."""
    found = (path for folder in _LIBRARIES for path in sorted(Path("/").glob(f"{folder}/libfaketimeMT.so.1")))
    return next(found, None)


def missing_fonts() -> list[str]:
    """Return the packages of typefaces without which words or emoji of a picture would be boxes."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    return [
        name
        for name, file in _FONTS.items()
        if not any(found for folder in folders for found in folder.rglob(file))
    ]


def require(
    *, nginx: bool = False, chromium: bool = False, faketime: bool = False, fonts: bool = False
) -> None:
    """Install what is missing with apt when we are root; else end with one line that says what to install."""
    missing = []
    if nginx and find_nginx() is None:
        missing.append("nginx")
    if chromium and find_chromium() is None:
        missing.append("chromium")
    if faketime and find_faketime() is None:
        missing.append("faketime")
    if fonts:
        missing += missing_fonts()
    can_install = shutil.which("apt-get") is not None and os.geteuid() == 0
    names = " ".join(missing)
    if missing and not can_install:
        sys.exit(
            f"maru: {' and '.join(missing)} not found; install it first (Debian: sudo apt install {names})"
        )
    if missing:
        steps.say(f"apt: {names} …")
        problem = _install(*missing)
        if problem is not None:
            print(problem, file=sys.stderr)
            raise steps.StepFailed(f"apt-get install {names} failed (what it said stands above)")
    is_named = bool(os.environ.get("CHROMIUM"))
    if chromium and can_install and not is_named and find_headless_shell() == find_chromium():
        # Only Debian has it, and it only saves time: whoever cannot have it goes on without.
        _install(_HEADLESS_SHELL)


def _install(*packages: str) -> str | None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    # Debian would start its nginx as a service on port 80.
    quiet = [
        "-o",
        "DPkg::Options::=--force-confold",
        "-o",
        "Dpkg::Use-Pty=0",
        "-qq",
        "-y",
        "--no-install-recommends",
    ]
    with _no_service_starts():
        return steps.attempt(["apt-get", "update", "-qq"], env=env) or steps.attempt(
            ["apt-get", "install", *quiet, *packages], env=env
        )


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    is_ours = not _POLICY.exists()
    if is_ours:
        _POLICY.write_text("#!/bin/sh\nexit 101\n")
        _POLICY.chmod(0o755)
    try:
        yield
    finally:
        if is_ours:
            _POLICY.unlink()
