"""Where the app and Django's own pages are mounted."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("chat.urls")),
    path("staff/", admin.site.urls),
]

handler400 = "chat.pages.errors.bad_request"
handler403 = "chat.pages.errors.forbidden"
handler404 = "chat.pages.errors.not_found"
handler429 = "chat.pages.errors.too_many_requests"
handler500 = "chat.pages.errors.server_error"
