import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog
from django.conf import settings

from chatproject import logs


@pytest.fixture(params=[True, False], ids=["json", "text"])
def as_json(request: pytest.FixtureRequest) -> Iterator[bool]:
    config = logs.configure(level="INFO", as_json=request.param)
    logging.config.dictConfig(config)
    yield request.param
    logging.config.dictConfig(settings.LOGGING)
    logs.configure(level=settings.LOG_LEVEL, as_json=settings.LOG_FORMAT == "json")


def test_an_event_is_one_line_without_what_people_wrote(
    as_json: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = {"body": "two\nlines", "token": "t0ken", "password": "p4ss"}
    structlog.get_logger("chat.test").info("posted", room=12, **secret)
    (line,) = capfd.readouterr().err.splitlines()
    assert "posted" in line
    assert "12" in line
    assert not any(value.splitlines()[0] in line for value in secret.values())
    if as_json:
        event = json.loads(line)
        assert event["event"] == "posted"
        assert event["level"] == "info"
        assert event["body"] == "…"


def test_the_standard_library_writes_the_same_lines(as_json: bool, capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("django.request").warning("Not Found: %s", "/nowhere")
    (line,) = capfd.readouterr().err.splitlines()
    assert "Not Found: /nowhere" in line
    if as_json:
        assert json.loads(line)["logger"] == "django.request"


def test_a_stranger_causes_one_short_line_of_a_kind_in_a_second(
    as_json: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        try:
            raise ValueError("evil")
        except ValueError:
            logging.getLogger("django.security.DisallowedHost").exception(
                "host %s", f"{number}" + "x" * 9_000
            )
    logging.getLogger("django.request").warning("Not Found: /other")
    first, other = capfd.readouterr().err.splitlines()
    assert "host 0xxx" in first
    assert len(first) < 800
    assert "error" not in first
    assert "/other" in other


def test_a_fault_of_ours_is_told_whole_each_time(as_json: bool, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        try:
            raise ValueError("ours")
        except ValueError:
            logging.getLogger("django.request").exception("Internal Server Error: %s", "/")
    assert capfd.readouterr().err.count("Traceback") == 2
