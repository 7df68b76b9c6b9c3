"""Run the checks and the tests in stages; the first stage that fails ends it: `make check`, `make test`."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts import node, programs, setup, steps
from scripts.services import Postgres
from scripts.services.process import Process, die_with_parent

_BIN = Path(sys.executable).parent
_PYTEST = [sys.executable, "-m", "pytest", "-q"]
# Two processes: more would only wait for the same processors and the same disk.
_TWO = ["-n", "2", "--dist", "loadfile"]
_REAL = ("flows", "hostile", "browser", "faults")
# What touches the database, and so must hold on both.
_ON_BOTH = (
    "models",
    "actions",
    "queries",
    "pipeline",
    "features",
    "live",
    "gateway",
    "api",
    "pages",
    "management",
    "laws",
    "matrix",
)


@dataclass(frozen=True)
class Stage:
    """One thing that can fail, and what it runs."""

    name: str
    command: list[str]
    cwd: Path = steps.ROOT
    env: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] | None = None


def check_stages() -> list[Stage]:
    """List what needs no other program and little time."""
    return [
        Stage("format", [str(_BIN / "ruff"), "format", "--check", "--quiet", "."]),
        Stage("lint", [str(_BIN / "ruff"), "check", "--quiet", "."]),
        Stage("types", [str(_BIN / "mypy")]),
        Stage("floors", [str(_BIN / "lint-imports")]),
        Stage("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
        Stage("docs", [sys.executable, "-m", "scripts.docs"]),
        Stage(
            "page", [*node.npm_command(), "run", "--silent", "check"], cwd=setup.PAGE, env=node.environment()
        ),
    ]


def fast_stage() -> Stage:
    """List the tests that run in seconds."""
    ignored = [f"--ignore=tests/{name}" for name in _REAL]
    return Stage("fast tests", [*_PYTEST, *_TWO, "-m", "not slow", *ignored, "tests"])


def test_stages(postgres_url: str) -> list[Stage]:
    """List everything else."""
    ignored = [f"--ignore=tests/{name}" for name in _REAL]
    missing = [
        name for name in (*_ON_BOTH, *_REAL[:3]) if not any((steps.ROOT / "tests" / name).rglob("test_*.py"))
    ]
    if missing:
        # pytest -n would only say that no tests ran.
        raise steps.StepFailed(f"there are no tests in {', '.join(f'tests/{name}' for name in missing)}")
    on_postgres = {"DATABASE_URL": postgres_url, "SECRET_KEY": "only-for-tests-" + "0" * 40}
    stages = [
        Stage(
            "page tests", [*node.npm_command(), "test", "--silent"], cwd=setup.PAGE, env=node.environment()
        ),
        Stage("tests on SQLite", [*_PYTEST, *_TWO, *ignored, "tests"]),
        Stage(
            "tests on PostgreSQL",
            [*_PYTEST, *_TWO, "--reuse-db", *(f"tests/{name}" for name in _ON_BOTH)],
            env=on_postgres,
        ),
        Stage("flows", [*_PYTEST, "tests/flows"], before=lambda: programs.require(nginx=True)),
        Stage("hostile", [*_PYTEST, "tests/hostile"]),
        Stage(
            "browser",
            [*_PYTEST, *_TWO, "tests/browser"],
            before=lambda: programs.require(nginx=True, chromium=True),
        ),
    ]
    if (steps.ROOT / "tests" / "faults").is_dir():
        stages.append(Stage("faults", [*_PYTEST, "tests/faults"]))
    return stages


def run(stages: list[Stage]) -> int:
    """Run the stages in order and tell what ran, and how long; return the exit code."""
    done: list[tuple[str, float, str]] = []
    code = 0
    for stage in stages:
        print(f"\n=== {stage.name}", flush=True)
        start = time.monotonic()
        if stage.before is not None:
            stage.before()
        process = Process(stage.name, stage.command, cwd=stage.cwd, env=_surroundings() | dict(stage.env))
        try:
            process.spawn()
            assert process.child is not None
            code = process.child.wait()
        finally:
            # Also what it may have left running.
            process.kill()
        done.append((stage.name, time.monotonic() - start, "ok" if code == 0 else f"FAILED (code {code})"))
        print(f"--- {stage.name}: {done[-1][2]}, {done[-1][1]:.1f} s", flush=True)
        if code:
            break
    print("\n=== summary")
    for name, seconds, result in done:
        print(f"  {name:<22} {seconds:7.1f} s  {result}")
    for stage in stages[len(done) :]:
        print(f"  {stage.name:<22}       -    not run")
    print(f"  {'all':<22} {sum(seconds for _, seconds, _ in done):7.1f} s", flush=True)
    return 1 if code else 0


def main() -> None:
    """Run `check` or everything."""
    steps.end_on_sigterm()
    die_with_parent()
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    is_check = sys.argv[1:] == ["check"]
    setup.for_tests()
    if is_check:
        sys.exit(run([*check_stages(), fast_stage()]))
    with _postgres() as url:
        sys.exit(run([*check_stages(), *test_stages(url)]))


@contextmanager
def _postgres() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="maru-"))
    try:
        with Postgres(folder / "postgres", durable=False) as postgres:
            yield postgres.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _surroundings() -> dict[str, str]:
    # A person's own settings must not decide over the tests.
    ours = {
        "DATABASE_URL",
        "REDIS_URL",
        "CELERY_REDIS_URL",
        "SECRET_KEY",
        "VAR_DIR",
        "PORT",
        "HOST",
        "DEBUG",
        "N",
    }
    return {name: value for name, value in os.environ.items() if name not in ours}


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.SubprocessError as error:
        sys.exit(f"maru: {error}")
