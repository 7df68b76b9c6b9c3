from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.actions.state import Request
from chat.models import Message
from chat.pipeline.execute import execute
from chat.protocol.commands import PostMessage
from chat.protocol.errors import Refused
from tests.cast import Cast
from tests.laws.stories import Stage, Step, batches

law = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


sends = st.lists(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), min_size=1, max_size=5), max_size=5
)


@law
@given(tries=sends)
def test_a_message_is_stored_once_however_often_and_in_whatever_batch_it_is_sent(
    cast: Cast, tries: list[list[tuple[int, int]]]
) -> None:
    stage = Stage(cast)
    room = stage.room.pk
    answers: dict[tuple[int, int], Any] = {}
    for batch in tries:
        posts = [
            PostMessage(room=room, client_message_id=f"{room}-key-{key}-00", body=f"text {key}")
            for _, key in batch
        ]
        people = [stage.people[who].pk for who, _ in batch]
        executed = execute([Request(actor, post) for actor, post in zip(people, posts, strict=True)])
        for sent, outcome in zip(batch, executed.outcomes, strict=True):
            assert not isinstance(outcome, Refused)
            assert answers.setdefault(sent, outcome) == outcome
    stored = Message.objects.filter(room=room).values_list("sender_id", "body")
    assert sorted(stored) == sorted((stage.people[who].pk, f"text {key}") for who, key in answers)


def told(stage: Stage) -> dict[str, Any]:
    """Return what does not depend on ids and times."""
    view = stage.view()
    ids = list(view.messages)
    messages = [
        [
            message["body"], message["seq"], message["msg_no"], message["sender"]["id"], message["mentions"],
            ids.index(message["parent"]) if message["parent"] else None, message["reply_count"],
            message["reactions"], message["deleted_at"] is not None, [one["url"] for one in message["previews"]],
            [(one["state"], one["width"]) for one in message["attachments"]],
        ]
        for message in view.messages.values()
    ]  # fmt: skip
    return {
        "seq": view.state["last_seq"],
        "name": view.state["name"],
        "members": view.members,
        "messages": messages,
    }


@law
@given(story=batches)
def test_doing_everything_twice_is_doing_it_once(cast: Cast, story: list[list[Step]]) -> None:
    once, twice = Stage(cast), Stage(cast)
    for batch in story:
        # One at a time: between two commands the repeat of the first may mean something else.
        for step in batch:
            once.play([step])
            twice.play([step], times=2)
    assert told(twice) == told(once)
