"""The way of REST past the middleware that only pages need."""

from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import resolve

from chatproject.headers import with_policies

_LANE = "/api/"
# A page with scripts, which wants its CSRF cookie.
_PAGES = frozenset({"/api/v1/docs"})


class RestLane:
    """Middleware, the first: lead a request under /api/ straight to its view.

    Sessions, messages, languages and static files are nothing to it; it checks session and CSRF by itself.
    Each of them takes a request through a thread and back, and WhiteNoise, which is synchronous, keeps a
    thread for as long as the request lasts, so also for each message that waits for its COMMIT.
    """

    # Else Django would run it synchronously too, because of WhiteNoise further in.
    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponse]]) -> None:
        self._get_response = get_response
        # Called by their parts that only write headers; those neither wait nor read the database.
        self._security = SecurityMiddleware(get_response)
        self._frames = XFrameOptionsMiddleware(get_response)
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.startswith(_LANE) or path in _PAGES:
            return await self._get_response(request)
        # What CommonMiddleware does first: a forged Host must not get into the links that a view makes.
        request.get_host()
        request.resolver_match = match = resolve(path)
        response = await match.func(request, *match.args, **match.kwargs)
        # What is streamed says its length itself.
        if not response.streaming and response.content:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        response = self._security.process_response(request, response)
        return with_policies(self._frames.process_response(request, response))
