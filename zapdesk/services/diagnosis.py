"""The self-test: every check at once, each with a deadline, none of which changes anything.

It needs neither a sign-in nor a log that works: what is missing is what it tells.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from zapdesk.domain.diagnosis import (
    CHECKS,
    Check,
    Finding,
    State,
    check,
    failed,
    skipped,
    verdict,
    worst,
)
from zapdesk.errors import Offline, SandboxUnavailable, ZapdeskError
from zapdesk.redaction import REDACTOR
from zapdesk.services.checks import access, computer, network
from zapdesk.services.checks.surroundings import Look, Surroundings
from zapdesk.services.environment import environment
from zapdesk.tasks import TaskOwner

_logger = logging.getLogger(__name__)

__all__ = ["CHECKS", "Diagnosis", "Surroundings", "report", "verdict", "worst"]

DEADLINE_S = 20.0
"""Longer than any one request may take; a check that needs more has found a failure."""

_LONGER_S = {"database": 180.0}
"""A log of many gigabytes is read through."""

Tell = Callable[[str, Finding | None], object]

_LOOKS: dict[str, Callable[[Look], Awaitable[Finding]]] = {
    "database": computer.database,
    "disk": computer.disk,
    "keyring": computer.keyring,
    "sandbox": computer.sandbox,
    "proxy": network.proxy,
    "dns": network.dns,
    "tls": network.tls,
    "reach": network.reach,
    "clock": network.clock,
    "token": access.token,
    "scopes": access.scopes,
    "beta": access.beta,
}


class Diagnosis:
    """Tests one profile and the computer it is used on."""

    def __init__(self, around: Surroundings, *, deadline_s: float = DEADLINE_S) -> None:
        self._around = around
        self._deadline_s = deadline_s

    async def run(self, only: Iterable[str] = (), tell: Tell | None = None) -> dict[str, Finding]:
        """Make every check, or ``only`` some with those they need; what each found, in order.

        ``tell`` hears ``None`` when a check begins and its finding when it ends.
        """
        chosen = _with_needs(only) if only else {known.id for known in CHECKS}
        look = Look(self._around)
        ends: dict[str, asyncio.Future[Finding]] = {
            check_id: asyncio.get_running_loop().create_future() for check_id in chosen
        }

        async def make(known: Check) -> None:
            found = await self._make(known, look, ends, tell)
            ends[known.id].set_result(found)
            if tell is not None:
                tell(known.id, found)

        owner = TaskOwner()
        for known in CHECKS:
            if known.id in chosen:
                owner.start(make(known), f"check {known.id}")
        try:
            await asyncio.gather(*ends.values())
        finally:
            await owner.close()
            await look.close()
        return {known.id: ends[known.id].result() for known in CHECKS if known.id in chosen}

    async def _make(
        self,
        known: Check,
        look: Look,
        ends: dict[str, asyncio.Future[Finding]],
        tell: Tell | None,
    ) -> Finding:
        for need in known.needs:
            found = await asyncio.shield(ends[need])
            if found.state is State.SKIPPED and _is_hidden(found):
                return found
            if found.state is State.FAILED:
                return skipped(f"{_NOT_TRIED}{check(need).name} comes first.")
        if tell is not None:
            tell(known.id, None)
        deadline_s = max(self._deadline_s, _LONGER_S.get(known.id, 0.0))
        try:
            async with asyncio.timeout(deadline_s):
                return await _LOOKS[known.id](look)
        except TimeoutError:
            return failed(
                f"No answer within {deadline_s:.0f} seconds.",
                "Something on the way neither answers nor refuses.",
                "Test again; if it stays, look at the network and at security programs.",
            )
        except Offline:
            return skipped(_OFFLINE)
        except SandboxUnavailable as error:
            return skipped(_NO_SERVER, error.title)
        except ZapdeskError as error:
            return failed(error.title, error.detail, error.hint)
        except Exception as error:  # a bug in one check must not hide what the others find
            _logger.exception("the check %s did not work", known.id)
            return failed("This check itself did not work.", type(error).__name__, "See the log.")


_OFFLINE, _NO_SERVER = "zapdesk is offline.", "There is no server to look at."
_NOT_TRIED = "Not tried: "


def _is_hidden(found: Finding) -> bool:
    """Whether a check was skipped for a reason that holds for those after it as well."""
    return found.summary in {_OFFLINE, _NO_SERVER} or found.summary.startswith(_NOT_TRIED)


def _with_needs(ids: Iterable[str]) -> set[str]:
    chosen: set[str] = set()
    pending = list(ids)
    while pending:
        known = check(pending.pop())
        if known.id not in chosen:
            chosen.add(known.id)
            pending += known.needs
    return chosen


def report(findings: dict[str, Finding], profile: str, server: str) -> str:
    """All of it as text to hand to who helps, without secrets."""
    lines = [f"zapdesk self-test: {verdict(findings)}", f"Profile: {profile} ({server})", ""]
    group = ""
    for known in CHECKS:
        found = findings.get(known.id)
        if found is None:
            continue
        if known.group != group:
            lines += [*([""] if group else []), known.group]
            group = known.group
        lines.append(f"  [{found.state}] {known.name}: {found.summary}")
        lines += (f"      {text}" for text in (found.meaning, found.fix) if text)
        lines += (f"      {name}: {value}" for name, value in found.details)
    lines += ["", *(f"{name}: {value}" for name, value in environment())]
    text = REDACTOR.text("\n".join(lines)) + "\n"
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text  # whose it is nobody has to know
