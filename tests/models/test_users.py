import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chat.models import Token, User
from chat.models.users import normalize_handle, validate_handle


@pytest.mark.parametrize(
    ("typed", "stored"), [("Bob", "bob"), ("ＢＯＢ", "bob"), (" bob ", "bob"), ("지우", "지우")]
)
def test_every_spelling_of_a_handle_is_one_handle(typed: str, stored: str) -> None:
    assert normalize_handle(typed) == stored


@pytest.mark.parametrize(
    "handle", ["here", "all", "admin", "-bob", "bob smith", "", "b" * 33, "bob@x", "bob\u200b"]
)
def test_handles_that_mislead_are_refused(handle: str) -> None:
    with pytest.raises(ValidationError):
        validate_handle(handle)


@pytest.mark.parametrize("handle", ["bob", "bob.smith", "b2", "지우", "bob_s-1"])
def test_plain_handles_are_taken(handle: str) -> None:
    validate_handle(handle)


@pytest.mark.django_db
def test_two_accounts_share_no_address_in_any_case() -> None:
    User.objects.create_user("bob", email="bob@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("rob", email="BOB@example.org")
    # Many have none.
    User.objects.create_user("carol")
    User.objects.create_user("dave")


@pytest.mark.django_db
def test_an_account_without_a_password_lets_nobody_in() -> None:
    bob = User.objects.create_user("Bob")
    assert bob.handle == bob.name == "bob"
    assert not bob.has_usable_password()


def test_of_a_token_only_the_digest_can_be_stored() -> None:
    secret = Token.new_secret()
    assert secret != Token.new_secret()
    assert len(Token.digest_of(secret)) == 64
    assert secret not in Token.digest_of(secret)
    # What a hostile header may hold must not raise.
    assert Token.digest_of("\ud800")
