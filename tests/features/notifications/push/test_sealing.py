from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chat.features.notifications.push import sealing
from tests.features.notifications.push.service import Browser, decoded

# The example of RFC 8291, appendix A.
PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBr"
    "u3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


@pytest.fixture
def browser() -> Browser:
    number = int.from_bytes(decoded(PRIVATE), "big")
    return Browser("/", decoded(SECRET), ec.derive_private_key(number, ec.SECP256R1()))


def test_the_browser_of_these_tests_reads_the_example_of_the_standard(browser: Browser) -> None:
    assert browser.read(decoded(SEALED)) == b"When I grow up, I want to be a watermelon"


def test_what_is_sealed_is_read_by_that_browser_alone(browser: Browser) -> None:
    sealed = sealing.seal("안녕, 밥".encode(), POINT, SECRET)
    assert browser.read(sealed).decode() == "안녕, 밥"
    assert sealing.seal("안녕, 밥".encode(), POINT, SECRET) != sealed
    with pytest.raises(Exception, match=r"^$"):
        Browser("/", decoded(SECRET)).read(sealed)


def test_padding_of_a_browser_s_own_does_not_matter(browser: Browser) -> None:
    assert browser.read(sealing.seal(b"padded", POINT + "=", SECRET + "==")) == b"padded"


def test_more_than_three_kilobytes_are_never_sent() -> None:
    room = sealing.SEALED_MAX_BYTES - 16 - 4 - 1 - 65 - 1 - 16
    assert len(sealing.seal(b"x" * room, POINT, SECRET)) == sealing.SEALED_MAX_BYTES
    with pytest.raises(ValueError, match="3,001 bytes, at most 3,000"):
        sealing.seal(b"x" * (room + 1), POINT, SECRET)


def test_a_point_beside_the_curve_is_no_key() -> None:
    sealing.check_key(POINT)
    with pytest.raises(ValueError, match="EC key"):
        sealing.check_key(POINT[:-4] + "AAAA")
