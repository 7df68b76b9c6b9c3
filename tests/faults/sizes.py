"""How large a run of the fault tests is: `FAULTS=full` takes the numbers of the catalogue, else a smoke of them."""

import os

IS_FULL = os.environ.get("FAULTS") == "full"


def size(smoke: int, full: int) -> int:
    """Return the number for this run."""
    return full if IS_FULL else smoke
