import httpx
import pytest

from tests.hostile.house import STATIC_FILE, House, Line
from tests.people import Person

PROXY_HEADERS = [
    "Daphne-Root-Path: /evil",
    "X-Forwarded-For: 6.6.6.6",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Port: 666",
    "X-Forwarded-Prefix: /evil",
    "X-Real-IP: 6.6.6.6",
    "X-Script-Name: /evil",
    "Script-Name: /evil",
    "Forwarded: for=6.6.6.6;host=evil.example;proto=https",
    "X_Forwarded_Host: evil.example",
    "X-Original-URL: /evil",
    "X-Rewrite-URL: /evil",
    "X-HTTP-Method-Override: DELETE",
]
BROKEN = {
    "HTTP/0.9": (b"GET /\r\n", 400),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nHost: HOST\r\n\r\n", 400),
    "NUL in a value": (b"GET / HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n", 400),
    "folded header": (b"GET / HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n\r\n", 400),
    "bare LF": (b"GET / HTTP/1.1\r\nHost: HOST\r\nX: a\nY: b\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n", 400),
    "600 headers": (b"GET / HTTP/1.1\r\nHost: HOST\r\n" + b"X: 1\r\n" * 600 + b"\r\n", 400),
    "header of 20 kB": (b"GET / HTTP/1.1\r\nHost: HOST\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431),
    "cookie of 64 kB": (b"GET / HTTP/1.1\r\nHost: HOST\r\nCookie: a=" + b"x" * 65_536 + b"\r\n\r\n", 431),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: HOST\r\n\r\n", 405),
    "CONNECT": (b"CONNECT HOST HTTP/1.1\r\nHost: HOST\r\n\r\n", 405),
    "2 MB declared": (
        b"POST /accounts/login/ HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2000000\r\n\r\n",
        413,
    ),
    "path not ASCII": (b"GET /\xff HTTP/1.1\r\nHost: HOST\r\n\r\n", 400),
}
HOSTS = {
    "ours": ("HOST", 302),
    "by name": ("localhost:PORT", 302),
    "IPv6": ("[::1]:PORT", 302),
    "other port": ("127.0.0.1:1", 302),
    "other": ("evil.example", 400),
    "sub-domain": ("evil.localhost", 400),
    "empty": ("", 400),
    "half a bracket": ("[::1", 400),
    "userinfo": ("evil@HOST", 400),
    "with a path": ("HOST/evil", 400),
    "not ASCII": ("h\xf6st", 400),
    "8 kB": ("x" * 8_000, 400),
}
# Whatever is in them, none is a page, and none is a fault.
NOWHERE = [
    "/nothing", "/%00", "/%ff", "/%c3", "//", "//evil.example/", "/..%2f", "/../etc/passwd", "/%2e%2e/",
    "/rooms/0x1/", "/rooms/-1/", "/rooms/1%00/", "/rooms/1.0/", "/accounts/nothing/", "/x" * 4_000,
    "/static/../manage.py", "/static/%2e%2e/maru.sqlite3", "/static/..%2fsecret_key", "/static/%00",
    "/static//etc/passwd", "/static/" + "x" * 4_000, "/invite/nothing/", "/invite/%00/", "/invite/" + "x" * 4_000 + "/",
    "/.env", "/.git/config", "/api/v1/nothing", "/api/v1/rooms/%ff", "/api/v1/%00",
    "/api/v1/../../nothing", "/api/v1/messages/" + "9" * 4_000, "/%0d%0aSet-Cookie:%20evil=1",
]  # fmt: skip


@pytest.mark.parametrize(("data", "status"), BROKEN.values(), ids=BROKEN)
def test_broken_request_is_refused(house: House, data: bytes, status: int) -> None:
    with Line(house) as line:
        assert line.send(data.replace(b"HOST", house.host.encode())).answer().status == status


@pytest.mark.parametrize(("host", "status"), HOSTS.values(), ids=HOSTS)
@pytest.mark.parametrize("path", ["/", "/api/v1/me"])
def test_only_our_hosts_are_answered(house: House, path: str, host: str, status: int) -> None:
    host = host.replace("HOST", house.host).replace("PORT", str(house.port))
    with Line(house) as line:
        answer = line.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1")).answer()
        assert answer.status == (401 if path != "/" and status == 302 else status)
        assert b"evil" not in answer.body


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_address_of_nothing_is_not_found(house: House, mallory: Person, method: str, path: str) -> None:
    with Line(house) as line:
        answer = line.request(method, path, [mallory.bearer])
        # A form of a stranger is refused for its missing token before anybody looks for the page.
        assert answer.status in ((404,) if method == "GET" else (403, 404, 405))
        assert "evil" not in (answer.header("set-cookie") or "")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "PROPFIND", "X" * 1_000])
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/setup/", "/livez", "/metrics", "/api/v1/me"])
def test_method_that_a_page_does_not_know_is_refused(house: House, method: str, path: str) -> None:
    with Line(house) as line:
        # 401: who may not read it learns no more; 403: no token against forgery; 404: setup is over.
        assert line.request(method, path).status in (400, 401, 403, 404, 405)


@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/openapi.json", "/api/v1/docs", "/"])
def test_headers_of_a_proxy_have_no_effect(house: House, path: str) -> None:
    with Line(house) as plain, Line(house) as spoofed:
        usual, odd = plain.request("GET", path), spoofed.request("GET", path, PROXY_HEADERS)
    assert odd.status == usual.status
    assert b"evil" not in odd.body + odd.head.encode()
    names = {"location", "strict-transport-security", "link"}
    assert [pair for pair in odd.headers if pair[0] in names] == [
        pair for pair in usual.headers if pair[0] in names
    ]
    assert "secure" not in (odd.header("set-cookie") or "").lower()


