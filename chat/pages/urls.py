"""Every address of a page."""

from __future__ import annotations

from allauth.account import views as allauth_views
from django.urls import URLPattern, path, re_path
from django.views.generic import RedirectView

from chat.pages import health, language
from chat.pages.bounded import bounded
from chat.pages.invitation import invitation
from chat.pages.page import page
from chat.pages.setup import setup, unless_new
from chat.pages.unsubscribe import unsubscribe
from chat.pages.worker import worker

# One line a page that allauth can show to us; what needs telephones, codes or passkeys is not offered.
accounts = [
    path("accounts/login/", bounded(unless_new(allauth_views.login)), name="account_login"),
    path("accounts/logout/", bounded(allauth_views.logout), name="account_logout"),
    path("accounts/signup/", bounded(allauth_views.signup), name="account_signup"),
    path("accounts/inactive/", bounded(allauth_views.account_inactive), name="account_inactive"),
    path("accounts/reauthenticate/", bounded(allauth_views.reauthenticate), name="account_reauthenticate"),
    path("accounts/email/", bounded(allauth_views.email), name="account_email"),
    path(
        "accounts/confirm-email/",
        bounded(allauth_views.email_verification_sent),
        name="account_email_verification_sent",
    ),
    re_path(
        r"^accounts/confirm-email/(?P<key>[-:\w]+)/$",
        bounded(allauth_views.confirm_email),
        name="account_confirm_email",
    ),
    path("accounts/password/change/", bounded(allauth_views.password_change), name="account_change_password"),
    path("accounts/password/set/", bounded(allauth_views.password_set), name="account_set_password"),
    path("accounts/password/reset/", bounded(allauth_views.password_reset), name="account_reset_password"),
    path(
        "accounts/password/reset/done/",
        bounded(allauth_views.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        bounded(allauth_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        bounded(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]

urlpatterns: list[URLPattern] = [
    path("", page, name="page"),
    path("rooms/", page, name="page_rooms"),
    path("rooms/<int:room_id>/", page, name="page_room"),
    path("later/", page, name="page_later"),
    path("search/", page, name="page_search"),
    path("saved/", page, name="page_saved"),
    path("settings/", page, name="page_settings"),
    path("settings/<path:place>", page),
    path("setup/", setup, name="setup"),
    path("invite/<str:secret>/", invitation, name="invitation"),
    path("unsubscribe/<str:secret>/", unsubscribe, name="unsubscribe"),
    path("i18n/setlang/", bounded(language.choose), name="set_language"),
    path("worker.js", worker, name="worker"),
    path("favicon.ico", RedirectView.as_view(url="/static/icon-192.png"), name="favicon"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
    *accounts,
]
