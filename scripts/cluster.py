"""The production topology on this machine, without Docker: `make cluster`.

nginx on PORT, N web processes (default 2), PostgreSQL, two Redis, a worker, beat; data stays in var/cluster.
"""

import os
import sys
from pathlib import Path

from scripts import programs, setup, steps
from scripts.run import refuse_taken
from scripts.services import Beat, Nginx, NotReady, Postgres, Redis, Serve, Worker
from scripts.services.process import Process
from scripts.supervise import Crew

_START_TIMEOUT_S = 60.0
_MOST_WEB_COUNT = 16


def main() -> None:
    """Set up what is missing and run until one process ends or somebody asks us to."""
    steps.end_on_sigterm()
    folder = steps.ROOT / "var" / "cluster"
    folder.mkdir(parents=True, exist_ok=True)
    from chatproject import parts
    from chatproject.env import env_int

    web_count = env_int("N", 2, least=1, most=_MOST_WEB_COUNT)
    postgres = Postgres(folder / "postgres")
    hints = Redis(folder, name="redis")
    jobs = Redis(folder, name="jobs", is_durable=True)
    os.environ |= {
        "CELERY_REDIS_URL": jobs.url,
        "DATABASE_URL": postgres.url,
        "REDIS_URL": hints.url,
        "SECRET_KEY": os.environ.get("SECRET_KEY") or parts.secret_key(folder / "secret_key"),
        "TRUST_PROXY": "1",
        "VAR_DIR": str(folder),
    }
    # Read now: a bad setting or a taken port must be told before anything is started.
    from chatproject import settings

    refuse_taken(settings.HOST, settings.PORT)
    programs.require(nginx=True)
    with Crew() as crew:
        try:
            for ground in (postgres, hints, jobs):
                crew.start(ground, is_ground=True)
            for ground in (postgres, hints, jobs):
                crew.wait_ready(ground, _START_TIMEOUT_S)
            postgres.create_database(postgres.owner)
            setup.all_steps()
            _start(crew, folder, web_count, settings.HOST, settings.PORT)
            ended = crew.watch()
        except NotReady as problem:
            sys.exit(f"maru: {problem}")
        sys.exit(f"maru: {ended.name} ended with code {ended.returncode}; stopping the others")


def _start(crew: Crew, folder: Path, web_count: int, host: str, port: int) -> None:
    env = {"DRAIN_S": "3", "PYTHONUNBUFFERED": "1", **os.environ, "PORT": str(port)}
    webs = [Serve(folder, env=env, name=f"web-{number}") for number in range(1, web_count + 1)]
    nginx = Nginx(folder, upstreams=[web.upstream for web in webs], port=port, host=host)
    processes: list[Process] = [*webs, Worker(folder, env=env), Beat(folder, env=env), nginx]
    for process in processes:
        crew.start(process)
    for ready in (*webs, nginx):
        crew.wait_ready(ready, _START_TIMEOUT_S)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - where it listens, not we
    ready_line = f"Maru is ready: http://{shown}:{port}, {web_count} web processes   (Ctrl-C stops it)"
    print(f"\n  {ready_line}\n", flush=True)


if __name__ == "__main__":
    main()
