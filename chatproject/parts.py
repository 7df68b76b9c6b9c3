"""Turns one URL or word of the environment into the dictionaries that Django, Channels and Celery want."""

import base64
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url

from chat import failpoints as points
from chatproject.env import BadSetting

# WAL lets readers run beside the writer; FULL makes an acknowledged message survive a power cut.
_SQLITE_START = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;"
_EMAIL = "django.core.mail.backends"
# How many private keys the curve of web push has: 1 up to one less (FIPS 186-4, P-256).
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# 32 bytes.
_VAPID_KEY = re.compile(r"[A-Za-z0-9_-]{43}=?")
_VAPID_SUBJECT = re.compile(r"mailto:[^@\s]+@[^@\s]+|https://[^/\s]+(/\S*)?")


def secret_key(path: Path) -> str:
    """Read the key of an embedded installation, made once and readable by its owner only."""
    return _kept_secret("SECRET_KEY", path, lambda: secrets.token_urlsafe(50))


def vapid_key(path: Path) -> str:
    """Read the key of an embedded installation for web push, made once and readable by its owner only."""
    return checked_vapid_key(_kept_secret("VAPID_PRIVATE_KEY", path, new_vapid_key))


def new_vapid_key() -> str:
    """Make a private key: a random number of the curve P-256, in base64url."""
    number = secrets.randbelow(_P256_ORDER - 1) + 1
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def checked_vapid_key(text: str) -> str:
    """Check a private key of the curve P-256, as `manage.py push_keys` prints it."""
    try:
        found = base64.urlsafe_b64decode(text.rstrip("=") + "=") if _VAPID_KEY.fullmatch(text) else b""
    except ValueError:
        found = b""
    if not 0 < int.from_bytes(found, "big") < _P256_ORDER:
        raise BadSetting("VAPID_PRIVATE_KEY", "is no key that manage.py push_keys prints")
    return text.rstrip("=")


def vapid_subject(text: str, origins: Sequence[str], sender: str) -> str:
    """Check whom push services may write to about us; without one, the address that people type, or our mail's."""
    if text and not _VAPID_SUBJECT.fullmatch(text):
        raise BadSetting("VAPID_SUBJECT", f"{text!r} is neither a mailto: nor an https:// address")
    own = [*(origin for origin in origins if origin.startswith("https://")), f"mailto:{parseaddr(sender)[1]}"]
    return text or next(filter(_VAPID_SUBJECT.fullmatch, own), "mailto:maru@localhost")


def _kept_secret(name: str, path: Path, make: Callable[[], str]) -> str:
    try:
        return path.read_text(encoding="ascii").strip() or _lost(name, path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(name, f"cannot read {path}: {error.strerror}") from None
    # A link of a finished file, so that of several processes starting at once all read the same whole key.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(make(), encoding="ascii")
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise BadSetting(name, f"cannot write {path}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def _lost(name: str, path: Path) -> str:
    raise BadSetting(name, f"{path} is empty; remove it and a new key is made")


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
    several = {"target_session_attrs": "read-write"} if "," in config["HOST"] else {}
    config |= {
        "PASSWORD": password or config["PASSWORD"],
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            # One for each database thread, one beside for Django's own synchronous pages. A lost connection is
            # not made again in the background, where pauses grow to minutes: whoever needs one makes it.
            "pool": {"min_size": 1, "max_size": threads_count + 1, "timeout": 2.5, "reconnect_timeout": 0.5},
            "connect_timeout": 3,
            # A server that is gone without a word is noticed, whether something is under way or nothing.
            "tcp_user_timeout": 10_000,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        }
        # Of several hosts the one that takes writes, also after another one has been promoted.
        | several
        | config.get("OPTIONS", {}),
    }
    return config


def channel_layer(redis_url: str, keys: Sequence[str] = ()) -> dict[str, Any]:
    """Describe the layer between processes; without Redis there is only this process.

    With keys, what travels is encrypted and signed with the first and accepted from any.
    """
    if not redis_url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    host: dict[str, Any] = {"socket_timeout": 2, "health_check_interval": 5}
    host |= _by_sentinels(redis_url) if _is_watched(redis_url) else {"address": redis_url}
    if not redis_url.startswith("unix:"):
        # redis-py has this for TCP only.
        host |= {"socket_connect_timeout": 1, "socket_keepalive": True}
    return {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [host], "prefix": "maru", "symmetric_encryption_keys": list(keys)},
    }


