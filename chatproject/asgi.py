"""The composition root of the web process: HTTP to Django, sockets to the consumers, one runtime for both."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
# Before anything that imports models.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from chat.gateway.consumer import ChatConsumer  # noqa: E402
from chat.gateway.outermost import Outermost, announce_stock_server, not_found  # noqa: E402
from chat.gateway.simple import SimpleConsumer  # noqa: E402
from chat.pipeline.runtime import Runtime  # noqa: E402

Application = Callable[[Any, Any, Any], Awaitable[Any]]


def compose(runtime: Runtime) -> Application:
    """Put the doors together around one runtime."""
    router = ProtocolTypeRouter(
        {
            "http": django_application,
            "websocket": URLRouter(
                [
                    path("ws/v1/", ChatConsumer.as_asgi()),
                    path("ws/chat/", SimpleConsumer.as_asgi()),
                    path("ws/chat/<str:slug>/", SimpleConsumer.as_asgi()),
                    # A URLRouter raises for a path that it does not know.
                    re_path(r"", not_found),  # type: ignore[arg-type]  # an ASGI application, as URLRouter wants
                ]
            ),
        }
    )

    async def with_runtime(scope: Any, receive: Any, send: Any) -> None:
        server = (scope.get("extensions") or {}).get("maru.server")
        if server is not None:
            # daphne has no lifespan: the first connection of any kind ties the runtime to the server's life.
            runtime.bind(server.state)
        await router({**scope, "runtime": runtime}, receive, send)

    return Outermost(with_runtime)


announce_stock_server()
application = compose(Runtime())