SMUGGLED = {
    "length and chunks": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "two lengths": ["Content-Length: 5", "Content-Length: 50"],
    "negative length": ["Content-Length: -1"],
    "length with a sign": ["Content-Length: +5"],
    "length in hexadecimal": ["Content-Length: 0x5"],
    "unknown coding": ["Transfer-Encoding: xchunked"],
    "chunked twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "space before the colon": ["Transfer-Encoding : chunked"],
}


@pytest.mark.parametrize("headers", SMUGGLED.values(), ids=SMUGGLED)
def test_request_hidden_in_another_is_not_carried_out(
    house: House, mallory: Person, room: int, headers: list[str]
) -> None:
    body = b'{"body":"hidden","client_message_id":"hidden-0001"}'
    path = f"/api/v1/rooms/{room}/messages"
    hidden = f"POST {path} HTTP/1.1\r\nHost: {house.host}\r\n{mallory.bearer}\r\nContent-Length: {len(body)}\r\n\r\n"
    outer = [f"POST {path} HTTP/1.1", f"Host: {house.host}", mallory.bearer, *headers, "", "0", "", ""]
    with Line(house) as line:
        line.send("\r\n".join(outer).encode() + hidden.encode() + body)
        assert line.answer().status == 400
        assert line.ended()
        assert line.buffer == b""
    stored = house.ask(mallory, "GET", f"/rooms/{room}/messages").json()["items"]
    assert "hidden-0001" not in [message["client_message_id"] for message in stored]


RANGES = {
    "first ten": ("bytes=0-9", 206),
    "last five": ("bytes=-5", 206),
    "to beyond the end": ("bytes=995-5000", 206),
    "beyond the end": ("bytes=1000-", 416),
    "backwards": ("bytes=9-0", 416),
    "another unit": ("lines=0-9", 200),
    "nonsense": ("bytes=a-b", 200),
    "many": ("bytes=" + ",".join(["0-"] * 1_000), 200),
    "huge numbers": ("bytes=" + "9" * 1_000 + "-", 416),
}


@pytest.mark.parametrize(("value", "status"), RANGES.values(), ids=RANGES)
def test_range_of_a_file_is_bounded_by_the_file(house: House, value: str, status: int) -> None:
    with Line(house) as line:
        answer = line.request("GET", "/static/digits.txt", [f"Range: {value}"])
        assert answer.status == status
        assert len(answer.body) <= len(STATIC_FILE)


QUERIES = [
    "?next=//evil.example/", "?next=https://evil.example/", "?next=%0d%0aLocation:%20//evil.example", "?next=%00",
    "?%ff=%ff", "?" + "a=1&" * 1_500, "?next=" + "x" * 8_000, "?next[]=1", "?=&=&;",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_odd_query_changes_nothing_for_a_page(house: House, query: str) -> None:
    with Line(house) as line:
        answer = line.request("GET", f"/accounts/login/{query}")
        assert answer.status in (200, 400)
        assert answer.header("location") is None


def test_forged_line_of_the_log_stays_in_its_line(house: House) -> None:
    place = house.log_bytes()
    with Line(house) as line:
        for path in ("/%0aforged%20line", "/api/v1/%0d%0aforged%20line", "/static/%0aforged%20line"):
            assert line.request("GET", path, [f"User-Agent: {path}"]).status == 404
        assert line.upgrade("/ws/%0aforged", "Origin: \x85forged", "Cookie: \x85forged").status in (403, 404)
    assert not [text for text in house.log_since(place).splitlines() if text.startswith("forged")]


FORMS = {
    "/accounts/login/": {"login": "\0", "password": "\0"},
    "/accounts/signup/": {
        "username": "\ud83d\ude00" * 9_000,
        "name": "\0",
        "password1": "x" * 20_000,
        "email": "\0@x",
    },
    "/accounts/password/reset/": {"email": "a@b\r\nBcc: evil@example.com"},
    "/i18n/setlang/": {"language": "../../etc", "next": "//evil.example"},
    "/accounts/password/reset/key/1-set-password/": {"password1": "\0"},
}


@pytest.mark.parametrize(("path", "fields"), FORMS.items(), ids=FORMS)
def test_odd_form_is_answered_as_a_form(house: House, path: str, fields: dict[str, str]) -> None:
    with house.browser(house["carol"]) as browser:
        clean = {
            name: text.encode("utf-16", "surrogatepass").decode("utf-16") for name, text in fields.items()
        }
        token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        answer = browser.post(path, data=clean | token, headers={"Origin": house.origin})
    assert answer.status_code < 500
    assert "evil" not in answer.headers.get("location", "")


HANDLES = {
    "reserved": "admin",
    "for everybody": "here",
    "reserved in capitals": "ALL",
    "taken": "alice",
    "taken, in capitals": "ALICE",
    "taken, in full width": "ａｌｉｃｅ",
    "Cyrillic a": "аlice",
    "dotless i": "alıce",
    "zero-width inside": "al\u200bice",
    "a space inside": "al ice",
    "a tag": "<b>alice</b>",
    "a dot first": ".alice",
    "33 characters": "x" * 33,
    "only spaces": "   ",
}


@pytest.mark.parametrize("handle", HANDLES.values(), ids=HANDLES)
def test_handle_that_speaks_for_another_is_refused(house: House, handle: str) -> None:
    with httpx.Client(base_url=house.origin, trust_env=False) as browser:
        browser.get("/accounts/signup/")
        form = {"username": handle, "name": "Somebody", "password1": "a long enough phrase", "email": ""}
        token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        answer = browser.post("/accounts/signup/", data=form | token, headers={"Origin": house.origin})
        assert (answer.status_code, "sessionid" in browser.cookies) == (200, False)
        assert "<b>alice" not in answer.text
