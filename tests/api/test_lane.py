from __future__ import annotations

from tests.api.conftest import ORIGIN, Door
from tests.cast import Cast

SECURITY = {
    "content-security-policy", "permissions-policy", "referrer-policy", "x-content-type-options",
    "x-frame-options", "cross-origin-opener-policy",
}  # fmt: skip


async def test_answers_of_rest_are_as_guarded_as_pages(door: Door, cast: Cast) -> None:
    page = await door().get("docs")
    for answer in (await door(cast.bob).get("me"), await door().get("me"), await door().get("nothing")):
        assert {name: answer.headers[name] for name in SECURITY} == {
            name: page.headers[name] for name in SECURITY
        }
        assert answer.headers["content-length"] == str(len(answer.content))


async def test_rest_goes_past_the_middleware_of_pages(door: Door, cast: Cast) -> None:
    answer = await door(cast.bob, accept_language="ko").get("me")
    assert answer.status_code == 200
    assert "vary" not in answer.headers
    assert "content-language" not in answer.headers
    assert "set-cookie" not in answer.headers


async def test_docs_page_goes_the_way_of_pages(door: Door) -> None:
    assert "csrftoken" in (await door().get("docs")).cookies


async def test_forged_host_gets_no_link(door: Door, cast: Cast) -> None:
    response = await door(cast.bob, host="evil.example").post("invites", json={})
    assert response.status_code == 400
    assert "evil" not in response.text
    own = await door(cast.bob).post("invites", json={})
    assert own.json()["url"].startswith(ORIGIN)
