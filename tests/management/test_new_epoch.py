from io import StringIO

from django.core.management import call_command

from chat.queries import snapshot
from tests.cast import Cast


def test_after_a_new_epoch_a_held_cursor_is_reset(cast: Cast) -> None:
    before = snapshot.take(cast.bob, None, {}, 100)
    said = StringIO()
    call_command("new_epoch", stdout=said)
    after = snapshot.take(cast.bob, before.epoch, {cast.room.pk: 1}, 100)
    assert after.epoch == said.getvalue().strip() != before.epoch
    assert after.reset == [cast.room.pk]
