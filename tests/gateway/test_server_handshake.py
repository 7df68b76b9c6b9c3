import json

import pytest

from tests.gateway.conftest import StartServer
from tests.gateway.wire import HANDSHAKE, TEXT, ServerProcess, Wire

pytestmark = pytest.mark.slow

SECRET = "s3cretMarker"


def bad_keys() -> dict[str, str]:
    return {
        "none": "",
        "short": f"Sec-WebSocket-Key: {SECRET}",
        "long": f"Sec-WebSocket-Key: {SECRET * 5}==",
        "not base64": f"Sec-WebSocket-Key: {SECRET}****------==",
        "twice": "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    }


@pytest.mark.parametrize("key", bad_keys().values(), ids=bad_keys())
def test_bad_key_is_refused_without_repeating_it(server: ServerProcess, key: str) -> None:
    with Wire(server) as wire:
        answer = wire.upgrade("/echo", *([key] if key else []), without="Sec-WebSocket-Key")
        assert answer.status == 400
        assert answer.head.startswith("HTTP/1.1 400 Bad Request\r\n")
        assert answer.body == b"Bad Request\n"


@pytest.mark.parametrize("version", ["8", "12", "abc", "13, 8", "-1"])
def test_other_version_is_refused_with_426_and_told_which_one(server: ServerProcess, version: str) -> None:
    with Wire(server) as wire:
        answer = wire.upgrade("/echo", f"Sec-WebSocket-Version: {version}", without="Sec-WebSocket-Version")
        assert (answer.status, answer.header("sec-websocket-version")) == (426, "13")


def test_version_given_twice_is_refused(server: ServerProcess) -> None:
    with Wire(server) as wire:
        assert wire.upgrade("/echo", "Sec-WebSocket-Version: 13").status == 426


MALFORMED_ORIGINS = [
    "http://[",
    "http://test:99999",
    "http://test:port",
    "nothing",
    "http://",
    "http://t\xe9st",
    "http://test\r\nOrigin: http://test",
]


@pytest.mark.parametrize("origin", MALFORMED_ORIGINS)
def test_malformed_origin_is_forbidden(server: ServerProcess, origin: str) -> None:
    with Wire(server) as wire:
        answer = wire.upgrade("/echo", f"Origin: {origin}")
        assert (answer.status, answer.body) == (403, b"Forbidden\n")


@pytest.mark.parametrize(
    "origin", ["null", "http://other", "https://test:8443", "http://a@test", "app://local"]
)
def test_origin_is_otherwise_left_to_the_application(server: ServerProcess, origin: str) -> None:
    with Wire(server).open("/ending/scope", f"Origin: {origin}") as wire:
        assert ["origin", origin] in json.loads(wire.text())["headers"]


@pytest.mark.parametrize(
    "path", ["/unknown", "/%00", "/echo%00", "/%ff", "/%c3", "/..%2fecho", "/" + "x" * 8000]
)
def test_unknown_or_unreadable_path_is_not_found(server: ServerProcess, path: str) -> None:
    with Wire(server) as wire:
        assert wire.upgrade(path).status == 404


def test_path_reaches_the_application_as_it_was_sent(server: ServerProcess) -> None:
    for path in ("//echo", "/echo;x", "//ending/scope"):
        with Wire(server) as wire:
            assert wire.upgrade(path).status == 404
    with Wire(server).open("/ending/scope?a=%20b") as wire:
        assert json.loads(wire.text())["path"] == "/ending/scope"


@pytest.mark.parametrize("subprotocol", ["p\xe9", "x" * 10_000], ids=["non-ASCII", "10 kB"])
def test_strange_subprotocol_is_refused_without_python_text(server: ServerProcess, subprotocol: str) -> None:
    with Wire(server) as wire:
        answer = wire.upgrade("/echo", f"Sec-WebSocket-Protocol: {subprotocol}")
        assert (answer.status, answer.body) == (400, b"Bad Request\n")


def test_accepted_subprotocol_and_headers_are_sent(server: ServerProcess) -> None:
    with Wire(server) as wire:
        answer = wire.upgrade("/ending/scope?subprotocol=two", "Sec-WebSocket-Protocol: one, two")
        assert answer.status == 101
        assert answer.header("sec-websocket-protocol") == "two"
        assert answer.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        assert [value for name, value in answer.headers if name.startswith("x-")] == ["1", "2", "3"]
        assert json.loads(wire.text())["subprotocols"] == ["one", "two"]


def test_subprotocol_that_was_not_offered_is_the_applications_fault(server: ServerProcess) -> None:
    with Wire(server) as wire:
        answer = wire.upgrade("/ending/scope?subprotocol=three", "Sec-WebSocket-Protocol: one")
        assert answer.status == 500


ODD_REQUESTS = {
    "POST": ("POST /echo HTTP/1.1", [], 405),
    "HTTP/1.0": ("GET /echo HTTP/1.0", [], 505),
    "with a body": ("GET /echo HTTP/1.1", ["Content-Length: 4"], 400),
    "with a chunked body": ("GET /echo HTTP/1.1", ["Transfer-Encoding: chunked"], 400),
}


@pytest.mark.parametrize(("line", "headers", "status"), ODD_REQUESTS.values(), ids=ODD_REQUESTS)
def test_upgrade_of_another_request_is_refused(
    server: ServerProcess, line: str, headers: list[str], status: int
) -> None:
    fixed = [
        "Host: test",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    body = "0\r\n\r\n" if "Transfer-Encoding: chunked" in headers else "body"
    with Wire(server) as wire:
        wire.send("\r\n".join([line, *fixed, *headers, "", body if headers else ""]).encode())
        assert wire.answer().status == status


def test_upgrade_without_connection_header_is_refused(server: ServerProcess) -> None:
    with Wire(server) as wire:
        assert wire.upgrade("/echo", without="Connection").status == 400


def test_other_upgrade_is_answered_as_plain_http(server: ServerProcess) -> None:
    with Wire(server) as wire:
        answer = wire.request("GET", "/scope", ["Upgrade: h2c", "Connection: Upgrade"])
        assert (answer.status, answer.json()["type"]) == (200, "http")


def test_missing_or_second_host_is_refused(server: ServerProcess) -> None:
    for hosts in ("", "Host: a\r\nHost: b\r\n"):
        for path, upgrade in (("/scope", ""), ("/echo", "Upgrade: websocket\r\nConnection: Upgrade\r\n")):
            with Wire(server) as wire:
                wire.send(f"GET {path} HTTP/1.1\r\n{hosts}{upgrade}\r\n".encode())
                assert wire.answer().status == 400


PROXY_HEADERS = [
    "Daphne-Root-Path: /evil",
    "X-Forwarded-For: 6.6.6.6",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil",
    "X-Real-IP: 6.6.6.6",
    "X-Script-Name: /evil",
    "Forwarded: for=6.6.6.6",
    "X_Under_Score: evil",
]


def scope_over(server: ServerProcess, kind: str, headers: list[str]) -> dict[str, object]:
    with Wire(server) as wire:
        if kind == "http":
            scope: dict[str, object] = wire.request("GET", "/scope", headers).json()
        else:
            scope = json.loads(wire.open("/ending/scope", *headers).text())
    return scope


@pytest.mark.parametrize("kind", ["http", "ws"])
def test_headers_of_a_proxy_have_no_effect_when_it_is_not_trusted(server: ServerProcess, kind: str) -> None:
    scope = scope_over(server, kind, PROXY_HEADERS)
    assert scope["root_path"] == ""
    assert scope["scheme"] == kind
    assert str(scope["client"]).startswith("['127.0.0.1'")
    text = str(scope["headers"]).lower()
    assert "evil" not in text
    assert "6.6.6.6" not in text


@pytest.mark.parametrize("kind", ["http", "ws"])
def test_trusted_proxy_names_client_and_scheme_with_its_last_value(
    start_server: StartServer, kind: str
) -> None:
    server = start_server(trust_proxy=True)
    headers = [
        "X-Forwarded-For: 6.6.6.6",
        "X-Forwarded-For: 7.7.7.7, 2001:db8::1",
        "X-Forwarded-Proto: http, https",
        "Daphne-Root-Path: /evil",
    ]
    scope = scope_over(server, kind, headers)
    assert scope["client"] == ["2001:db8::1", 0]
    assert scope["scheme"] == kind + "s"
    assert scope["root_path"] == ""
    for nonsense in ("unknown", "1.2.3", "\xff", ""):
        client = scope_over(server, kind, [f"X-Forwarded-For: {nonsense}"])["client"]
        assert str(client).startswith("['127.0.0.1'")


def test_no_answer_names_the_server_software(server: ServerProcess) -> None:
    heads = []
    for upgrade in ("/echo", "/unknown", "/ending/reject"):
        with Wire(server) as wire:
            heads.append(wire.upgrade(upgrade).head)
    for path in ("/scope", "/raise"):
        with Wire(server) as wire:
            answer = wire.request("GET", path)
            heads.append(answer.head + answer.body.decode())
    for head in heads:
        assert "server:" not in head.lower()
        assert "daphne" not in head.lower()
        assert "twisted" not in head.lower()


def test_connection_that_served_http_becomes_a_websocket(server: ServerProcess) -> None:
    with Wire(server) as wire:
        assert wire.request("GET", "/scope").status == 200
        assert wire.open().frame(TEXT, b"now").text() == "now"


def test_second_request_before_the_first_is_answered_is_no_handshake(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server) as wire:
        wire.send(HANDSHAKE.format(path="/ending/late-accept").encode())
        server.event("waiting")
        wire.send(HANDSHAKE.format(path="/echo").encode())
        server.release()
        assert wire.answer().status == 101
        assert wire.close_code() == 1002
    assert "Traceback" not in server.log()


def test_compression_is_not_negotiated(server: ServerProcess) -> None:
    with Wire(server) as wire:
        answer = wire.upgrade("/echo", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
        assert answer.status == 101
        assert answer.header("sec-websocket-extensions") is None


def test_handshake_the_application_does_not_answer_ends_with_503(strict_server: ServerProcess) -> None:
    with Wire(strict_server) as wire:
        assert wire.upgrade("/ending/late-accept").status == 503


def test_client_that_leaves_during_the_handshake_is_forgotten(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server) as wire:
        wire.send(HANDSHAKE.format(path="/ending/late-accept").encode())
        server.event("waiting")
    server.release()
    with Wire(server).open() as wire:
        assert wire.frame(TEXT, b"fine").text() == "fine"
    assert "Traceback" not in server.log()


def test_no_odd_handshake_leaves_a_traceback(start_server: StartServer) -> None:
    server = start_server()
    for path in ("/%00", "/%ff", "//", "/" + "x" * 8000):
        with Wire(server) as wire:
            wire.upgrade(path)
    for header in ("Sec-WebSocket-Protocol: \xff", "Origin: http://[", "Cookie: \xff\xfe; a=b; a=c"):
        with Wire(server) as wire:
            wire.upgrade("/unknown", header)
    for key in bad_keys().values():
        with Wire(server) as wire:
            wire.upgrade("/echo", key, without="Sec-WebSocket-Key")
    assert SECRET not in server.log()
    assert "Traceback" not in server.log()
