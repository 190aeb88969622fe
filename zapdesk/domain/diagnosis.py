"""The self-test: which checks there are, in their order, and what each can find. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: in a line, what that means, and what can be done.

    ``details`` are facts for who helps, as (name, value); no secret is among them.
    """

    state: State
    summary: str
    meaning: str = ""
    fix: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """``group`` is the heading it stands under; it is skipped where one of ``needs`` failed."""

    id: str
    name: str
    group: str
    needs: tuple[str, ...] = ()


COMPUTER, NETWORK, ACCESS = "This computer", "The way to the server", "What you may do there"

CHECKS: tuple[Check, ...] = (
    Check("database", "Run log", COMPUTER),
    Check("disk", "Disk space", COMPUTER),
    Check("keyring", "Keyring", COMPUTER),
    Check("sandbox", "Sandbox", COMPUTER),
    Check("proxy", "Proxy", NETWORK),
    Check("dns", "Name of the server", NETWORK, ("proxy",)),
    Check("tls", "Encryption", NETWORK, ("dns",)),
    Check("reach", "Answer of the server", NETWORK, ("dns", "tls")),
    Check("clock", "Clock", NETWORK, ("reach",)),
    Check("token", "Sign-in", ACCESS, ("reach",)),
    Check("scopes", "Scopes", ACCESS, ("token",)),
    Check("beta", "Action runs", ACCESS, ("token",)),
)


def check(check_id: str) -> Check:
    """The check called ``check_id``. Raises ``KeyError``."""
    return {known.id: known for known in CHECKS}[check_id]


def passed(summary: str, meaning: str = "", *details: tuple[str, str], fix: str = "") -> Finding:
    """All is well."""
    return Finding(State.PASSED, summary, meaning, fix, details)


def warning(summary: str, meaning: str, fix: str, *details: tuple[str, str]) -> Finding:
    """It works, but not as it should."""
    return Finding(State.WARNING, summary, meaning, fix, details)


def failed(summary: str, meaning: str, fix: str, *details: tuple[str, str]) -> Finding:
    """Something does not work because of this."""
    return Finding(State.FAILED, summary, meaning, fix, details)


def skipped(summary: str, meaning: str = "") -> Finding:
    """There was nothing to look at, or no way to."""
    return Finding(State.SKIPPED, summary, meaning)


def worst(findings: Iterable[Finding]) -> State:
    """The state that counts for all of them together."""
    states = {finding.state for finding in findings}
    return next((s for s in (State.FAILED, State.WARNING) if s in states), State.PASSED)


def verdict(findings: Mapping[str, Finding]) -> str:
    """All of it in one sentence."""
    states = [finding.state for finding in findings.values()]
    failures, warnings = states.count(State.FAILED), states.count(State.WARNING)
    if failures:
        what = "1 check failed" if failures == 1 else f"{failures} checks failed"
        return f"{what}, {_counted(warnings)}." if warnings else f"{what}."
    server = findings.get("reach")
    is_whole = server is None or server.state is not State.SKIPPED
    what = "Everything works" if is_whole else "What could be tested works"
    return f"{what}, with {_counted(warnings)}." if warnings else f"{what}."


def _counted(warnings: int) -> str:
    return "1 warning" if warnings == 1 else f"{warnings} warnings"
