"""Who is in which room: the accounts that are made before a run, one scene for each kind of load."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """So many accounts in so many rooms; account i is in room i modulo rooms, or in all."""

    name: str
    users: int
    rooms: int
    is_everybody_everywhere: bool = False


SCENES = (
    Scene("big", users=1_000, rooms=1),
    Scene("small", users=1_000, rooms=100),
    Scene("idle", users=2_000, rooms=40),
    Scene("writers", users=50, rooms=50),
    Scene("hall", users=50, rooms=1),
    Scene("reads", users=1, rooms=51, is_everybody_everywhere=True),
)
# Of each account of "idle", so that a run of handshakes shows none twice.
TOKENS_COUNT = 10
# In the first room of "reads", and in each of the others.
HISTORY_COUNT = 10_000
MISSED_COUNT = 20
