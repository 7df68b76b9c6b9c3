"""From a bare Python to a running module of ours: makes .venv, installs the packages, hands over.

    python3 scripts/bootstrap.py [--dev] MODULE [ARGUMENT …]

`--dev` also installs what tests and checks need. Standard library only.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this very file is what says so to an older Python
    sys.exit("maru: needs Python 3.11 or newer, this is " + sys.version.split()[0])

from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts import steps

PYTHON = steps.VENV / "bin" / "python"
UV = steps.VENV / "bin" / "uv"


def main() -> None:
    """Set up, then become the asked-for module."""
    arguments = sys.argv[1:]
    is_dev = arguments[:1] == ["--dev"]
    module, *rest = arguments[1:] if is_dev else arguments
    steps.end_on_sigterm()
    with steps.alone():
        environment()
        packages(["requirements.txt", *(["requirements-dev.txt"] if is_dev else [])])
    os.chdir(steps.ROOT)
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), "-m", module, *rest])


def environment() -> None:
    """Make the virtual environment."""
    key = steps.digest([], sys.version, str(steps.VENV))

    def make() -> None:
        problem = steps.attempt([sys.executable, "-m", "venv", "--clear", str(steps.VENV)])
        if problem is not None:
            print(problem, file=sys.stderr)
            raise steps.StepFailed(
                "this Python cannot make a virtual environment (Debian: apt install python3-venv)"
            )

    steps.step("python environment", key, make, made=[PYTHON])


def packages(names: list[str], *, name: str = "python packages") -> None:
    """Install locked packages, each file apart, in one go; every file is checked against its hashes."""
    keys = {file: steps.digest([steps.ROOT / file], sys.version) for file in names}
    wanted = [file for file in names if not _is_installed(file, keys[file])]
    if not wanted:
        return

    def install() -> None:
        files = [argument for file in wanted for argument in ("-r", file)]
        problem = _with_uv(files)
        if problem is None:
            return
        # uv reads neither pip's configuration nor its proxies; where that matters pip itself may still work.
        steps.say("uv did not work here, trying pip (slower) …")
        steps.call([str(PYTHON), "-m", "pip", *_QUIET, "install", "--require-hashes", *files], what="pip")

    steps.step(name, steps.digest([], *keys.values(), *wanted), install)
    for file in wanted:
        (steps.STAMPS / file).write_text(keys[file])


_QUIET = ("--quiet", "--disable-pip-version-check", "--no-input")


def _is_installed(file: str, key: str) -> bool:
    stamp = steps.STAMPS / file
    return stamp.is_file() and stamp.read_text() == key


def _with_uv(files: list[str]) -> str | None:
    env = dict(os.environ)
    if not env.get("HOME"):
        env["UV_CACHE_DIR"] = str(steps.ROOT / "var" / "cache" / "uv")
    problem = None
    if not UV.exists():
        pip = [str(PYTHON), "-m", "pip", *_QUIET]
        problem = steps.attempt([*pip, "install", "--require-hashes", "-r", "requirements-uv.txt"])
    install = [str(UV), "pip", "install", "--quiet", "--system-certs", "--python", str(PYTHON)]
    return problem or steps.attempt([*install, "--require-hashes", "--compile-bytecode", *files], env=env)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
