"""What allauth is told in tables: our forms in the place of its own, and the provider to sign in with."""

from typing import Any

ACCOUNT_FORMS = {
    name: f"chat.pages.forms.{form}"
    for name, form in {
        "login": "LoginForm",
        "signup": "SignupForm",
        "add_email": "AddEmailForm",
        "change_password": "ChangePasswordForm",
        "set_password": "SetPasswordForm",
        "reset_password": "ResetPasswordForm",
        "reset_password_from_key": "ResetPasswordKeyForm",
        "reauthenticate": "ReauthenticateForm",
    }.items()
}

MFA_FORMS = {
    name: f"chat.pages.second_factor_forms.{form}"
    for name, form in {
        "authenticate": "AuthenticateForm",
        "reauthenticate": "ReauthenticateForm",
        "activate_totp": "ActivateTOTPForm",
        "deactivate_totp": "DeactivateTOTPForm",
        "add_webauthn": "AddPasskeyForm",
        "authenticate_webauthn": "AuthenticatePasskeyForm",
        "login_webauthn": "LoginPasskeyForm",
        "reauthenticate_webauthn": "ReauthenticatePasskeyForm",
    }.items()
}


def providers(*, issuer: str, name: str, client_id: str, secret: str) -> dict[str, Any]:
    """Return the table of OpenID Connect providers: the one that the operator has named."""
    app = {
        "provider_id": "oidc",
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
