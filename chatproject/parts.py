"""Turns one URL or word of the environment into the dictionaries that Django, Channels and Celery want."""

import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url

from chatproject.env import BadSetting

# WAL lets readers run beside the writer; FULL makes an acknowledged message survive a power cut.
_SQLITE_START = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;"
_EMAIL = "django.core.mail.backends"


def secret_key(path: Path) -> str:
    """Read the key of an embedded installation, made once and readable by its owner only."""
    try:
        return path.read_text(encoding="ascii").strip() or _lost(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting("SECRET_KEY", f"cannot read {path}: {error.strerror}") from None
    # A link of a finished file, so that of several processes starting at once all read the same whole key.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(50), encoding="ascii")
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise BadSetting("SECRET_KEY", f"cannot write {path}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def _lost(path: Path) -> str:
    raise BadSetting("SECRET_KEY", f"{path} is empty; remove it and a new key is made")


def database(url: str, *, password: str, threads_count: int, statement_timeout_ms: int) -> dict[str, Any]:
    """Describe the database: SQLite in a file, or PostgreSQL."""
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return _sqlite(url)
    if scheme in ("postgres", "postgresql"):
        return _postgres(url, password, threads_count, statement_timeout_ms)
    raise BadSetting("DATABASE_URL", f"starts with {scheme!r}, not with sqlite:/// or postgresql://")


def _sqlite(url: str) -> dict[str, Any]:
    config: dict[str, Any] = dict(dj_database_url.parse(url))
    if config["NAME"] in ("", ":memory:"):
        raise BadSetting(
            "DATABASE_URL", "needs a file for SQLite, as in sqlite:////var/lib/maru/maru.sqlite3"
        )
    folder = Path(config["NAME"]).absolute().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting("DATABASE_URL", f"cannot make {folder}: {error.strerror}") from None
    # A file, because a database in memory is one connection, and ours are used from several threads.
    # One per process, because several test runs may be under way in one tree.
    test_file = Path(tempfile.gettempdir()) / f"maru-test-{os.getpid()}.sqlite3"
    config |= {
        # Each thread keeps its connection: opening one costs more than most queries.
        "CONN_MAX_AGE": None,
        "OPTIONS": {"init_command": _SQLITE_START, "transaction_mode": "IMMEDIATE", "timeout": 5},
        "TEST": {"NAME": str(test_file)},
    }
    return config


def _postgres(url: str, password: str, threads_count: int, statement_timeout_ms: int) -> dict[str, Any]:
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, dj_database_url.ParseError) as error:
        raise BadSetting("DATABASE_URL", f"is not a database URL ({type(error).__name__})") from None
    if not config["NAME"]:
        raise BadSetting("DATABASE_URL", "names no database, as in postgresql://user@host:5432/maru")
    limits = {
        "statement_timeout": statement_timeout_ms,
        "lock_timeout": 2_000,
        "idle_in_transaction_session_timeout": 10_000,
    }
    config |= {
        "PASSWORD": password or config["PASSWORD"],
        "CONN_MAX_AGE": 0,
        "OPTIONS": config.get("OPTIONS", {})
        | {
            # One for each database thread, one beside for Django's own synchronous pages.
            "pool": {"min_size": 1, "max_size": threads_count + 1, "timeout": 3},
            "connect_timeout": 3,
            "tcp_user_timeout": 5_000,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        },
    }
    return config


def channel_layer(redis_url: str) -> dict[str, Any]:
    """Describe the layer between processes; without Redis there is only this process."""
    if not redis_url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    host = {"address": redis_url, "socket_timeout": 2, "health_check_interval": 5}
    if not redis_url.startswith("unix:"):
        # redis-py has this for TCP only.
        host |= {"socket_connect_timeout": 1, "socket_keepalive": True}
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [host], "prefix": "maru"},
    }


def redis_address(name: str, url: str) -> str:
    """Check a Redis URL: redis://, rediss:// or unix://, each with at most a database number."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise BadSetting(name, f"starts with {parts.scheme!r}, not with redis://, rediss:// or unix://")
    if parts.scheme == "unix" and not parts.path:
        raise BadSetting(name, "names no socket, as in unix:///run/redis.sock?db=0")
    if parts.scheme != "unix" and not parts.hostname:
        raise BadSetting(name, "names no host, as in redis://127.0.0.1:6379/0")
    if not re.fullmatch(r"\d{0,5}", _redis_database(url)):
        raise BadSetting(name, f"database {_redis_database(url)!r} is not a number")
    return url


def celery_redis(url: str, *, database_offset: int) -> str:
    """Write a Redis URL the way Celery reads it, `database_offset` databases further on."""
    parts = urlsplit(url)
    number = int(_redis_database(url) or 0) + database_offset
    if parts.scheme == "unix":
        login = parts.netloc if parts.netloc.endswith("@") else ""
        return f"redis+socket://{login}{parts.path}?virtual_host={number}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{number}{query}"


def _redis_database(url: str) -> str:
    parts = urlsplit(url)
    asked = parse_qs(parts.query).get("db", [""])[0]
    return asked if parts.scheme == "unix" else asked or parts.path.strip("/")


def email(url: str, var_dir: Path) -> dict[str, Any]:
    """Describe how mail leaves: `file:` (default), `console:`, `smtp://`, `smtp+tls://` or `smtp+ssl://`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path)) if parts.path else var_dir / "mail"
        return {"EMAIL_BACKEND": f"{_EMAIL}.filebased.EmailBackend", "EMAIL_FILE_PATH": str(folder)}
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{_EMAIL}.console.EmailBackend"}
    if parts.scheme not in ("smtp", "smtp+tls", "smtp+ssl"):
        raise BadSetting(
            "EMAIL_URL", f"starts with {parts.scheme!r}, not file:, console:, smtp(+tls|+ssl)://"
        )
    try:
        port = parts.port or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[parts.scheme]
    except ValueError:
        raise BadSetting("EMAIL_URL", "has a port that is not a number up to 65535") from None
    if not parts.hostname:
        raise BadSetting("EMAIL_URL", "names no host, as in smtp+tls://user:password@mail.example.org")
    return {
        "EMAIL_BACKEND": f"{_EMAIL}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
        "EMAIL_TIMEOUT": 10,
    }
