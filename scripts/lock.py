"""Write the locked requirement files anew from the *.in files, and the locks of the page and of the bench's peers."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import node

ROOT = Path(__file__).resolve().parents[1]
# In this order: the second is held to the versions of the first.
_NAMES = ("requirements", "requirements-dev", "requirements-uv", "requirements-node", "bench/requirements")
_NODE_FOLDERS = ("static", "bench/peers/node")


def main() -> None:
    """Lock all; `--upgrade` takes newer versions where the *.in files allow them."""
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    for name in _NAMES:
        command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--system-certs"]
        # For every platform and for every Python from 3.11 on, not only for this machine.
        command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", *upgrade]
        subprocess.run([*command, f"{name}.in", "-o", f"{name}.txt"], cwd=ROOT, check=True)
        print(f"{name}.txt")
    node.ensure()
    for folder in _NODE_FOLDERS:
        _lock_node(ROOT / folder, is_upgrade=bool(upgrade))
        print(f"{folder}/package-lock.json")


def _lock_node(home: Path, *, is_upgrade: bool) -> None:
    # In a folder without node_modules: beside one, npm writes down only what this platform has installed.
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", ".npmrc", *([] if is_upgrade else ["package-lock.json"])):
            if (home / name).exists():
                shutil.copy(home / name, folder)
        command = [*node.npm_command(), "install", "--package-lock-only", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, env=node.environment(), check=True)
        shutil.copy(Path(folder) / "package-lock.json", home)


if __name__ == "__main__":
    main()
