import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chatproject import parts

ROOT = Path(__file__).resolve().parents[2]
SHOW = """
import json, sys
from chatproject import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def load(folder: Path, *names: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", SHOW, *names],
        cwd=ROOT,
        env=kept | env,
        capture_output=True,
        text=True,
        check=False,
    )


def value(folder: Path, name: str, **env: str) -> object:
    done = load(folder, name, **env)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found[name]


@pytest.mark.parametrize(
    ("name", "bad", "told"),
    [
        ("DEBUG", "maybe", "neither on"),
        ("PORT", "eighty", "not a whole number"),
        ("PORT", "70000", "70000 is outside 1 to 65535"),
        ("SIGNUP", "everybody", "not one of open, invite, closed"),
        ("LANGUAGE_CODE", "fr", "not one of en, ko"),
        ("LOG_LEVEL", "loud", "not one of"),
        ("LOG_FORMAT", "xml", "not one of text, json"),
        ("GROUP_COMMIT_MS", "nan", "outside"),
        ("GROUP_COMMIT_MS", "five", "not a number"),
        ("DB_THREADS", "0", "0 is outside 1 to 64"),
        ("ALLOWED_ORIGINS", "chat.example.org", "not an origin"),
        ("ALLOWED_ORIGINS", "https://chat.example.org/rooms", "more than scheme, host and port"),
        ("ALLOWED_ORIGINS", "https://me@chat.example.org", "not an origin"),
        ("ALLOWED_ORIGINS", "https://chat.example.org:99999", "not an origin"),
        ("ALLOWED_ORIGINS", "http://[", "not an origin"),
        ("ALLOWED_ORIGINS", "https://*.example.org", "not an origin"),
        ("DATABASE_URL", "mysql://localhost/maru", "starts with 'mysql'"),
        ("DATABASE_URL", "postgresql://localhost", "names no database"),
        ("DATABASE_URL", "postgresql://localhost:x/maru", "not a database URL"),
        ("DATABASE_URL", "sqlite://:memory:", "needs a file"),
        ("REDIS_URL", "http://localhost", "starts with 'http'"),
        ("REDIS_URL", "unix://", "names no socket"),
        ("REDIS_URL", "redis://localhost/one", "is not a number"),
        ("REDIS_URL", "redis+sentinel://one:x/maru/0", "is not a list of host:port"),
        ("REDIS_URL", "redis+sentinel://one,/maru/0", "names a sentinel without a host"),
        ("REDIS_URL", "redis+sentinel://one,two", "does not name what the sentinels watch"),
        ("REDIS_URL", "redis+sentinel://one/maru/first", "ends with no database number"),
        ("CELERY_REDIS_URL", "amqp://localhost", "starts with 'amqp'"),
        ("DEFAULT_TIME_ZONE", "Mars/Olympus", "is no zone of the IANA database"),
        ("DEFAULT_TIME_ZONE", "America", "is no zone of the IANA database"),
        ("MISSED_MAIL_AFTER_S", "90000", "90000 is outside 0 to 86400"),
        ("VAPID_PRIVATE_KEY", "short", "is no key that manage.py push_keys prints"),
        ("VAPID_PRIVATE_KEY", "A" * 43, "is no key that manage.py push_keys prints"),
        ("VAPID_PRIVATE_KEY", "_" * 43, "is no key that manage.py push_keys prints"),
        ("VAPID_SUBJECT", "me@example.org", "is neither a mailto: nor an https:// address"),
        ("PUSH_AFTER_S", "-1", "-1 is outside 0 to 86400"),
        ("EMAIL_URL", "pigeon://roof", "starts with 'pigeon'"),
        ("UPLOAD_MAX_BYTES", "1000", "1000 is outside 1024 to 1073741824"),
        ("FILES_TOTAL_BYTES", "much", "not a whole number"),
        ("EMAIL_URL", "smtp://", "names no host"),
        ("FAILPOINTS", "nowhere=kill", "is not one of commit.before"),
        ("ALLOW_LOST_COMMITS", "perhaps", "neither on"),
        ("SECRET_KEY_FILE", "/nowhere/key", "cannot read /nowhere/key: No such file or directory"),
    ],
)
def test_a_bad_value_stops_the_start_with_one_line(name: str, bad: str, told: str, tmp_path: Path) -> None:
    done = load(tmp_path, **{"SECRET_KEY": "" if name == "SECRET_KEY_FILE" else "k" * 50, name: bad})
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"maru: setting {name}: ")
    assert told in line


def test_every_program_stops_at_a_bad_setting(tmp_path: Path) -> None:
    for program in (["manage.py", "check"], ["-m", "celery", "-A", "chatproject", "report"]):
        env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "PORT": "eighty"}
        done = subprocess.run(
            [sys.executable, *program], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr.splitlines() == ["maru: setting PORT: 'eighty' is not a whole number"]


def test_a_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = value(tmp_path, "SECRET_KEY")
    assert first == value(tmp_path, "SECRET_KEY")
    assert isinstance(first, str)
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", "vapid_key"}


def test_a_key_for_web_push_is_made_once_where_everything_is_embedded(tmp_path: Path) -> None:
    redis = "redis://127.0.0.1:1/0"
    first = value(tmp_path, "VAPID_PRIVATE_KEY", REDIS_URL=redis)
    assert first == value(tmp_path, "VAPID_PRIVATE_KEY") == parts.checked_vapid_key(str(first))
    assert stat.S_IMODE((tmp_path / "vapid_key").stat().st_mode) == 0o600
    assert value(tmp_path, "WEB_PUSH", REDIS_URL=redis) is True
    # Nobody is there to send it.
    assert value(tmp_path, "WEB_PUSH") is False


def test_with_a_database_of_ones_own_push_is_off_until_a_key_is_set(tmp_path: Path) -> None:
    env = {
        "DATABASE_URL": "postgresql://localhost/maru",
        "SECRET_KEY": "k" * 50,
        "REDIS_URL": "redis://h:1/0",
    }
    assert value(tmp_path, "WEB_PUSH", **env) is False
    assert not (tmp_path / "vapid_key").exists()
    file = tmp_path / "given"
    file.write_text(f"{parts.new_vapid_key()}=\n")
    assert value(tmp_path, "WEB_PUSH", VAPID_PRIVATE_KEY_FILE=str(file), **env) is True


def test_push_services_are_told_whom_they_may_write_to(tmp_path: Path) -> None:
    assert value(tmp_path, "VAPID_SUBJECT") == "mailto:maru@localhost"
    assert value(tmp_path, "VAPID_SUBJECT", EMAIL_FROM="Maru <chat@example.org>") == "mailto:chat@example.org"
    assert value(tmp_path, "VAPID_SUBJECT", EMAIL_FROM="nobody") == "mailto:maru@localhost"
    origin = "https://chat.example.org:8443"
    assert value(tmp_path, "VAPID_SUBJECT", ALLOWED_ORIGINS=f"http://x,{origin}") == origin
    given = "mailto:me@example.org"
    assert value(tmp_path, "VAPID_SUBJECT", VAPID_SUBJECT=given, ALLOWED_ORIGINS=origin) == given


def test_a_secret_key_is_required_with_a_database_of_ones_own(tmp_path: Path) -> None:
    done = load(tmp_path, DATABASE_URL="postgresql://localhost/maru")
    assert done.returncode == 1
    assert (
        done.stderr == "maru: setting SECRET_KEY: is required when DATABASE_URL is set (or SECRET_KEY_FILE)\n"
    )
    assert load(tmp_path, DATABASE_URL="postgresql://localhost/maru", DEBUG="on").returncode == 0


def test_a_secret_may_come_from_a_file_but_not_from_two_places(tmp_path: Path) -> None:
    file = tmp_path / "given"
    file.write_text("from-the-file\n")
    assert value(tmp_path, "SECRET_KEY", SECRET_KEY_FILE=str(file)) == "from-the-file"
    done = load(tmp_path, SECRET_KEY="here", SECRET_KEY_FILE=str(file))
    assert done.returncode == 1
    assert "both SECRET_KEY and SECRET_KEY_FILE are set" in done.stderr


def test_the_embedded_database_survives_a_power_cut_and_is_used_from_many_threads(tmp_path: Path) -> None:
    databases = value(tmp_path, "DATABASES")
    assert isinstance(databases, dict)
    default = databases["default"]
    assert default["NAME"] == str(tmp_path / "maru.sqlite3")
    assert default["CONN_MAX_AGE"] is None
    assert default["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        assert pragma in default["OPTIONS"]["init_command"]
    assert ":memory:" not in default["TEST"]["NAME"]


def test_postgres_has_a_pool_and_a_limit_on_everything(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("s3cret")
    databases = value(
        tmp_path,
        "DATABASES",
        DATABASE_URL="postgresql://maru@db:5432/maru",
        DATABASE_PASSWORD_FILE=str(password),
        SECRET_KEY="k" * 50,
        DB_THREADS="4",
    )
    assert isinstance(databases, dict)
    default = databases["default"]
    assert default["PASSWORD"] == "s3cret"
    assert default["CONN_MAX_AGE"] == 0
    pool = {"min_size": 1, "max_size": 5, "timeout": 2.5, "reconnect_timeout": 0.5}
    assert default["OPTIONS"]["pool"] == pool
    assert default["OPTIONS"]["connect_timeout"] == 3
    assert default["OPTIONS"]["tcp_user_timeout"] == 10_000
    assert "target_session_attrs" not in default["OPTIONS"]
    for limit in ("statement_timeout=5000", "lock_timeout=2000", "idle_in_transaction_session_timeout=10000"):
        assert f"-c {limit}" in default["OPTIONS"]["options"]


def test_of_several_database_hosts_the_one_that_takes_writes_is_used(tmp_path: Path) -> None:
    for query, attrs in (("", "read-write"), ("?target_session_attrs=any", "any")):
        url = f"postgresql://maru@one,two:5432/maru{query}"
        databases = value(tmp_path, "DATABASES", DATABASE_URL=url, SECRET_KEY="k" * 50)
        assert isinstance(databases, dict)
        assert databases["default"]["HOST"] == "one,two"
        assert databases["default"]["OPTIONS"]["target_session_attrs"] == attrs


def test_origins_are_written_as_browsers_send_them(tmp_path: Path) -> None:
    given = "https://Chat.Example.org:443/, http://[::1]:9000"
    assert value(tmp_path, "ALLOWED_ORIGINS", ALLOWED_ORIGINS=given) == [
        "https://chat.example.org",
        "http://[::1]:9000",
    ]
    assert value(tmp_path, "ALLOWED_ORIGINS", PORT="9000") == [
        "http://localhost:9000",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
    ]


def test_hosts_follow_the_origins(tmp_path: Path) -> None:
    hosts = value(tmp_path, "ALLOWED_HOSTS", ALLOWED_ORIGINS="https://chat.example.org")
    assert hosts == ["127.0.0.1", "[::1]", "chat.example.org", "localhost"]


def test_cookies_travel_without_https_only_where_there_is_none(tmp_path: Path) -> None:
    assert value(tmp_path, "SESSION_COOKIE_SECURE") is False
    assert value(tmp_path, "SESSION_COOKIE_SECURE", ALLOWED_ORIGINS="https://chat.example.org") is True
    assert value(tmp_path, "SECURE_HSTS_SECONDS", ALLOWED_ORIGINS="https://chat.example.org") == 31_536_000


@pytest.mark.parametrize(
    ("given", "broker", "results"),
    [
        ("redis://h:1/0", "redis://h:1/1", "redis://h:1/2"),
        ("redis://:p@h:1", "redis://:p@h:1/1", "redis://:p@h:1/2"),
        (
            "rediss://h/3?ssl_cert_reqs=none",
            "rediss://h/4?ssl_cert_reqs=none",
            "rediss://h/5?ssl_cert_reqs=none",
        ),
        (
            "unix:///r.sock?db=0",
            "redis+socket:///r.sock?virtual_host=1",
            "redis+socket:///r.sock?virtual_host=2",
        ),
        (
            "unix://:p@/r.sock",
            "redis+socket://:p@/r.sock?virtual_host=1",
            "redis+socket://:p@/r.sock?virtual_host=2",
        ),
    ],
)
def test_celery_has_databases_of_its_own(given: str, broker: str, results: str, tmp_path: Path) -> None:
    assert value(tmp_path, "CELERY_BROKER_URL", REDIS_URL=given) == broker
    assert value(tmp_path, "CELERY_RESULT_BACKEND", REDIS_URL=given) == results


def test_sentinels_are_asked_for_the_redis_of_now(tmp_path: Path) -> None:
    url = "redis+sentinel://me:p%2Fw@one:26379,two:26380/maru/3?sentinel_password=s"
    names = [
        "CHANNEL_LAYERS",
        "CELERY_BROKER_URL",
        "CELERY_RESULT_BACKEND",
        "CELERY_BROKER_TRANSPORT_OPTIONS",
    ]
    done = load(tmp_path, *names, REDIS_URL=url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (host,) = found["CHANNEL_LAYERS"]["default"]["CONFIG"]["hosts"]
    own = {"socket_timeout": 1, "socket_connect_timeout": 1, "password": "s"}
    assert host == {
        "master_name": "maru",
        "sentinels": [["one", 26379], ["two", 26380]],
        "sentinel_kwargs": own,
        "db": 3,
        "username": "me",
        "password": "p/w",
        "socket_timeout": 2,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        "health_check_interval": 5,
    }
    assert found["CELERY_BROKER_URL"] == "sentinel://me:p%2Fw@one:26379/4;sentinel://me:p%2Fw@two:26380/4"
    assert found["CELERY_RESULT_BACKEND"].endswith("@two:26380/5")
    options = found["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert (options["master_name"], options["sentinel_kwargs"]) == ("maru", own)
    assert options["visibility_timeout"]


def test_mail_goes_where_the_url_says(tmp_path: Path) -> None:
    assert value(tmp_path, "EMAIL_FILE_PATH") == str(tmp_path / "mail")
    url = "smtp+tls://me%40example.org:p%2Fw@mail.example.org"
    names = [
        "EMAIL_HOST",
        "EMAIL_PORT",
        "EMAIL_HOST_USER",
        "EMAIL_HOST_PASSWORD",
        "EMAIL_USE_TLS",
        "EMAIL_USE_SSL",
    ]
    done = load(tmp_path, *names, EMAIL_URL=url)
    assert list(json.loads(done.stdout).values()) == [
        "mail.example.org",
        587,
        "me@example.org",
        "p/w",
        True,
        False,
    ]


def test_every_setting_is_in_the_operators_page_and_the_other_way_round() -> None:
    code = (ROOT / "chatproject" / "settings.py").read_text()
    read = set(re.findall(r"env_\w+\(\s*\"([A-Z0-9_]+)\"", code))
    page = (ROOT / "docs" / "operations.md").read_text()
    told = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", page, re.MULTILINE))
    assert read == told


def test_the_korean_page_tells_the_same_settings() -> None:
    english, korean = (
        re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs" / path).read_text(), re.MULTILINE)
        for path in ("operations.md", "ko/operations.md")
    )
    assert english == korean
