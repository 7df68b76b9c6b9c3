from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chat.live.envelope import RoomChanges
from chat.protocol import codec
from chat.queries import changes
from tests.cast import Cast
from tests.laws.stories import Stage, Step, batches

law = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@law
@given(story=batches)
@example(
    story=[
        [("post", 0, 0, 0)],
        [("edit", 0, 0, 1), ("reply", 1, 0, 0)],
        [("reply", 2, 0, 0), ("delete", 1, 1, 0)],
    ]
)
@example(story=[[("post", 0, 0, 0)], [("pin", 0, 0, 0)], [("unpin", 0, 0, 0)]])
@example(story=[[("post", 1, 0, 3)], [("react", 0, 0, 0), ("delete", 1, 0, 0)], [("remove", 0, 1, 0)]])
def test_a_snapshot_and_the_changes_after_it_are_the_later_snapshot(
    cast: Cast, story: list[list[Step]]
) -> None:
    stage = Stage(cast)
    views = [stage.view()]
    for batch in story:
        stage.play(batch)
        views.append(stage.view())
    for view in views:
        assert view.after(stage.log(view.state["last_seq"])) == views[-1]


@law
@given(story=batches)
def test_what_goes_live_leads_to_the_same_as_the_snapshot(cast: Cast, story: list[list[Step]]) -> None:
    stage = Stage(cast)
    live = stage.view()
    for batch in story:
        executed = stage.play(batch)
        changes: list[dict[str, Any]] = [
            codec.decode_own(frame)
            for item in executed.items
            if isinstance(item, RoomChanges)
            for frame in item.frames
        ]
        live = live.after(changes)
        assert live == stage.view()


@law
@given(story=batches, size=st.integers(1, 5))
def test_a_log_read_in_pages_is_the_log_read_at_once(cast: Cast, story: list[list[Step]], size: int) -> None:
    stage = Stage(cast)
    for batch in story:
        stage.play(batch)
    found: list[dict[str, Any]] = []
    while page := changes.since(stage.room.pk, len(found), size):
        assert len(page) <= size
        found += [dict(change) for change in page]
    assert found == stage.log(0)
