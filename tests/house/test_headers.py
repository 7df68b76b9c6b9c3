import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse

from chatproject.headers import CONTENT_SECURITY_POLICY, SecurityHeaders


def test_a_page_runs_only_code_of_ours_and_stands_in_nobodys_frame() -> None:
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_headers_are_put_on_without_leaving_the_event_loop_or_entering_one() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    async def async_view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert not iscoroutinefunction(SecurityHeaders(view))
    assert iscoroutinefunction(SecurityHeaders(async_view))


async def test_both_kinds_of_view_get_both_headers_and_may_bring_their_own() -> None:
    async def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Permissions-Policy": "camera=(self)"})

    answer = SecurityHeaders(view)(HttpRequest())
    assert not isinstance(answer, HttpResponse)
    response = await answer  # type: ignore[misc]
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response.headers["Permissions-Policy"] == "camera=(self)"
    plain = SecurityHeaders(lambda _request: HttpResponse())(HttpRequest())
    assert isinstance(plain, HttpResponse)
    assert plain.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("name", ["SECURE_CONTENT_TYPE_NOSNIFF"])
def test_content_types_are_not_guessed(name: str) -> None:
    from django.conf import settings

    assert getattr(settings, name) is True
