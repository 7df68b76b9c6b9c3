from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chat.features.retention import removal
from chat.live.envelope import RoomChanges
from chat.models import Room, RoomRetention
from chat.pipeline import run as shell
from chat.protocol import codec
from chat.queries import counts, snapshot
from tests.aging import age, keep
from tests.cast import Cast
from tests.laws.reducer import RoomView
from tests.laws.stories import Stage, Step, steps

law = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Batches of what people do; between them a part of the room becomes old, and what is too old goes.
rounds = st.lists(
    st.tuples(st.lists(steps, min_size=1, max_size=5), st.one_of(st.none(), st.integers(0, 100))),
    min_size=1,
    max_size=6,
)
Round = tuple[list[Step], int | None]


def shown(view: RoomView) -> RoomView:
    """Return a view without its times: making a room older changes them behind everybody's back."""
    messages = {pk: {**message, "at": None} for pk, message in view.messages.items()}
    return RoomView({**view.state, "last_at": None}, messages, view.members)


def frames(items: list[Any]) -> list[dict[str, Any]]:
    return [
        codec.decode_own(frame) for item in items if isinstance(item, RoomChanges) for frame in item.frames
    ]


def sweep(room: Room, percent: int, monkeypatch: Any) -> list[dict[str, Any]]:
    """Make a part of the room old and let it go; return what connections are told."""
    head = Room.objects.get(pk=room.pk).last_seq
    # In a new room every time is of now: the older part is what counts.
    age(room, 11, through=head * percent // 100)
    told: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(shell, "tell", told.extend)
        removal.sweep()
    return frames(told)


@law
@given(story=rounds)
@example(story=[([("post", 0, 0, 0), ("reply", 1, 0, 0)], 50), ([("react", 0, 0, 0)], 100)])
@example(
    story=[
        ([("post", 0, 0, 0)], None),
        ([("reply", 1, 0, 0), ("post", 1, 0, 5)], 60),
        ([("delete", 0, 0, 0)], 100),
    ]
)
def test_whoever_was_there_was_away_or_is_new_sees_the_same(
    cast: Cast, monkeypatch: Any, story: list[Round]
) -> None:
    stage = Stage(cast)
    keep(10, stage.room)
    live = stage.view()
    views: list[RoomView] = [live]
    for batch, percent in story:
        live = live.after(frames(stage.play(batch).items))
        assert shown(live) == shown(stage.view())
        if percent is not None:
            live = live.after(sweep(stage.room, percent, monkeypatch))
            assert shown(live) == shown(stage.view())
        views.append(live)
    now = stage.view()
    begins = stage.refreshed().expired_seq
    for view in views:
        cursor = view.state["last_seq"]
        taken = snapshot.take(cast.alice, None, {stage.room.pk: cursor}, 10_000)
        # Reset means: read it anew, which is `now`.
        assert (taken.reset == [stage.room.pk]) is (cursor < begins)
        if cursor >= begins:
            assert shown(view.after(stage.log(cursor))) == shown(now)
    assert counts.wrong(stage.room.pk) == {}
    RoomRetention.objects.filter(room=stage.room).delete()
