from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.models import Change, Message
from tests.cast import Cast
from tests.laws.stories import Stage, Step, steps
from tests.pipeline.threads import at_once

law = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def assert_dense(stage: Stage) -> None:
    room = stage.refreshed()
    seqs = list(Change.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, room.last_seq + 1))
    numbers = Message.objects.filter(room=room, msg_no__isnull=False).order_by("seq")
    assert list(numbers.values_list("msg_no", flat=True)) == list(range(1, room.last_msg_no + 1))
    for message_seq in Message.objects.filter(room=room).values_list("seq", flat=True):
        assert message_seq in seqs


@law
@given(stories=st.lists(st.lists(steps, min_size=1, max_size=6), min_size=2, max_size=4))
def test_seqs_are_dense_whatever_batches_meet(cast: Cast, stories: list[list[Step]]) -> None:
    stage = Stage(cast)
    stage.play([("post", 0, 0, 0), ("post", 1, 0, 1)])
    before = stage.view()
    at_once([lambda story=story: stage.play(story) for story in stories])  # type: ignore[misc]
    assert_dense(stage)
    # The replay law holds over what they did together.
    assert before.after(stage.log(before.state["last_seq"])) == stage.view()
