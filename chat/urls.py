"""Every address of the app, by door."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("chat.api.urls")),
    path("", include("chat.pages.urls")),
]
