import sqlite3
from contextlib import closing

import httpx
import pytest

from tests.gateway.wire import KEY
from tests.hostile.house import SOCKET_PATH, House, Line
from tests.people import Person

SIGNED_OUT = 4501


def session_of(browser: httpx.Client) -> str:
    return f"Cookie: sessionid={browser.cookies['sessionid']}"


def close_code(house: House, *headers: str, path: str = SOCKET_PATH) -> int | None:
    """Return the code with which an accepted socket is closed at once; None for one that is greeted."""
    with Line(house).open(path, *headers) as line:
        opcode, payload = line.read_frame()
        return int.from_bytes(payload[:2], "big") if opcode == 8 else None


@pytest.fixture(scope="module")
def session(house: House) -> str:
    with house.browser(house["carol"]) as browser:
        return session_of(browser)


# The house allows its address, localhost and [::1], each on its port.
ORIGINS = {
    "allowed": (["http://{host}"], 101),
    "allowed by name": (["http://localhost:{port}"], 101),
    "upper case": (["HTTP://LOCALHOST:{port}"], 101),
    "missing": ([], 403),
    "empty": ([""], 403),
    "null": (["null"], 403),
    "other host": (["http://evil.example:{port}"], 403),
    "other scheme": (["https://{host}"], 403),
    "scheme of a socket": (["ws://{host}"], 403),
    "other port": (["http://127.0.0.1:1"], 403),
    "no port": (["http://127.0.0.1"], 403),
    "zero before the port": (["http://127.0.0.1:0{port}"], 403),
    "sub-domain": (["http://evil.localhost:{port}"], 403),
    "suffix": (["http://localhost.evil:{port}"], 403),
    "prefix": (["http://evillocalhost:{port}"], 403),
    "trailing dot": (["http://localhost.:{port}"], 403),
    "short form of the address": (["http://127.1:{port}"], 403),
    "userinfo": (["http://evil@{host}"], 403),
    "our host as userinfo": (["http://{host}@evil.example"], 403),
    "with a path": (["http://{host}/"], 403),
    "with a backslash": (["http://{host}\\evil"], 403),
    "half a bracket": (["http://["], 403),
    "port 99999": (["http://127.0.0.1:99999"], 403),
    "not ASCII": (["http://l\xf6calhost:{port}"], 403),
    "the same twice": (["http://{host}", "http://{host}"], 403),
    "two in one": (["http://{host}, http://{host}"], 403),
    "a foreign one behind": (["http://{host}", "http://evil.example"], 403),
    "8 kB": (["http://" + "x" * 8_000], 403),
}


@pytest.mark.parametrize(("values", "status"), ORIGINS.values(), ids=ORIGINS)
@pytest.mark.parametrize("path", [SOCKET_PATH, "/ws/chat/"])
def test_page_of_another_origin_may_not_use_the_cookie(
    house: House, session: str, path: str, values: list[str], status: int
) -> None:
    headers = [
        "Origin: " + value.replace("{host}", house.host).replace("{port}", str(house.port))
        for value in values
    ]
    with Line(house) as line:
        assert line.upgrade(path, session, *headers).status == status


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "app://local"])
def test_token_makes_the_origin_unimportant(house: House, mallory: Person, origin: str) -> None:
    assert close_code(house, mallory.bearer, f"Origin: {origin}") is None


def cookies() -> dict[str, str]:
    return {
        "none": "",
        "empty": "sessionid=",
        "another": "other=GOOD",
        "in capitals": "SESSIONID=GOOD",
        "unknown": "sessionid=" + "a" * 32,
        "too short": "sessionid=abc",
        "not ASCII": "sessionid=\xff\xfe",
        "quoted": 'sessionid="a b; c"',
        "NUL escaped": "sessionid=%00",
        "a path": "sessionid=../../../etc/passwd",
        "SQL": "sessionid=' OR 1=1 --",
        "8 kB": "sessionid=" + "a" * 8_000,
        "a thousand cookies": "; ".join(f"c{number}=1" for number in range(1_000)),
        "good, then bad": "sessionid=GOOD; sessionid=" + "a" * 32,
        "bad, then good": "sessionid=" + "a" * 32 + "; sessionid=GOOD",
        "good twice": "sessionid=GOOD; sessionid=GOOD",
        "good and bad in two headers": "sessionid=GOOD\r\nCookie: sessionid=" + "a" * 32,
        "good with a letter more": "sessionid=GOODx",
        "good with a space inside": "session id=GOOD",
    }


