"""The people of tests that start real processes: accounts with a password and a token."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scripts.services import manage

# All clients share one address in such a test, and write faster than people do.
GENEROUS = {
    "CONNECTIONS_PER_IP": "2000",
    "CONNECTIONS_PER_USER": "200",
    "FRAMES_BURST": "10000",
    "FRAMES_PER_S": "1000",
    "HANDSHAKES_BURST_PER_IP": "10000",
    "SENDS_BURST": "10000",
    "SENDS_PER_S": "1000",
    # More may be missed here than is replayed by default; reading anew would hide what was lost.
    "RESUME_MAX_CHANGES": "20000",
}
_CREATE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
for handle in {handles!r}:
    call_command("create_user", handle, "--password", "secret of " + handle, "--token", "test")
"""


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    id: int
    handle: str
    token: str

    @property
    def password(self) -> str:
        """The password of the sign-in page."""
        return f"secret of {self.handle}"

    @property
    def headers(self) -> dict[str, str]:
        """What a request of this person's programs brings."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def bearer(self) -> str:
        """The same as a raw header line."""
        return f"Authorization: Bearer {self.token}"


def settled(env: Mapping[str, str], handles: Sequence[str]) -> dict[str, Person]:
    """Make the tables and these people in the database of an environment, and return them by handle."""
    made = manage(["shell", "--no-imports", "-c", _CREATE.format(handles=tuple(handles))], env)
    people = [Person(**json.loads(line)) for line in made.splitlines() if line.startswith("{")]
    return {person.handle: person for person in people}
