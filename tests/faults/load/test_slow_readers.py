"""F-51: a tenth of a busy room stops reading."""

import pytest

from scripts.services.process import until
from tests.faults.crowd import Crowd, State
from tests.faults.load.hall import Hall, Speaker
from tests.faults.meter import Meter, Sample
from tests.faults.sizes import IS_FULL, size

MIB = 1024 * 1024
_READERS_COUNT = size(100, 1000)
_STOPPED_COUNT = _READERS_COUNT // 10
# At every moment, above a process at rest with all of them connected; and for good.
_GROWTH_MAX_BYTES = 64 * MIB
_REST_SHARE, _REST_BYTES = 1.1, 4 * MIB
# The process looks each second whether it can give memory back, and once more after 5 s.
_REST_S = size(2, 7)
# Directly, nothing on the way can hold it all for one reader; nginx and its kernel buffers may.
_MESSAGES_COUNT = size(120, 300)
_TEXT = "x" * 4000
# Below this the noise of the machine is larger than what is measured.
_DELAY_FLOOR_MS = 50.0


@pytest.mark.parametrize("way", ["direct", "nginx"][: size(1, 2)])
def test_stopped_readers_cost_little_and_lose_nothing_when_they_come_back(
    hall: Hall, crowd: Crowd, way: str
) -> None:
    pid = hall.web.pid
    busy = _BusyRoom(hall, crowd, way)
    with hall.speaker(hall.people[_READERS_COUNT - 1]) as speaker:
        # Once before it counts: what is kept for the next time, the caches and the pools of Python, is filled then.
        busy.stop()
        busy.speak(speaker)
        busy.go_on()
        hall.comes_to_rest(_REST_S)
        with Meter([pid]) as meter:
            before = busy.speak(speaker)
            busy.stop()
            during = busy.speak(speaker)
            if way == "direct":
                left = 1 + _READERS_COUNT - _STOPPED_COUNT
                assert until(lambda: hall.figure("maru_connections") == left, 30), "not all of them were cut"
            busy.go_on()
            rest_bytes = meter.baseline(pid).rss_bytes * _REST_SHARE + _REST_BYTES

            def is_at_rest(sample: Sample) -> bool:
                return sample.rss_bytes <= rest_bytes

            assert meter.comes_back(pid, is_at_rest, 30), meter.latest(pid)
    grown = meter.grown_bytes(pid)
    print(
        f"{way}: {_READERS_COUNT} readers, {_STOPPED_COUNT} of them stopped: idle {_mib(meter.baseline(pid))},",
        f"peak {_mib(meter.peak(pid))}, at the end {_mib(meter.latest(pid))},",
        f"99 % within {before.delay_p99_ms:.0f} ms before and {during.delay_p99_ms:.0f} ms meanwhile",
    )
    assert grown <= _GROWTH_MAX_BYTES
    if IS_FULL:
        assert during.delay_p99_ms <= max(_DELAY_FLOOR_MS, 2 * before.delay_p99_ms)


def _mib(sample: Sample) -> str:
    return f"{sample.rss_bytes / MIB:.0f} MiB"


class _BusyRoom:
    """Nine readers who always read for each one who stops now and then."""

    def __init__(self, hall: Hall, crowd: Crowd, way: str) -> None:
        port = hall.web.port if way == "direct" else hall.nginx.port
        readers = hall.people[:_READERS_COUNT]
        tokens = [person.token for person in readers]
        self.room = hall.room(readers)
        self.crowd = crowd
        self.count = 0
        self.has_stopped = False
        crowd.open(
            "reading", tokens[_STOPPED_COUNT:], port=port, room=self.room, cursor=0, comes_back=True
        )  # fmt: skip
        crowd.open(
            "stopping", tokens[:_STOPPED_COUNT], port=port, room=self.room, cursor=0,
            comes_back=True, has_small_buffer=True,
        )  # fmt: skip
        crowd.synced("reading", _READERS_COUNT - _STOPPED_COUNT)
        crowd.synced("stopping", _STOPPED_COUNT)

    def speak(self, speaker: Speaker) -> State:
        """Fill the room, and return how those who read have fared meanwhile."""
        self.crowd.forget_delays("reading")
        seqs = speaker.posts(self.room, _TEXT, _MESSAGES_COUNT)
        assert seqs == list(range(self.count + 1, self.count + 1 + _MESSAGES_COUNT))
        self.count += _MESSAGES_COUNT
        return self._complete("reading") if self.has_stopped else self._all_complete()

    def stop(self) -> None:
        """Have a tenth of them stop."""
        self.has_stopped = True
        self.crowd.stop("stopping")

    def go_on(self) -> None:
        """Have them read again; a cut connection comes back with what it holds and is given the rest from the log."""
        self.has_stopped = False
        self.crowd.go_on("stopping")
        self._complete("stopping")

    def _all_complete(self) -> State:
        self._complete("stopping")
        return self._complete("reading")

    def _complete(self, group: str) -> State:
        state = self.crowd.reaches(group, lambda state: state.posted_least >= self.count, 90)
        assert (state.posted_least, state.posted_most) == (self.count, self.count)
        assert (state.holes, state.repeats, state.resets) == (0, 0, 0)
        if group == "reading":
            assert state.codes == {}
        return state