@pytest.mark.parametrize("cookie", cookies().values(), ids=cookies())
def test_cookie_that_proves_nobody_is_signed_out(house: House, session: str, cookie: str) -> None:
    cookie = cookie.replace("GOOD", session.partition("=")[2])
    headers = [f"Cookie: {cookie}"] if cookie else []
    assert close_code(house, f"Origin: {house.origin}", *headers) == SIGNED_OUT


@pytest.mark.parametrize(
    "cookie",
    ["GOOD", "a=1; GOOD; b=2", 'json={"a": [1, "x"]}; GOOD', "odd[name]=1; GOOD", "=; ; GOOD;"],
)
def test_good_cookie_is_found_among_others(house: House, session: str, cookie: str) -> None:
    cookie = cookie.replace("GOOD", session.removeprefix("Cookie: "))
    assert close_code(house, f"Origin: {house.origin}", f"Cookie: {cookie}") is None


BEARERS = {
    "empty": "Bearer",
    "unknown": "Bearer maru_" + "x" * 43,
    "other kind": "Basic YWxpY2U6c2VjcmV0",
    "kind is missing": "TOKEN",
    "token of 8 kB": "Bearer " + "x" * 8_000,
    "not ASCII": "Bearer \xff\xfe",
    "twice": "Bearer TOKEN\r\nAuthorization: Bearer TOKEN",
    "two in one": "Bearer TOKEN, Bearer TOKEN",
}


@pytest.mark.parametrize("value", BEARERS.values(), ids=BEARERS)
def test_token_that_proves_nobody_is_signed_out_whatever_the_cookie_says(
    house: House, mallory: Person, session: str, value: str
) -> None:
    header = "Authorization: " + value.replace("TOKEN", mallory.token)
    assert close_code(house, session, f"Origin: {house.origin}", header) == SIGNED_OUT


def test_token_in_the_address_is_no_proof(house: House, mallory: Person) -> None:
    path = f"{SOCKET_PATH}?token={mallory.token}&access_token={mallory.token}"
    assert close_code(house, f"Origin: {house.origin}", path=path) == SIGNED_OUT


def test_session_ends_with_its_sign_out_and_so_do_its_sockets(house: House) -> None:
    with house.browser(house["dave"]) as browser:
        session, origin = session_of(browser), f"Origin: {house.origin}"
        with Line(house).open(SOCKET_PATH, session, origin) as line:
            assert line.hear()["type"] == "hello"
            form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            browser.post("/accounts/logout/", data=form, headers={"Origin": house.origin})
            assert line.close_code() == SIGNED_OUT
    # Whoever has kept the cookie has kept nothing.
    assert close_code(house, session, origin) == SIGNED_OUT


def test_expired_session_is_signed_out(house: House) -> None:
    # Not the same one: who came in a moment ago is believed for half a minute, and then looked at again.
    with house.browser(house["dave"]) as browser, house.browser(house["dave"]) as other:
        session, good = session_of(browser), session_of(other)
    assert close_code(house, good, f"Origin: {house.origin}") is None
    with closing(sqlite3.connect(house.database, timeout=10)) as database, database:
        key = session.partition("=")[2]
        database.execute("UPDATE django_session SET expire_date = '2020-01-01' WHERE session_key = ?", [key])
    assert close_code(house, session, f"Origin: {house.origin}") == SIGNED_OUT


