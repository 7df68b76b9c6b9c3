import json
import os
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis as redis_client

from scripts.services import (
    NotReady,
    Postgres,
    Redis,
    Serve,
    Worker,
    environment,
    free_port,
    manage,
    postgres,
)
from scripts.services.ports import is_taken, socket_folder

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("port", [None, 0])
def test_redis_comes_back_at_the_same_address_and_empty(port: int | None, tmp_path: Path) -> None:
    with Redis(tmp_path, port=port) as redis:
        url = redis.url
        client = redis_client.Redis.from_url(url)
        client.set("key", "value")
        redis.kill()
        with pytest.raises(redis_client.ConnectionError):
            client.ping()
        redis.start()
        assert redis.url == url
        assert redis_client.Redis.from_url(url).get("key") is None


def test_a_durable_redis_keeps_what_it_was_told(tmp_path: Path) -> None:
    with Redis(tmp_path, is_durable=True) as redis:
        redis.connect(1).set("key", "value")
        redis.stop()
        redis.start()
        assert redis.connect(1).get("key") == b"value"


def test_postgres_keeps_what_was_committed_when_it_is_killed(tmp_path: Path) -> None:
    with Postgres(tmp_path, durable=False) as postgres:
        url = postgres.create_database("maru_test")
        assert postgres.create_database("maru_test") == url
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE t (n int)")
            connection.execute("INSERT INTO t VALUES (7)")
        postgres.kill()
        postgres.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT n FROM t").fetchall() == [(7,)]
            version = connection.execute("SHOW server_encoding").fetchone()
            assert version == ("UTF8",)
    assert not postgres.data.exists()


def test_sockets_of_a_deep_folder_are_put_where_the_kernel_can_name_them(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    with Redis(deep) as redis:
        assert len(os.fsencode(redis.socket)) <= 100
        assert redis.socket.parent.stat().st_mode & 0o077 == 0
        assert redis.connect().ping()
    assert socket_folder(tmp_path, "s") == tmp_path


def test_a_taken_port_is_seen(tmp_path: Path) -> None:
    port = free_port()
    assert not is_taken("127.0.0.1", port)
    with Redis(tmp_path, port=port):
        assert is_taken("127.0.0.1", port)
        with pytest.raises(NotReady, match="ended at its start"):
            Redis(tmp_path / "second", port=port).start()


def test_our_processes_inherit_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNUP", "open")
    env = environment(tmp_path, LANGUAGE_CODE="ko")
    assert "SIGNUP" not in env
    code = "from django.conf import settings; print(settings.SIGNUP, settings.LANGUAGE_CODE)"
    assert manage(["shell", "--no-imports", "-c", code], env).strip() == "invite ko"


def test_a_command_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"manage.py nonsense failed with code 1: Unknown command"):
        manage(["nonsense"], environment(tmp_path))


def test_a_worker_tells_that_it_is_ready_in_our_log_lines_and_ends_when_asked(tmp_path: Path) -> None:
    with Redis(tmp_path) as redis:
        worker = Worker(tmp_path, env=environment(tmp_path, REDIS_URL=redis.url, LOG_FORMAT="json"))
        worker.start()
        assert worker.log is not None
        lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
        assert any(line["event"].endswith(" ready.") for line in lines)
        worker.stop()
        assert worker.returncode == 0


@pytest.mark.parametrize("unix_socket", [False, True])
def test_a_web_process_answers_by_port_or_by_socket(unix_socket: bool, tmp_path: Path) -> None:
    env = environment(tmp_path, DRAIN_S="1")
    manage(["migrate", "-v0"], env)
    with Serve(tmp_path, env=env, unix_socket=unix_socket) as web:
        assert web.get("/livez").status == 200
        assert web.upstream.startswith("unix:/" if unix_socket else "127.0.0.1:")
        web.stop()
        assert web.returncode == 0


def test_programs_run_from_a_copy_when_their_user_cannot_reach_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_is_open", lambda folder: False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    programs = postgres._programs("nobody")
    assert programs.is_relative_to(tmp_path)
    # Twice: the second time finds the copy.
    assert postgres._programs("nobody") == programs
    for name in ("initdb", "postgres", "pg_ctl"):
        said = subprocess.run([programs / name, "--version"], capture_output=True, text=True, check=True)
        assert "PostgreSQL" in said.stdout
