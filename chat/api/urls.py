"""The addresses under /api/; each of them, known or not, answers with JSON."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from chat.api import errors, openapi
from chat.api.api import api

View = Callable[..., Coroutine[Any, Any, HttpResponse]]


def _in_json(view: View) -> View:
    """Let a method that the address does not know be answered with the error object."""

    @wraps(view)
    async def answer(request: HttpRequest, **named: str) -> HttpResponse:
        response = await view(request, **named)
        is_refused = response.status_code == 405 and "Allow" in response
        return errors.wrong_method(request, response["Allow"]) if is_refused else response

    return answer


def _read_only(view: View) -> View:
    @csrf_exempt
    async def answer(request: HttpRequest) -> HttpResponse:
        return await view(request, api) if request.method == "GET" else errors.wrong_method(request, "GET")

    return answer


def _routes() -> list[URLPattern]:
    """Return ninja's routes, with views of our own for the description and for the root."""
    routes = [
        path("openapi.json", _read_only(openapi.document), name="openapi-json"),
        path("docs", _read_only(openapi.page), name="openapi-view"),
        path("", errors.no_such_address, name="api-root"),
    ]
    own = {route.name for route in routes}
    found = [route for route in cast(list[URLPattern], api.urls[0]) if route.name not in own]
    return routes + [
        URLPattern(route.pattern, _in_json(cast(View, route.callback)), route.default_args, route.name)
        for route in found
    ]


urlpatterns = [
    path("v1/", (_routes(), "ninja", api.urls_namespace)),
    re_path(r"", errors.no_such_address),
]
