import ctypes
from collections.abc import Iterator

import pytest

from chat.gateway.heap import Heap, resident_bytes
from scripts.services.process import until

pytestmark = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only with glibc")

MIB = 1024 * 1024
# Above what Python keeps in its own pools, below what glibc maps apart.
_PIECE_BYTES = 4_000
_PIECES_COUNT = 20_000


@pytest.fixture
def heap() -> Iterator[Heap]:
    heap = Heap()
    yield heap
    heap.stop()


def test_what_was_freed_between_things_in_use_goes_back_to_the_system(heap: Heap) -> None:
    # What other tests have left free would be taken first, and nothing would grow.
    ctypes.CDLL(None).malloc_trim(0)
    heap.watch()
    before = resident_bytes()
    pieces = [bytes([number % 256]) * _PIECE_BYTES for number in range(_PIECES_COUNT)]
    assert resident_bytes() - before > 64 * MIB
    kept = pieces[::50]
    # One piece in use would hold all that lies below it.
    pieces.clear()
    assert until(lambda: resident_bytes() - before < 16 * MIB, 30)
    assert all(len(piece) == _PIECE_BYTES for piece in kept)
