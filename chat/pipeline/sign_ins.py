"""What this process remembers of who has signed in, and of which sign-ins it has heard that they ended."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict

from chat.live.envelope import SignedOut, UserChanged
from chat.queries.sign_in import SignIn

_KEPT_COUNT = 4_096
_ENDED_COUNT = 10_000
# Believed without a visit to the database: what it proved itself, and what another process has signed.
_OWN_S = 30.0
_CARRIED_S = 60.0
# Believed while the database does not answer.
OLDEST_S = 86_400.0
# Longer than anything is believed that was proven before the end was heard.
_ENDED_S = 120.0
# How far the clocks of two machines may be apart.
_CLOCKS_S = 60.0
# In the place of a proof, which is a digest.
_CHANGED = "changed"


class SignIns:
    """Sign-ins by proof, those used last; the oldest goes when there are too many.

    Ends that do not fit any more push the oldest of them out: then the regular look at all sockets finds it.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, SignIn] = OrderedDict()
        # (user, proof), "" for all proofs of the user: when it was heard, by the loop's clock.
        self._ended: OrderedDict[tuple[int, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, sign_in: SignIn) -> None:
        """Remember what the database has just proved, unless its end was heard meanwhile."""
        if sign_in.proof and not self.has_ended(sign_in):
            self._kept[sign_in.proof] = sign_in
            self._kept.move_to_end(sign_in.proof)
            if len(self._kept) > _KEPT_COUNT:
                self._kept.popitem(last=False)

    def find(self, proof: str) -> SignIn | None:
        """Return what is remembered of a proof, however old."""
        sign_in = self._kept.get(proof)
        if sign_in is not None:
            self._kept.move_to_end(proof)
        return sign_in

    def forget(self, proof: str) -> None:
        """Forget a proof that is none any more."""
        self._kept.pop(proof, None)

    def hear(self, item: SignedOut | UserChanged) -> None:
        """Take note that a sign-in has ended, or that what is remembered of a user is old."""
        # A change is kept apart from an end: while the database is away, an old name still lets in.
        proof = item.proof if isinstance(item, SignedOut) else _CHANGED
        if proof:
            self._kept.pop(proof, None)
        else:
            for kept in [one for one in self._kept.values() if one.user.pk == item.user]:
                del self._kept[kept.proof]
        key = (item.user, proof)
        self._ended[key] = asyncio.get_running_loop().time()
        self._ended.move_to_end(key)
        if len(self._ended) > _ENDED_COUNT:
            self._ended.popitem(last=False)

    def has_ended(self, sign_in: SignIn, since: float | None = None) -> bool:
        """Tell whether the end of a sign-in was heard of: after a moment of the loop's clock, or lately."""
        after = asyncio.get_running_loop().time() - _ENDED_S if since is None else since
        keys = ((sign_in.user.pk, ""), (sign_in.user.pk, sign_in.proof))
        return any(self._ended.get(key, -1.0) >= after for key in keys)

    def may_believe(self, sign_in: SignIn, *, is_database_away: bool = False) -> bool:
        """Tell whether a sign-in that was proven earlier lets somebody in without a visit to the database."""
        age_s = time.time() - sign_in.proven_at
        if self.has_ended(sign_in):
            return False
        if is_database_away:
            return -_CLOCKS_S <= age_s <= OLDEST_S
        changed_at = self._ended.get((sign_in.user.pk, _CHANGED), -_ENDED_S)
        if asyncio.get_running_loop().time() - changed_at < _ENDED_S:
            return False
        is_own = self._kept.get(sign_in.proof) is sign_in
        return -_CLOCKS_S <= age_s <= (_OWN_S if is_own else _CARRIED_S)
