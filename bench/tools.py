"""What a run needs beside the development packages: the load generator, the peers on Node, the plotter.

All of it is built into var/bench; nothing is put into .venv.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from scripts import node, steps

ROOT = steps.ROOT
HOME = ROOT / "var" / "bench"
WSLOAD = HOME / "wsload"
NODE_MODULES = HOME / "node" / "node_modules"
PLOTS = ROOT / "bench" / "plots"
PLOTTER = HOME / "venv" / "bin" / "python"
_NODE = ROOT / "bench" / "peers" / "node"
_PLOT_REQUIREMENTS = ROOT / "bench" / "requirements.txt"


def build(*, for_node: bool) -> None:
    """Build what is not built yet."""
    HOME.mkdir(parents=True, exist_ok=True)
    _once("load generator", steps.digest([ROOT / "bench" / "wsload.c"]), WSLOAD, _generator)
    if for_node:
        node.ensure()
        _once("peers on Node", steps.digest([_NODE], node.version()), NODE_MODULES, _node_packages)


def plotter() -> Path:
    """Return a Python that can draw, made the first time."""
    key = steps.digest([_PLOT_REQUIREMENTS], sys.version)
    _once("plotter", key, PLOTTER, _plotter)
    return PLOTTER


def _generator() -> None:
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if compiler is None:
        raise steps.StepFailed(
            "there is no C compiler for the load generator (Debian: apt install gcc libc6-dev)"
        )
    steps.call([compiler, "-O2", "-Wall", "-o", str(WSLOAD), "bench/wsload.c"], what="the load generator")


def _node_packages() -> None:
    folder = NODE_MODULES.parent
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(_NODE / name, folder)
    command = [*node.npm_command(), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    steps.call(command, cwd=folder, env=node.environment(), what="npm ci")


def _plotter() -> None:
    venv = PLOTTER.parents[1]
    steps.call([sys.executable, "-m", "venv", "--clear", str(venv)], what="the plotter's environment")
    files = ["--require-hashes", "-r", str(_PLOT_REQUIREMENTS)]
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--quiet", "--system-certs", "--python", str(PLOTTER), *files]
    if not uv.exists() or steps.attempt(command) is not None:
        steps.call([str(PLOTTER), "-m", "pip", "install", "--quiet", *files], what="pip")


def _once(name: str, key: str, made: Path, action: Callable[[], None]) -> None:
    stamp = HOME / f".{name.replace(' ', '-')}"
    if stamp.is_file() and stamp.read_text() == key and made.exists():
        return
    steps.say(f"{name} …")
    stamp.unlink(missing_ok=True)
    action()
    stamp.write_text(key)
