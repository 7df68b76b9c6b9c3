"""Typed readers of the environment: every bad value stops the start with one clear line."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


class BadSetting(SystemExit):
    """A setting nobody can work with.

    It ends the process by itself: Python prints the text of a SystemExit as one line on stderr and
    leaves with code 1, whichever program (manage.py, celery, daphne, uvicorn) was reading the settings.
    """

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"maru: setting {name}: {problem}")


def env_str(name: str, default: str = "") -> str:
    """Read a text without the spaces around it; unset and empty are both the default."""
    value = os.environ.get(name, "").strip()
    return value or default


def env_bool(name: str, default: bool) -> bool:
    """Read a switch."""
    value = env_str(name).lower()
    if not value:
        return default
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise BadSetting(name, f"{value!r} is neither on (1, true, yes, on) nor off (0, false, no, off)")


def env_int(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    """Read a whole number between `least` and `most`, both included."""
    value = env_str(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise BadSetting(name, f"{value!r} is not a whole number") from None
    if not least <= number <= most:
        raise BadSetting(name, f"{number} is outside {least} to {most}")
    return number


def env_float(name: str, default: float, *, least: float = 0.0, most: float = 1e9) -> float:
    """Read a number between `least` and `most`, both included."""
    value = env_str(name)
    if not value:
        return default
    try:
        number = float(value)
    except ValueError:
        raise BadSetting(name, f"{value!r} is not a number") from None
    # Written so that NaN, which compares false with everything, is refused too.
    if not (least <= number <= most):
        raise BadSetting(name, f"{value} is outside {least:g} to {most:g}")
    return number


def env_choice(name: str, default: str, choices: Iterable[str]) -> str:
    """Read one word out of a list."""
    value = env_str(name, default).lower()
    allowed = list(choices)
    if value not in allowed:
        raise BadSetting(name, f"{value!r} is not one of {', '.join(allowed)}")
    return value


def env_list(name: str, default: Iterable[str] = ()) -> list[str]:
    """Read a list separated by commas."""
    value = env_str(name)
    return [item.strip() for item in value.split(",") if item.strip()] if value else list(default)


def env_secret(name: str, default: str = "") -> str:
    """Read a secret from NAME, or from the file that NAME_FILE points to."""
    value, path = env_str(name), env_str(f"{name}_FILE")
    if value and path:
        raise BadSetting(name, f"both {name} and {name}_FILE are set; keep one of them")
    if not path:
        return value or default
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{name}_FILE", f"cannot read {path}: {_reason(error)}") from None
    if not secret:
        raise BadSetting(f"{name}_FILE", f"{path} is empty")
    return secret


def env_origins(name: str, default: Iterable[str]) -> list[str]:
    """Read web origins as browsers send them: scheme://host, and :port where it is not the scheme's own."""
    return [_origin(name, item) for item in env_list(name, default)]


def _origin(name: str, text: str) -> str:
    try:
        parts = urlsplit(text.lower())
        port = parts.port
    except ValueError:
        raise BadSetting(name, f"{text!r} is not an origin like https://chat.example.org") from None
    host, _, _ = (
        parts.netloc.partition(":")
        if not parts.netloc.startswith("[")
        else (
            parts.netloc.partition("]")[0] + "]",
            "",
            "",
        )
    )
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        raise BadSetting(name, f"{text!r} is not an origin like https://chat.example.org")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise BadSetting(name, f"{text!r} has more than scheme, host and port")
    suffix = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "not UTF-8 text"