HANDSHAKES = {
    "no key": ("Sec-WebSocket-Key", [], 400),
    "long key": ("Sec-WebSocket-Key", [f"Sec-WebSocket-Key: {'A' * 30}=="], 400),
    "key twice": ("", [f"Sec-WebSocket-Key: {KEY}"], 400),
    "version 8": ("Sec-WebSocket-Version", ["Sec-WebSocket-Version: 8"], 426),
    "version twice": ("", ["Sec-WebSocket-Version: 13"], 426),
    "no connection": ("Connection", [], 400),
    "subprotocol not ASCII": ("", ["Sec-WebSocket-Protocol: p\xe9"], 400),
    "subprotocol of 10 kB": ("", ["Sec-WebSocket-Protocol: " + "x" * 10_000], 400),
    "with a body": ("", ["Content-Length: 4", "", "body"], 400),
    "two hosts": ("", ["Host: other"], 400),
    "no host": ("Host", [], 400),
    "subprotocols that nobody speaks": ("", ["Sec-WebSocket-Protocol: graphql-ws, wamp"], 101),
    "compression offered": ("", ["Sec-WebSocket-Extensions: permessage-deflate"], 101),
    "an upper case upgrade": ("Upgrade", ["Upgrade: WEBSOCKET"], 101),
}


@pytest.mark.parametrize(("without", "headers", "status"), HANDSHAKES.values(), ids=HANDSHAKES)
def test_odd_handshake_is_answered_with_its_status(
    house: House, mallory: Person, without: str, headers: list[str], status: int
) -> None:
    with Line(house) as line:
        answer = line.upgrade(SOCKET_PATH, mallory.bearer, *headers, without=without)
        assert answer.status == status
        assert answer.header("sec-websocket-protocol") is None
        assert answer.header("sec-websocket-extensions") is None
        assert "AAAA" not in answer.head


PATHS = [
    "/", "/ws", "/ws/", "/ws/v1", "/ws/v2/", "//ws/v1/", "/ws//v1/", "/ws/v1//", "/ws/v1/../v1/", "/WS/V1/",
    "/ws/v1/%00", "/ws/v1%2f", "/ws/%2e%2e/ws/v1/", "/..%2fws/v1/", "/ws/v1/%ff", "/%00", "/ws/v1/;x",
    "/ws/chat/%00/", "/ws/chat/a%2fb/", "/ws/chat/%ff/", "/" + "x" * 8_000, "http://evil.example/ws/v1/",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_unknown_path_of_a_socket_is_not_found(house: House, mallory: Person, path: str) -> None:
    with Line(house) as line:
        answer = line.upgrade(path, mallory.bearer)
        assert answer.status == 404
        assert answer.body in (b"", b"Not Found\n")


@pytest.mark.parametrize(
    "slug", ["no-such-room", "%EC%97%86%EC%9D%8C", "'%20OR%201=1--", "x" * 8_000, "-", "%F0%9F%92%A9"]
)
def test_missing_room_of_a_simple_socket_is_told_and_closed(house: House, mallory: Person, slug: str) -> None:
    with Line(house).open(f"/ws/chat/{slug}/", mallory.bearer) as line:
        assert '"code":"not_found"' in line.text()
        assert line.close_code() == 4500


def test_one_person_and_one_address_hold_no_more_than_their_share_of_sockets(
    house: House, line: Line
) -> None:
    erin, frank = house["erin"], house["frank"]
    opened = []
    try:
        for person, most in ((erin, 20), (frank, 17)):
            for number in range(most):
                # An invented address is nobody's own share.
                another = Line(house).open(SOCKET_PATH, person.bearer, f"X-Forwarded-For: 10.0.0.{number}")
                opened.append(another)
                assert another.hear()["type"] == "hello"
            # The neighbours and Mallory have three of the forty.
            assert close_code(house, person.bearer, "X-Forwarded-For: 10.1.1.1") == 4202
        assert opened[0].still_talks()
        assert line.still_talks()
    finally:
        for another in opened:
            another.socket.close()
    while f"maru_connections {3.0}" not in house.http.get("/metrics").text:
        assert line.still_talks()
