"""When a waiting run is looked at next, and what that waits for. Values and words, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from zapdesk.errors import ZapdeskError


class WaitsFor(StrEnum):
    """Why the next look is not now."""

    RHYTHM = "rhythm"
    """Nothing special: the pauses between looks grow."""
    SERVER = "server"
    """The server asked for a pause (Retry-After, or a limit that is used up)."""
    OFFLINE = "offline"
    """A person switched the network off."""
    NETWORK = "network"
    """The server could not be reached; it is tried again."""
    TROUBLE = "trouble"
    """The server answered with errors of its own; it is tried again."""
    BUDGET = "budget"
    """Other looks come first: only so many calls a minute are made."""
    ELSEWHERE = "elsewhere"
    """Another zapdesk watches this run and writes what it sees."""
    NOBODY = "nobody"
    """Nobody looks: a person stopped it, or it was given up for ``trouble``."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """``seconds`` until the next look (``None``: nobody can say), ``ahead`` looks before it,
    ``trouble`` what the last look, or the last of all, ended with."""

    waits_for: WaitsFor
    seconds: float | None = None
    ahead: int = 0
    trouble: ZapdeskError | None = None

    def sentence(self, server: str) -> str:
        """In words; ``server`` as `server_of` says it. The countdown is left to the caller, which
        shows ``seconds`` beside it."""
        who = server[0].upper() + server[1:]
        match self.waits_for:
            case WaitsFor.RHYTHM:
                return "zapdesk looks again in a while."
            case WaitsFor.SERVER:
                return f"{who} asked zapdesk to wait before it looks again."
            case WaitsFor.OFFLINE:
                return "zapdesk is offline. It looks again when you go online; the run goes on."
            case WaitsFor.NETWORK:
                return f"{who} cannot be reached now. zapdesk keeps trying."
            case WaitsFor.TROUBLE:
                return f"{who} answers with errors now. zapdesk keeps trying."
            case WaitsFor.BUDGET:
                return (
                    "Its turn comes: zapdesk asks only so often in a minute, and"
                    f" {self.ahead} other {'run is' if self.ahead == 1 else 'runs are'} before it."
                    if self.ahead
                    else "Its turn comes: zapdesk asks only so often in a minute."
                )
            case WaitsFor.ELSEWHERE:
                return "Another zapdesk on this computer watches it."
            case WaitsFor.NOBODY:
                why = f" {self.trouble}" if self.trouble is not None else ""
                return f"zapdesk does not look after it now.{why} The run itself goes on."
