from typing import Any

import httpx
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from chat import database
from chat.live.envelope import SignedOut
from chat.models import User
from chat.pipeline.runtime import Runtime
from tests.cast import Cast, token_of

Connect = Any
ORIGIN = {"origin": "http://localhost:8000"}


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


async def test_a_revoked_token_ends_its_sockets_and_no_other(
    cast: Cast, connect: Connect, application: Any
) -> None:
    other = await database.run(token_of, cast.bob)
    doomed, spared = await connect(cast.token(cast.bob)), await connect(other)
    await doomed.resume()
    await spared.resume()
    transport = httpx.ASGITransport(app=application)
    headers = {"Authorization": f"Bearer {other}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost:8000", headers=headers
    ) as rest:
        tokens = (await rest.get("/api/v1/tokens")).json()["items"]
        answer = await rest.delete(f"/api/v1/tokens/{min(token['id'] for token in tokens)}")
    assert answer.status_code == 204
    assert await doomed.closed() == 4501
    assert (await spared.ask("ping"))["type"] == "pong"


async def test_signing_out_ends_the_sockets_of_that_session(
    cast: Cast, connect: Connect, application: Any
) -> None:
    key = await database.run(session_of, cast.bob)
    page = await connect(cookie=f"sessionid={key}", **ORIGIN)
    program = await connect(cast.token(cast.bob))
    await page.resume()
    await program.resume()

    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost:8000", cookies={"sessionid": key}
    ) as web:
        await web.get("/accounts/logout/")
        form = {"csrfmiddlewaretoken": web.cookies["csrftoken"]}
        assert (await web.post("/accounts/logout/", data=form, headers=ORIGIN)).status_code == 302
    assert await page.closed() == 4501
    assert (await program.ask("ping"))["type"] == "pong"


async def test_an_empty_proof_ends_all_of_a_user(cast: Cast, connect: Connect, runtime: Runtime) -> None:
    bob, alice = await connect(cast.token(cast.bob)), await connect(cast.token(cast.alice))
    await bob.resume()
    await alice.resume()
    runtime.hub.publish([SignedOut(cast.bob.pk)])
    assert await bob.closed() == 4501
    assert (await alice.ask("ping"))["type"] == "pong"
