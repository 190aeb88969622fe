"""LiveGuard: in a live profile, what writes needs a deliberate act, unless that was put off.

It is put off for some minutes and for one profile, in this process only: the next start asks again.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import writes
from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.domain.runs import RunOrder

_LONGEST = 80
PAUSES_MIN = (5, 15, 60)
"""The minutes for which it can be put off."""


class LiveGuard:
    """``changed`` gives the id of a profile for which the answer may be another now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._off_until: dict[str, float] = {}
        self.changed: Broadcast[str] = Broadcast()

    def asks(self, profile: Profile, action_type: str) -> bool:
        """Whether running an action of this kind needs a deliberate act now."""
        return profile.is_live and writes(action_type) and self.off_s(profile.id) == 0

    def pause(self, profile_id: str, minutes: float) -> None:
        """Ask no more for some minutes."""
        self._off_until[profile_id] = self._clock() + minutes * 60
        self.changed.announce(profile_id)

    def resume(self, profile_id: str) -> None:
        """Ask again from now on."""
        if self._off_until.pop(profile_id, None) is not None:
            self.changed.announce(profile_id)

    def off_s(self, profile_id: str) -> float:
        """For how many more seconds nothing is asked; 0 where it is."""
        left = self._off_until.get(profile_id, 0.0) - self._clock()
        return max(0.0, left) if profile_id in self._off_until else 0.0


def live_words(profile: Profile, order: RunOrder) -> str:
    """What would be done, where, and with which connection."""
    with_ = f" with the connection {_short(order.authentication_title)}"
    counts = "" if profile.kind is ServerKind.SANDBOX else ", and counts as a task"
    return (
        f"“{_short(order.action_title)}” writes in {_short(order.app_title)}"
        f"{with_ if order.authentication_title else ''}. What it does there is real{counts}."
    )


def _short(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def names_app(typed: str, title: str) -> bool:
    """Whether ``typed`` is the app's name; capitals and spaces do not matter."""
    return bool(typed.strip()) and _folded(typed) == _folded(title)


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()
