"""Logging: one line an event, for people or for machines, without the words people wrote."""

import logging
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog

# Keys that would carry what people said or what opens their account: more people read a log than a room.
_NEVER_LOGGED = {"authorization", "body", "cookie", "html", "password", "secret", "session_key", "token"}


# What Django tells of requests that nobody should have sent, some of it as an error with a traceback.
_OF_STRANGERS = ("django.security", "django.request")
_LINE_MAX_CHARS = 500


class Strangers(logging.Filter):
    """Let a stranger cause one short line of a kind in a second; faults of ours pass as they are."""

    def __init__(self) -> None:
        super().__init__()
        # By logger and status, so the table stays small.
        self._last: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten a record that a stranger has caused, or keep it back."""
        is_fault = record.levelno >= logging.ERROR and not record.name.startswith(_OF_STRANGERS[0])
        if is_fault or not record.name.startswith(_OF_STRANGERS):
            return True
        kind, now = (record.name, getattr(record, "status_code", 0)), time.monotonic()
        written_at, suppressed_count = self._last.get(kind, (now - 1.0, 0))
        if now - written_at < 1.0:
            self._last[kind] = (written_at, suppressed_count + 1)
            return False
        self._last[kind] = (now, 0)
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
        more = f" (and {suppressed_count} more)" if suppressed_count else ""
        record.msg, record.args = record.getMessage()[:_LINE_MAX_CHARS] + more, ()
        return True


class Stderr(logging.Handler):
    """Write to what is stderr now; the stock handler keeps the one it was made with, even closed."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, in one piece."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


def drop_private(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take private values out of an event, keeping their names so that nobody looks for the gap."""
    for key in _NEVER_LOGGED & event.keys():
        event[key] = "…"
    return event


def configure(*, level: str, as_json: bool) -> dict[str, Any]:
    """Set up structlog and return the matching LOGGING for Django; both write the same lines to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_private,
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: list[Any] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    if not as_json:
        # Where rich is installed the default prints every local variable, passwords and messages among them.
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=plain)]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
            }
        },
        "filters": {"strangers": {"()": Strangers}},
        "handlers": {"stderr": {"()": Stderr, "formatter": "line", "filters": ["strangers"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would write the same event a second time.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # asyncio tells the name of its selector at every start.
            "asyncio": {"level": logging.WARNING},
            # It tells each second anew, with a traceback, that Redis is away; our layer says so once.
            "channels_redis": {"level": logging.CRITICAL},
        },
    }
