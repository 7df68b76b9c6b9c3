"""Real servers on this machine without root or Docker: Redis, PostgreSQL, nginx, and our own processes.
Imports the wheels that carry the programs, nothing of the app; `make run`, `make cluster` and tests use it.
The flow comes from a script or fixture and goes to child processes, which never outlive their starter.

All services are alike:

    service.start()    starts it and returns when it answers; or raises NotReady with its last lines
    service.stop()     asks it to end (SIGTERM) and waits; after its grace period (grace_s) it is killed
    service.kill()     kill -9, with all its children, and waits
    service.freeze()   SIGSTOP to it and all its children; service.thaw() lets them go on
    service.pid, service.is_running, service.returncode, service.log (path of what it wrote)

Every one is a context manager (`with Redis(folder) as redis:`). After stop() or kill(), start() starts it
again at the same address and, for PostgreSQL, with the same data. Start from a thread that lives as long as
the service: the kernel ends the child when the starting thread ends.

    Redis(folder)              on a unix socket; Redis(folder, port=0) on a free TCP port
        .url .connect(database=0)
    Postgres(folder)           durable=False for tests: faster; leaving the `with` removes its data
        .url .create_database(name) -> url
    Serve(folder, env=env)     on a free port; or port=N, unix_socket=True; name="web-1" for a second
        .port .base_url .upstream .get(path) -> Answer(status, headers, body)
    Worker(folder, env=env)    Beat(folder, env=env)
    Nginx(folder, upstreams=[web_1.upstream, web_2.upstream])
        .port .base_url
    environment(folder, **settings) -> env    for the four above; no setting is inherited from outside
    manage(["migrate"], env) -> output        runs one management command
    free_port() -> port                       of 127.0.0.1, free now

Web processes behind nginx must know its address: environment(…, PORT=str(nginx.port), TRUST_PROXY="1").
"""

from scripts.services.errors import NotReady
from scripts.services.nginx import Nginx
from scripts.services.ports import free_port
from scripts.services.postgres import Postgres
from scripts.services.process import Process
from scripts.services.project import Beat, Serve, Worker, environment, manage
from scripts.services.redis import Redis

__all__ = [
    "Beat",
    "Nginx",
    "NotReady",
    "Postgres",
    "Process",
    "Redis",
    "Serve",
    "Worker",
    "environment",
    "free_port",
    "manage",
]
