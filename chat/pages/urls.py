"""Every address of a page."""

from __future__ import annotations

from allauth.account import views as allauth_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as codes_views
from allauth.mfa.totp import views as totp_views
from allauth.socialaccount import views as social_views
from django.urls import URLPattern, path, re_path
from django.views.generic import RedirectView

from chat.pages import health, language, oidc, passkeys
from chat.pages.bounded import bounded
from chat.pages.invitation import invitation
from chat.pages.logo import logo
from chat.pages.page import page
from chat.pages.second_factor import first_factor, without_replay
from chat.pages.setup import setup, unless_new
from chat.pages.unsubscribe import unsubscribe
from chat.pages.worker import worker

# One line a page that allauth can show to us; what needs telephones or codes by mail is not offered.
accounts = [
    path("accounts/login/", bounded(unless_new(allauth_views.login)), name="account_login"),
    path("accounts/logout/", bounded(allauth_views.logout), name="account_logout"),
    path("accounts/signup/", bounded(allauth_views.signup), name="account_signup"),
    path("accounts/inactive/", bounded(allauth_views.account_inactive), name="account_inactive"),
    path(
        "accounts/reauthenticate/",
        bounded(without_replay(allauth_views.reauthenticate)),
        name="account_reauthenticate",
    ),
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

factors = [
    path("accounts/2fa/", bounded(first_factor), name="mfa_index"),
    path("accounts/2fa/authenticate/", bounded(passkeys.authenticate), name="mfa_authenticate"),
    path(
        "accounts/2fa/reauthenticate/",
        bounded(without_replay(mfa_views.reauthenticate)),
        name="mfa_reauthenticate",
    ),
    path("accounts/2fa/totp/activate/", bounded(passkeys.activate_totp), name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", bounded(totp_views.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "accounts/2fa/recovery-codes/",
        bounded(codes_views.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "accounts/2fa/recovery-codes/generate/",
        bounded(codes_views.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "accounts/2fa/recovery-codes/download/",
        bounded(codes_views.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("accounts/2fa/passkeys/", bounded(first_factor), name="mfa_list_webauthn"),
    path("accounts/2fa/passkeys/add/", bounded(passkeys.add), name="mfa_add_webauthn"),
    path("accounts/2fa/passkeys/login/", bounded(passkeys.login), name="mfa_login_webauthn"),
    path(
        "accounts/2fa/passkeys/reauthenticate/",
        bounded(without_replay(passkeys.reauthenticate)),
        name="mfa_reauthenticate_webauthn",
    ),
    path("accounts/2fa/passkeys/<int:pk>/remove/", bounded(passkeys.remove), name="mfa_remove_webauthn"),
]

providers = [
    path("accounts/oidc/<str:provider_id>/login/", bounded(oidc.login), name="openid_connect_login"),
    path(
        "accounts/oidc/<str:provider_id>/login/callback/",
        bounded(oidc.callback),
        name="openid_connect_callback",
    ),
    path(
        "accounts/oidc/cancelled/",
        bounded(social_views.login_cancelled),
        name="socialaccount_login_cancelled",
    ),
    path("accounts/oidc/error/", bounded(social_views.login_error), name="socialaccount_login_error"),
]

urlpatterns: list[URLPattern] = [
    path("", page, name="page"),
    path("rooms/", page, name="page_rooms"),
    path("rooms/<int:room_id>/", page, name="page_room"),
    path("later/", page, name="page_later"),
    path("search/", page, name="page_search"),
    path("threads/", page, name="page_threads"),
    path("saved/", page, name="page_saved"),
    path("admin/", page, name="page_admin"),
    path("admin/<path:place>", page),
    path("unread/", page, name="page_unread"),
    path("mentions/", page, name="page_mentions"),
    path("settings/", page, name="page_settings"),
    path("settings/security/", page, name="page_security"),
    path("settings/<path:place>", page),
    path("setup/", setup, name="setup"),
    path("invite/<str:secret>/", invitation, name="invitation"),
    path("unsubscribe/<str:secret>/", unsubscribe, name="unsubscribe"),
    path("i18n/setlang/", bounded(language.choose), name="set_language"),
    path("worker.js", worker, name="worker"),
    path("logo/<str:key>", logo, name="logo"),
    path("favicon.ico", RedirectView.as_view(url="/static/icon-192.png"), name="favicon"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
    *accounts,
    *factors,
    *providers,
]
