from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import failpoints
from chat.features.scheduled import sending, service
from chat.models import Message, ScheduledMessage
from chat.pipeline.run import run
from chat.protocol.errors import Refused
from tests.cast import Cast
from tests.features.scheduled.waiting import Clock, later
from tests.make import make_room

# What happens, and a number to choose a message, a time or a jump by.
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["write", "write", "sweep", "wait", "back", "ahead", "die", "away", "lost", "cancel"]
        ),
        st.integers(0, 9),
    ),
    max_size=14,
)


class Story:
    """One person's messages in a room, through whatever may happen to workers, database and clock."""

    def __init__(self, cast: Cast) -> None:
        self.author, self.clock = cast.alice, Clock(timezone.now())
        self.room = make_room(cast.alice, name="Stage")
        self.rows: list[ScheduledMessage] = []
        self.cancelled: set[int] = set()
        self.deaths_count = 0
        # True while no clock was moved against the times that wait: only then is there an order to keep.
        self.is_steady = True

    def play(self, what: str, number: int) -> None:
        match what:
            case "write":
                after_s = 30 + 10 * number
                row = later(self.author, self.room, str(len(self.rows)), after_s, now=self.clock())
                self.rows.append(row)
            case "sweep":
                sending.sweep(self.clock)
            case "wait":
                self.clock.move(20 * number)
            case "back" | "ahead":
                self.is_steady = False
                self.clock.move((-600 if what == "back" else 600) * number)
            case "die":
                self._die(number)
            case "away" | "lost":
                failpoints.arm("commit.before=error" if what == "away" else "commit.after=error")
                try:
                    sending.sweep(self.clock)
                finally:
                    failpoints.arm("")
            case "cancel" if self.rows:
                self._cancel(self.rows[number % len(self.rows)])

    def _die(self, number: int) -> None:
        """Let a worker take what is next, and end before or after posting it."""
        # One more, and a message would be put aside for taking its workers down.
        self.deaths_count += 1
        if self.deaths_count > 4:
            return
        for row in sending.heads(self.clock()):
            taken = sending.take(row, self.clock())
            if taken is not None and number % 2:
                run(taken.author_id, sending.command_of(taken))

    def _cancel(self, row: ScheduledMessage) -> None:
        try:
            service.cancel(self.author, row.pk, self.clock())
        except Refused:
            return
        self.cancelled.add(row.pk)

    def settle(self) -> None:
        """Let time pass until nothing is left."""
        for _ in range(40):
            self.clock.move(600)
            sending.sweep(self.clock)
            if not ScheduledMessage.objects.filter(author=self.author, settled_at=None).exists():
                return
        raise AssertionError("something waits for ever")


def _said(story: Story) -> Sequence[str]:
    return list(Message.objects.filter(room=story.room).order_by("seq").values_list("body", flat=True))


@given(told=steps)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_each_is_sent_once_or_was_cancelled_and_in_the_order_of_its_time(
    cast: Cast, told: list[tuple[str, int]]
) -> None:
    story = Story(cast)
    for what, number in told:
        story.play(what, number)
    story.settle()
    sent = [row for row in story.rows if row.pk not in story.cancelled]
    if story.is_steady:
        in_order = sorted(sent, key=lambda row: (row.due_at, row.pk))
        assert _said(story) == [str(story.rows.index(row)) for row in in_order]
    else:
        assert sorted(_said(story)) == sorted(str(story.rows.index(row)) for row in sent)
    for row in ScheduledMessage.objects.filter(author=story.author).exclude(seq=None):
        assert row.message is not None
        assert row.message.seq == row.seq
