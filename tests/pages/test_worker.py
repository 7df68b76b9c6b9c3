from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
from django.test import Client

from chat.features.notifications.push import keys
from chat.pages import urls
from chat.pages.page import page
from scripts.services.process import ROOT
from tests.cast import Cast
from tests.pages.conftest import config_of


async def test_the_service_worker_stands_at_the_root_for_everybody(
    asked: httpx.AsyncClient, cast: Cast, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "worker.js").write_text("// 마루", encoding="utf-8")
    settings.VITE_DIST = tmp_path
    response = await asked.get("/worker.js")
    assert (response.status_code, response.text) == (200, "// 마루")
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert "worker-src 'self'" in response.headers["content-security-policy"]
    assert (await asked.head("/worker.js")).status_code == 200


def test_a_press_finds_each_address_of_the_page() -> None:
    source = (ROOT / "static" / "src" / "worker.ts").read_text(encoding="utf-8")
    known = re.search(r"/(\^\S*rooms\S*)/\.test\(url\.pathname\)", source)
    assert known is not None
    is_one = re.compile(known[1].replace("\\/", "/"))
    places = {str(row.pattern) for row in urls.urlpatterns if row.callback is page}
    assert len(places) > 5
    assert {place for place in places if place and not is_one.match(f"/{place}")} == set()


async def test_a_page_that_was_not_built_has_none(
    asked: httpx.AsyncClient, cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.VITE_DIST = tmp_path
    assert (await asked.get("/worker.js")).status_code == 404


def test_the_page_gets_the_key_where_push_is_on(alice: Client, settings: Any) -> None:
    settings.WEB_PUSH = False
    assert config_of(alice.get("/"))["settings"]["push"] is None
    settings.WEB_PUSH = True
    settings.VAPID_PRIVATE_KEY, public = keys.make()
    assert config_of(alice.get("/"))["settings"]["push"] == public
