from io import StringIO

from django.core.management import call_command

from chat.queries import snapshot
from tests.cast import Cast
from tests.make import make_room, post


def test_after_a_new_epoch_a_held_cursor_is_reset(cast: Cast) -> None:
    before = snapshot.take(cast.bob, None, {}, 100)
    said = StringIO()
    call_command("new_epoch", stdout=said)
    after = snapshot.take(cast.bob, before.epoch, {cast.room.pk: 1}, 100)
    assert after.epoch == said.getvalue().strip() != before.epoch
    assert after.reset == [cast.room.pk]


def test_numbers_that_clients_may_hold_are_not_given_again(cast: Cast) -> None:
    before = post(cast.room, cast.bob, "before").pk
    call_command("new_epoch", stdout=StringIO())
    assert post(cast.room, cast.bob, "after").pk > before + 1_000_000
    assert make_room(cast.alice, name="Later").pk > cast.room.pk + 1_000_000
