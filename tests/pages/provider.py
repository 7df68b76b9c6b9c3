"""A small OpenID Connect provider: it asks nobody anything and says what the test wants to be said."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "maru", "a secret between two servers"


class Provider(ThreadingHTTPServer):
    """Answers the four addresses of the protocol; `claims` is who signs in there next."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self.claims: dict[str, Any] = {"sub": "1"}
        # What is wrong with the next answers.
        self.audience = CLIENT
        self.is_broken = False
        # Codes that were given out: the question and what was said of the person.
        self.codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}
        self.access: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Page(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        provider, address = self.server, urlsplit(self.path)
        if provider.is_broken:
            self._say(b"<html>maintenance</html>", kind="text/html", status=502)
        elif address.path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": provider.issuer,
                    "authorization_endpoint": f"{provider.issuer}/authorize",
                    "token_endpoint": f"{provider.issuer}/token",
                    "userinfo_endpoint": f"{provider.issuer}/userinfo",
                    "jwks_uri": f"{provider.issuer}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif address.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            code = secrets.token_urlsafe(16)
            provider.codes[code] = asked, provider.claims
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif address.path == "/userinfo":
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            self._json(provider.access.get(token, {}), status=200 if token in provider.access else 401)
        elif address.path == "/keys":
            shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(provider.key.public_key()))
            self._json({"keys": [{**shown, "kid": "1", "alg": "RS256", "use": "sig"}]})
        else:
            self._say(b"", status=404)

    def do_POST(self) -> None:
        provider = self.server
        said = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
        given = {name: values[0] for name, values in said.items()}
        asked, claims = provider.codes.pop(given.get("code", ""), ({}, {}))
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = (given.get("client_id"), given.get("client_secret")) == (CLIENT, SECRET)
        if provider.is_broken or not asked or not is_right or proof != asked.get("code_challenge"):
            self._json({"error": "invalid_grant"}, status=400)
            return
        now = int(time.time())
        told = {**claims, "iss": provider.issuer, "aud": provider.audience, "iat": now, "exp": now + 300}
        access = secrets.token_urlsafe(16)
        provider.access[access] = claims
        self._json(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": jwt.encode(told, provider.key, algorithm="RS256", headers={"kid": "1"}),
            }
        )

    def _json(self, value: Any, status: int = 200) -> None:
        self._say(json.dumps(value).encode(), kind="application/json", status=status)

    def _say(self, body: bytes, *, kind: str = "text/plain", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""
