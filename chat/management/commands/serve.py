"""Run one web process: daphne with our server class. Several of these behind a proxy are production."""

from __future__ import annotations

import errno
import gc
import os
import resource
import socket
import stat
import time
from pathlib import Path
from typing import Any

import structlog
from channels.routing import get_default_application
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from django.db import connection
from twisted.internet.error import CannotListenError

from chat import conf, database_link
from chat.gateway.heap import Heap
from chat.gateway.outermost import claim_server
from chat.queries.schema import missing_migrations

log = structlog.get_logger(__name__)

# sun_path of sockaddr_un is 108 bytes with its final NUL
UNIX_PATH_BYTES = 107
# What is left between the last goodbye and the hard stop.
AFTER_DRAIN_S = 20.0
# What takes more than a message, and takes it as it comes.
_UPLOADS = "/api/v1/uploads"
_SCHEMA_POLL_S = 0.5
_SCHEMA_LOG_S = 30.0


class Command(BaseCommand):
    """serve."""

    help = "Run one web process: HTTP and WebSocket, with drain, back-pressure and prepared frames."
    # `manage.py check` runs them; a start is to be quick and to say one line
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Say where to listen."""
        parser.add_argument("--host", default=getattr(settings, "HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=getattr(settings, "PORT", 8000))
        parser.add_argument("--unix-socket", metavar="PATH", default=None, help="listen here instead")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Listen and serve until SIGTERM or SIGINT."""
        # installs the asyncio reactor, before anything of Twisted can choose another
        from chat.gateway.server import ChatServer, refuse_old_daphne

        refuse_old_daphne()
        port, unix_socket = options["port"], options["unix_socket"]
        if not 0 <= port <= 65535:
            raise CommandError(f"port {port} is outside 0 to 65535")
        if unix_socket is not None:
            unix_socket = str(Path(unix_socket).absolute())
            clear_unix_socket(unix_socket)
        _raise_descriptor_limit()
        heap = Heap()
        heap.limit_arenas()
        wait_for_schema()
        refuse_lost_commits()
        claim_server()
        server = ChatServer(
            get_default_application(),
            host=options["host"],
            port=port,
            unix_socket=unix_socket,
            limits=server_limits(),
            trust_proxy=settings.TRUST_PROXY,
        )

        def ready() -> None:
            # what was loaded by now lives as long as the process: the collector need not look at it again
            gc.collect()
            gc.freeze()
            heap.watch()
            log.info("listening", address=server.address, pid=os.getpid())
            if not settings.REDIS_URL:
                log.info("alone: in-memory layer, no other process hears this one", missing="REDIS_URL")

        server.ready_callable = ready
        try:
            server.run()
        except CannotListenError as error:
            place = unix_socket or f"{options['host']}:{port}"
            raise CommandError(f"cannot listen on {place}: {_reason(error)}") from None
        except OSError as error:
            raise CommandError(f"cannot listen on {options['host']}:{port}: {error.strerror}") from None


def wait_for_schema() -> None:
    """Return when the database has every table that this version knows, or cannot be asked.

    Until then nobody listens, so a proxy goes to the processes that can work. A database that is away is no
    reason to wait: sockets are taken without it.
    """
    say_at = 0.0
    while missing := _missing_migrations():
        if time.monotonic() >= say_at:
            say_at = time.monotonic() + _SCHEMA_LOG_S
            log.warning(
                "waiting for the database to be migrated",
                missing=len(missing),
                first=missing[0],
                instead="manage.py migrate",
            )
        try:
            time.sleep(_SCHEMA_POLL_S)
        except KeyboardInterrupt:
            raise SystemExit(130) from None


def refuse_lost_commits() -> None:
    """End the start on a database that forgets at a crash what it has committed, unless the operator wants it."""
    try:
        found = database_link.durability()
    except DatabaseError:
        return
    finally:
        connection.close()
    if found["state"] == "off" and not settings.ALLOW_LOST_COMMITS:
        raise CommandError(f"{found['why']} (ALLOW_LOST_COMMITS=on starts nevertheless)")
    if found["state"] != "ok":
        log.warning("the database may lose messages", why=found["why"])


def _missing_migrations() -> list[str]:
    try:
        return missing_migrations()
    except DatabaseError as error:
        log.warning("starting without the database", error=type(error).__name__)
        return []
    finally:
        connection.close()


def server_limits() -> Any:
    """Return the server's limits with what the operator has turned."""
    from chat.gateway.server import ServerLimits

    limits = conf.get()
    return ServerLimits(
        slow_reader_s=limits.SLOW_READER_S,
        ping_interval_s=limits.HEARTBEAT_S,
        ping_timeout_s=limits.HEARTBEAT_S * 0.8,
        drain_s=limits.DRAIN_S,
        hard_stop_s=limits.DRAIN_S + AFTER_DRAIN_S,
        body_bytes=getattr(settings, "MAX_BODY_BYTES", ServerLimits().body_bytes),
        larger_bodies=((_UPLOADS, limits.UPLOAD_MAX_BYTES),),
        streamed_bodies=(_UPLOADS,),
        streamed_patches=(f"{_UPLOADS}/resumable/",),
    )


def clear_unix_socket(path: str) -> None:
    """Remove a socket file that a killed process has left; anything else in its place stops the start."""
    if len(os.fsencode(path)) > UNIX_PATH_BYTES:
        raise CommandError(
            f"cannot listen on {path}: the path has {len(os.fsencode(path))} bytes, at most {UNIX_PATH_BYTES}"
        )
    place = Path(path)
    if not place.parent.is_dir():
        raise CommandError(f"cannot listen on {path}: there is no directory {place.parent}")
    try:
        mode = place.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise CommandError(f"cannot listen on {path}: a file that is no socket is in the way")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            place.unlink(missing_ok=True)
            return
        except OSError as error:
            raise CommandError(f"cannot listen on {path}: {error.strerror or error}") from None
    raise CommandError(f"cannot listen on {path}: another process listens there")


def _raise_descriptor_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _reason(error: CannotListenError) -> str:
    cause = error.socketError
    if isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE:
        return "another process listens there"
    return (getattr(cause, "strerror", None) or str(cause)).lower()
