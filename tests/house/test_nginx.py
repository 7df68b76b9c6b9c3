import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts.programs import find_nginx
from scripts.services import Nginx, free_port
from scripts.services.process import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed; `make test` installs it"),
]

ROOT = Path(__file__).resolve().parents[2]


class Web(BaseHTTPRequestHandler):
    """A web process that answers with what reached it."""

    def do_GET(self) -> None:
        status = int(self.path.removeprefix("/ws/answer/")) if self.path.startswith("/ws/answer/") else 200
        seen = {"path": self.path, "headers": {name.lower(): text for name, text in self.headers.items()}}
        body = json.dumps(seen).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_PATCH(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def web() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def nginx(web: ThreadingHTTPServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    dead = f"127.0.0.1:{free_port()}"
    alive = f"127.0.0.1:{web.server_port}"
    with Nginx(tmp_path_factory.mktemp("nginx"), upstreams=[dead, alive]) as running:
        yield running


def ask(
    nginx: Nginx, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b""
) -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=10)
    try:
        connection.request(method, path, body=body or None, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read(), response.getheader("Content-Type", "")
    finally:
        connection.close()


def test_a_visitors_word_about_the_way_here_is_overwritten(nginx: Nginx) -> None:
    lies = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "1",
        "X-Real-IP": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "Daphne-Root-Path": "/evil",
    }
    status, body, _ = ask(nginx, "/", headers=lies)
    assert status == 200
    seen = json.loads(body)["headers"]
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "http"
    assert seen["host"] == f"127.0.0.1:{nginx.port}"
    gone = {"x-forwarded-host", "x-forwarded-port", "x-real-ip", "forwarded", "daphne-root-path"}
    assert gone & seen.keys() == set()


def test_a_handshake_is_passed_on(nginx: Nginx) -> None:
    _, body, _ = ask(nginx, "/ws/v1/", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    seen = json.loads(body)["headers"]
    assert (seen["upgrade"], seen["connection"]) == ("websocket", "upgrade")
    _, body, _ = ask(nginx, "/")
    assert "upgrade" not in json.loads(body)["headers"]


def test_a_refused_handshake_says_nothing_of_what_was_sent_but_a_wrong_origin_stays_403(nginx: Nginx) -> None:
    assert ask(nginx, "/ws/answer/400")[:2] == (400, b"Bad WebSocket handshake.\n")
    status, body, _ = ask(nginx, "/ws/answer/500")
    assert (status, json.loads(body)["error"]["code"]) == (503, "unavailable")
    assert ask(nginx, "/ws/answer/403")[0] == 403


def test_a_body_that_is_too_large_never_reaches_a_web_process(nginx: Nginx) -> None:
    status, body, kind = ask(nginx, "/api/v1/rooms", "POST", body=b"x" * (1024 * 1024 + 1))
    assert (status, kind) == (413, "application/json")
    assert json.loads(body)["error"]["code"] == "too_long"
    assert ask(nginx, "/api/v1/rooms", "POST", body=b"x" * (1024 * 1024))[0] == 200


def test_files_may_be_larger_and_have_their_own_word(nginx: Nginx) -> None:
    assert ask(nginx, "/api/v1/uploads", "POST", body=bytes(25 * 1024 * 1024 + 65_536))[0] == 200
    assert ask(nginx, "/api/v1/uploads/resumable/7", "PATCH", body=bytes(25 * 1024 * 1024))[0] == 200
    status, body, kind = ask(nginx, "/api/v1/uploads", "POST", body=bytes(26 * 1024 * 1024 + 1))
    assert (status, kind) == (413, "application/json")
    assert json.loads(body)["error"] == {"code": "too_long", "detail": "The file is larger than 25 MB."}


def test_passwords_cannot_be_tried_quickly_and_pages_can_be_read(nginx: Nginx) -> None:
    statuses = [ask(nginx, "/accounts/login/", "POST", body=b"x")[0] for _ in range(12)]
    assert statuses[:5] == [200] * 5
    assert statuses[-1] == 429
    assert [ask(nginx, "/accounts/login/")[0] for _ in range(12)] == [200] * 12


def test_sockets_cannot_be_opened_without_end(nginx: Nginx) -> None:
    answers = [ask(nginx, "/ws/v1/") for _ in range(90)]
    assert [status for status, _, _ in answers[:40]] == [200] * 40
    status, body, _ = answers[-1]
    assert status == 429
    error = json.loads(body)["error"]
    assert (error["code"], error["retry"], error["after_ms"]) == ("rate_limited", True, 2000)


def test_the_log_has_neither_query_nor_secret_path(nginx: Nginx) -> None:
    ask(nginx, "/invite/s3cret-token/?more=s3cret")
    ask(nginx, "/accounts/password/reset/key/1-s3cret/")
    ask(nginx, "/rooms/?q=s3cret")
    log = nginx.log
    assert log is not None
    expected = {"/invite/-", "/accounts/password/reset/key/-", "/rooms/"}

    def are_written() -> bool:
        # nginx writes a line after the answer has gone.
        lines = log.read_text().splitlines()
        return expected <= {json.loads(line)["path"] for line in lines if line.startswith("{")}

    assert until(are_written, timeout_s=10)
    assert "s3cret" not in log.read_text()


def test_with_no_web_process_there_is_an_answer_to_wait_for(tmp_path: Path) -> None:
    with Nginx(tmp_path, upstreams=[f"127.0.0.1:{free_port()}"]) as alone:
        for path in ("/", "/api/v1/me", "/ws/v1/"):
            status, body, _ = ask(alone, path)
            assert status == 503
            assert json.loads(body)["error"]["retry"] is True


def test_numbers_are_for_this_machine_only(nginx: Nginx) -> None:
    for path in ("/metrics", "/healthz", "/livez", "/readyz"):
        assert ask(nginx, path)[0] == 200
    for path, expected in (("/metrics", 403), ("/healthz", 403), ("/livez", 200), ("/readyz", 200)):
        # Another address of the loopback network stands for somebody outside.
        connection = http.client.HTTPConnection(
            "127.0.0.1", nginx.port, timeout=10, source_address=("127.0.0.2", 0)
        )
        connection.request("GET", path)
        assert connection.getresponse().status == expected
        connection.close()


def test_the_file_is_used_unchanged(nginx: Nginx) -> None:
    assert (nginx.folder / "nginx.conf").read_bytes() == (ROOT / "deploy" / "nginx.conf").read_bytes()
    shipped = {path.name for path in (ROOT / "deploy" / "nginx.d").iterdir()}
    assert shipped == {path.name for path in (nginx.folder / "nginx.d").iterdir()}


def test_the_kernel_holds_little_for_a_visitor_who_has_stopped_reading(nginx: Nginx) -> None:
    shipped = (ROOT / "deploy" / "nginx.d" / "listen.conf").read_text()
    started = (nginx.folder / "nginx.d" / "listen.conf").read_text()
    for text in (shipped, started):
        listens = [line for line in text.splitlines() if line.lstrip("# ").startswith("listen ")]
        assert listens
        assert all("sndbuf=256k" in line for line in listens)
