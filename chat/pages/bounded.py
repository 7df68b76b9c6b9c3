"""Synchronous pages in a few threads of their own, off the event loop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache, partial, wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase

from chat import database
from chat.pages import language, writes

# One Argon2 hash takes a tenth of a second and 100 MB: a storm of sign-ins waits here in line, where Django's
# own way, a thread for each request, would take the machine's memory.
_THREADS_COUNT = 4
# A page that hangs in the database gives its thread back, and who waits behind it too long is told.
_RUNNING_S = 10.0
_WAITING_S = 30.0

View = Callable[..., HttpResponseBase]
AsyncView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
_T = TypeVar("_T")


@cache
def _pool() -> Executor:
    return ThreadPoolExecutor(_THREADS_COUNT, thread_name_prefix="accounts")


def bounded(view: View) -> AsyncView:
    """Run a synchronous view in the threads of the accounts, then carry out what it left to the pipeline."""

    @wraps(view)
    async def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = await run(_answer, view, request, *args, **kwargs)
        await writes.carry_out(request)
        return response

    return answer


async def run(function: Callable[..., _T], *args: Any, **kwargs: Any) -> _T:
    """Run a function in the threads of the accounts and return its result."""
    work = partial(function, *args, **kwargs)
    return await database.run_in(_pool(), work, running_s=_RUNNING_S, waiting_s=_WAITING_S)


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    language.use(request)
    response = view(request, *args, **kwargs)
    # Here and not later on Django's own thread, which would read the database and knows no language.
    if callable(render := getattr(response, "render", None)):
        response = render()
    response.headers["Content-Language"] = language.current()
    return response
