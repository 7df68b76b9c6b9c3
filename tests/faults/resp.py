"""A proxy before Redis that loses, doubles and reorders published messages on their way to subscribers.

Only whole push messages are touched (RESP2 `*3 message …`, RESP3 `>3 message …`); all other replies pass as they
are and in their order. A command whose plain RESP2 reply is a list beginning with the word "message" would be taken
for a push: our processes send none.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from tests.faults.lanes import Stage
from tests.faults.proxy import Proxy, in_its_loop

# A reply that is longer is no hint of ours; its connection passes untouched from there on.
FRAME_MAX_BYTES = 8 * 1024 * 1024
_FARTHEST_COUNT = 3
_PATIENCE_S = 0.2
_PUSHES = {b"message", b"pmessage", b"smessage"}
_BULKS = b"$!="
_NESTED = {ord("*"): 1, ord("~"): 1, ord(">"): 1, ord("%"): 2, ord("|"): 2}
_MORE = -1


@dataclass
class Mischief:
    """What happens to published messages, and to how many it did."""

    rng: random.Random
    lose: float = 0.0
    double: float = 0.0
    swap: float = 0.0
    channel: bytes = b""
    passed_count: int = 0
    lost_count: int = 0
    doubled_count: int = 0
    swapped_count: int = 0

    @property
    def arriving_count(self) -> int:
        """How many messages subscribers get in the end, twins included."""
        return self.passed_count + self.doubled_count

    def clear(self) -> None:
        """Let every message pass."""
        self.lose = self.double = self.swap = 0.0


class RedisProxy(Proxy):
    """A Proxy with one more verb, `hints`."""

    def __init__(
        self,
        upstream: tuple[str, int] | Path,
        *,
        path: Path | None = None,
        seed: int = 0,
        name: str = "redis-proxy",
    ) -> None:
        super().__init__(upstream, path=path, seed=seed, name=name)
        self.mischief = Mischief(random.Random(seed))

    @in_its_loop
    def hints(
        self, *, lose: float = 0.0, double: float = 0.0, swap: float = 0.0, channel: bytes = b""
    ) -> None:
        """Lose, double and reorder these shares (0 to 1) of the messages whose channel's name has `channel` in it."""
        if min(lose, double, swap) < 0 or lose + double + swap > 1:
            raise ValueError("shares lie between 0 and 1, also together")
        self.mischief.lose, self.mischief.double, self.mischief.swap = lose, double, swap
        self.mischief.channel = channel

    @in_its_loop
    def heal(self, *, is_reset: bool = False) -> None:
        """End everything bad, as Proxy.heal does."""
        self.mischief.clear()
        super().heal(is_reset=is_reset)

    def make_stage(self) -> Stage:
        """Return the reader of one connection's replies."""
        return _Replies(self.mischief)


class _Replies:
    patience_s = _PATIENCE_S

    def __init__(self, mischief: Mischief) -> None:
        self._mischief = mischief
        self._unread = b""
        self._is_transparent = False
        # Messages that others shall overtake, each with how many still have to.
        self._held: list[tuple[bytes, int]] = []

    def feed(self, data: bytes) -> bytes:
        if self._is_transparent:
            return data
        data = self._unread + data
        parts: list[bytes] = []
        start = 0
        try:
            while (end := frame_end(data, start)) != _MORE:
                frame = data[start:end]
                parts.append(self._pass(frame) if _is_hint(frame, self._mischief.channel) else frame)
                start = end
        except ValueError:
            self._is_transparent = True
        self._unread = data[start:]
        if self._is_transparent or len(self._unread) > FRAME_MAX_BYTES:
            self._is_transparent = True
            parts += [self.flush(), self._unread]
            self._unread = b""
        return b"".join(parts)

    def flush(self) -> bytes:
        held = b"".join(frame for frame, _ in self._held)
        self._held.clear()
        return held

    def _pass(self, frame: bytes) -> bytes:
        mischief = self._mischief
        dice = mischief.rng.random()
        if dice < mischief.lose:
            mischief.lost_count += 1
            return b""
        mischief.passed_count += 1
        dice -= mischief.lose
        if 0 <= dice < mischief.swap and not self._held:
            mischief.swapped_count += 1
            self._held.append((frame, mischief.rng.randint(1, _FARTHEST_COUNT)))
            return b""
        out = [frame]
        if 0 <= dice - mischief.swap < mischief.double:
            mischief.doubled_count += 1
            out.append(frame)
        self._held = [(held, count - 1) for held, count in self._held]
        out += [held for held, count in self._held if count <= 0]
        self._held = [(held, count) for held, count in self._held if count > 0]
        return b"".join(out)


def frame_end(data: bytes, start: int = 0) -> int:
    """Return where the RESP value that begins at `start` ends, -1 if it is not all there, else ValueError."""
    left = 1
    while left:
        line = data.find(b"\r\n", start)
        if line < 0:
            return _MORE
        kind, number = data[start], data[start + 1 : line]
        start = line + 2
        left -= 1
        if kind in _BULKS:
            # "$-1" is a RESP2 nothing.
            if int(number) >= 0:
                start += int(number) + 2
                if start > len(data):
                    return _MORE
        elif kind in _NESTED:
            # An attribute ("|") comes before the value it belongs to.
            left += max(int(number), 0) * _NESTED[kind] + (1 if kind == ord("|") else 0)
        elif kind not in b"+-:_,#(":
            raise ValueError(f"no RESP value begins with {bytes([kind])!r}")
    return start


def _is_hint(frame: bytes, channel: bytes) -> bool:
    if frame[:1] not in (b"*", b">"):
        return False
    words = frame.split(b"\r\n", 5)
    return len(words) > 4 and words[2] in _PUSHES and channel in words[4]
