"""Set up and run everything on this machine: `make run`."""

import os
import sys
from pathlib import Path

from honcho.environ import parse_procfile

from scripts import setup, steps
from scripts.services.errors import NotReady
from scripts.services.ports import can_connect, is_taken, socket_folder
from scripts.services.process import Process
from scripts.services.project import Serve
from scripts.services.redis import redis_server
from scripts.supervise import Crew

_START_TIMEOUT_S = 60.0


class _Socket(Process):
    """A process that is ready when somebody listens at its socket."""

    address = ""

    def is_ready(self) -> bool:
        return can_connect(self.address)


def main() -> None:
    """Set up what is missing, start the processes of the Procfile, stop all when one ends."""
    steps.end_on_sigterm()
    # Read first: a bad setting or a taken port must be told before anything else is done.
    from chatproject import settings

    refuse_taken(settings.HOST, settings.PORT)
    env = surroundings(settings.VAR_DIR, settings.HOST, settings.PORT)
    if can_connect(env["REDIS_SOCKET"]):
        sys.exit(f"maru: already running in this folder: somebody answers at {env['REDIS_SOCKET']}")
    setup.all_steps()
    with Crew() as crew:
        try:
            _start(crew, env, settings.HOST, settings.PORT)
            ended = crew.watch()
        except NotReady as problem:
            sys.exit(f"maru: {problem}")
        sys.exit(f"maru: {ended.name} ended with code {ended.returncode}; stopping the others")


def refuse_taken(host: str, port: int) -> None:
    """End with one line if nobody else can listen there."""
    if is_taken(host, port):
        sys.exit(
            f"maru: cannot listen on {host}:{port}, it is taken; choose another: PORT={port + 1} make run"
        )


def surroundings(var: Path, host: str, port: int) -> dict[str, str]:
    """Return the environment that the lines of the Procfile are written for."""
    var.mkdir(parents=True, exist_ok=True)
    redis_socket = socket_folder(var, "redis.sock") / "redis.sock"
    own = {
        "DRAIN_S": "2",
        "HOST": host,
        "PATH": os.pathsep.join(
            [str(Path(sys.executable).parent), str(Path(redis_server()).parent), os.environ.get("PATH", "")]
        ),
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "REDIS_SOCKET": str(redis_socket),
        "REDIS_URL": f"unix://{redis_socket}?db=0",
        "VAR_DIR": str(var),
    }
    # What the operator has set goes before ours, but for the two paths that must be true.
    return own | dict(os.environ) | {name: own[name] for name in ("PATH", "REDIS_SOCKET", "VAR_DIR")}


def _start(crew: Crew, env: dict[str, str], host: str, port: int) -> None:
    lines = parse_procfile((steps.ROOT / "Procfile").read_text()).processes
    redis_line = lines.pop("redis")
    if "REDIS_URL" not in os.environ and "REDIS_URL_FILE" not in os.environ:
        socket = Path(env["REDIS_SOCKET"])
        # Redis would refuse to listen on the socket file that a killed one left behind.
        socket.unlink(missing_ok=True)
        redis = _Socket("redis", f"exec {redis_line}", env=env)
        redis.address = str(socket)
        crew.start(redis, is_ground=True)
        crew.wait_ready(redis, _START_TIMEOUT_S)
    for name, line in lines.items():
        crew.start(Process(name, f"exec {line}", env=env))
    page = Serve(Path(env["VAR_DIR"]), env=env, port=port, host=host)
    crew.wait_ready(page, _START_TIMEOUT_S)
    _look_at(page)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - where it listens, not we
    print(f"\n  Maru is ready: http://{shown}:{port}   (Ctrl-C stops it)\n", flush=True)


def _look_at(page: Serve) -> None:
    """Make sure that a visitor sees a page, on an empty installation that of /setup/."""
    answer = page.get("/")
    if answer.status in (301, 302):
        answer = page.get(answer.headers.get("Location", "/"))
    if answer.status != 200:
        raise NotReady(f"the web process runs, but its page answers with {answer.status}")


if __name__ == "__main__":
    main()
