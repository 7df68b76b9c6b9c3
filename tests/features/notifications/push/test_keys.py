from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chat.features.notifications.push import keys
from tests.features.notifications.push.service import decoded


def test_a_pair_is_one_of_the_curve_and_another_each_time() -> None:
    private, public = keys.make()
    number = int.from_bytes(decoded(private), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key().public_numbers()
    assert decoded(public) == b"\4" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    assert keys.public_of(private) == public
    assert keys.make() != (private, public)


def test_push_is_on_only_where_the_installation_says_so(settings: Any) -> None:
    settings.WEB_PUSH = False
    assert not keys.is_on()
    settings.WEB_PUSH = True
    assert keys.is_on()


@pytest.mark.parametrize("number", [1, 2**31])
def test_a_key_with_zeros_at_its_beginning_is_as_long_as_any(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ec.derive_private_key(number, ec.SECP256R1())
    monkeypatch.setattr(ec, "generate_private_key", lambda *_: key)
    private, public = keys.make()
    assert (len(private), len(public)) == (43, 87)
    assert keys.public_of(private) == public