def redis_address(name: str, url: str) -> str:
    """Check a Redis URL: redis://, rediss:// or unix://, each with at most a database number, or redis+sentinel://."""
    parts = urlsplit(url)
    if _is_watched(url):
        return _sentinel_address(name, url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise BadSetting(
            name, f"starts with {parts.scheme!r}, not with redis://, rediss://, unix:// or redis+sentinel://"
        )
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
    if _is_watched(url):
        found = _by_sentinels(url)
        login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        number = int(found["db"]) + database_offset
        return ";".join(f"sentinel://{login}{host}:{port}/{number}" for host, port in found["sentinels"])
    number = int(_redis_database(url) or 0) + database_offset
    if parts.scheme == "unix":
        login = parts.netloc if parts.netloc.endswith("@") else ""
        return f"redis+socket://{login}{parts.path}?virtual_host={number}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{number}{query}"


def celery_sentinel(url: str) -> dict[str, Any]:
    """Return what Celery must know beside the URL: whom the sentinels watch; nothing where there are none."""
    if not _is_watched(url):
        return {}
    found = _by_sentinels(url)
    return {"master_name": found["master_name"], "sentinel_kwargs": found["sentinel_kwargs"]}


def _is_watched(url: str) -> bool:
    return url.startswith("redis+sentinel:")


def _sentinel_address(name: str, url: str) -> str:
    example = "as in redis+sentinel://one:26379,two:26379/maru/0"
    try:
        found = _by_sentinels(url)
    except ValueError:
        raise BadSetting(name, f"is not a list of host:port, {example}") from None
    if not all(host for host, _ in found["sentinels"]):
        raise BadSetting(name, f"names a sentinel without a host, {example}")
    if not found["master_name"]:
        raise BadSetting(name, f"does not name what the sentinels watch, {example}")
    if not re.fullmatch(r"\d{0,5}", urlsplit(url).path.strip("/").partition("/")[2]):
        raise BadSetting(name, f"ends with no database number, {example}")
    return url


def _by_sentinels(url: str) -> dict[str, Any]:
    """Read redis+sentinel://[user:password@]host:port,host:port/name[/database][?sentinel_password=…].

    Raises:
        ValueError: a port is no number.
    """
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    watched, _, database = parts.path.strip("/").partition("/")
    sentinels = [_sentinel(host) for host in hosts.split(",")]
    # Nobody asks them often, so nobody would notice soon that one of them is gone.
    own = {"socket_timeout": 1, "socket_connect_timeout": 1}
    secret = parse_qs(parts.query).get("sentinel_password", [""])[0]
    found: dict[str, Any] = {
        "master_name": unquote(watched),
        "sentinels": sentinels,
        "sentinel_kwargs": own | ({"password": secret} if secret else {}),
        "db": int(database) if database.isdecimal() else 0,
    }
    found |= {"username": unquote(user)} if user else {}
    found |= {"password": unquote(password)} if password else {}
    return found


def _sentinel(text: str) -> tuple[str, int]:
    address = urlsplit(f"//{text}")
    return address.hostname or "", address.port or 26379


def _redis_database(url: str) -> str:
    parts = urlsplit(url)
    asked = parse_qs(parts.query).get("db", [""])[0]
    return asked if parts.scheme == "unix" else asked or parts.path.strip("/")


def time_zone(name: str, text: str) -> str:
    """Check the name of a time zone."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting(name, f"{text!r} is no zone of the IANA database, as Asia/Seoul is") from None


def failpoints(text: str) -> str:
    """Check the rules of FAILPOINTS; the app arms them when it is ready."""
    try:
        points.parse(text)
    except ValueError as error:
        raise BadSetting("FAILPOINTS", str(error)) from None
    return text


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


def oidc_issuer(text: str) -> str:
    """Return the address of an OpenID Connect provider; empty for none. Raises BadSetting."""
    if not text:
        return ""
    address = urlsplit(text)
    if address.scheme not in ("http", "https") or not address.hostname or address.query or address.fragment:
        raise BadSetting("OIDC_ISSUER", "needs an address like https://login.example.org/realms/team")
    return text.rstrip("/")
