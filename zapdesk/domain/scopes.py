"""What a token may do: Zapier's scopes, what each is for, and what is lost without it.

From the API's scope table. The names of an older registration stand beside the newer ones; a
registration knows one family of them, and asking for both may make the whole sign-in fail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zapdesk.domain.profiles import Profile, ServerKind, SignInKind


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope. ``older`` is its name in older registrations, ``lost`` what does not work
    without it, empty where nothing in zapdesk needs it."""

    name: str
    sentence: str
    lost: str = ""
    older: str = ""


SCOPES: tuple[Scope, ...] = (
    Scope("profile", "See whose account it is.", "Who is signed in is not shown."),
    Scope("zap", "See apps, actions and choices.", "Apps cannot be listed, lists stay empty."),
    Scope("zap:write", "Open the forms of actions and test steps.", "No form can be opened."),
    Scope(
        "connection:read",
        "See your connections.",
        "Connections cannot be listed: actions that need one cannot run.",
        "authentication",
    ),
    Scope(
        "connection:write",
        "Add connections.",
        "Connections cannot be added from here.",
        "authentication:write",
    ),
    Scope("action:run", "Run actions and see how they end.", "Nothing can be run."),
    Scope("zap:runs", "See the runs of Zaps."),
    Scope("zap:all", "See every Zap of the account."),
)

USUAL: tuple[str, ...] = (
    "profile",
    "zap",
    "zap:write",
    "connection:read",
    "connection:write",
    "action:run",
)
"""What everything in zapdesk together needs."""


def missing(granted: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes that something in zapdesk needs and ``granted`` lacks, under either name."""
    have = frozenset(granted)
    return tuple(
        scope
        for scope in SCOPES
        if scope.lost and scope.name not in have and (not scope.older or scope.older not in have)
    )


def can_ask(profile: Profile) -> bool:
    """Whether a person says on a consent page what the sign-in allows."""
    if profile.kind is ServerKind.SANDBOX:
        return profile.sign_in is not SignInKind.PARTNER
    return profile.sign_in is SignInKind.OAUTH


@dataclass(frozen=True, slots=True)
class Barrier:
    """Something that the sign-in does not allow: what is lost, and what can be done.

    ``can_ask`` tells whether it is up to a person on a consent page, who can be asked again.
    """

    lost: str
    remedy: str
    can_ask: bool = False

    def __str__(self) -> str:
        return f"{self.lost} {self.remedy}"


def barrier(profile: Profile, name: str) -> Barrier | None:
    """Why what needs the scope ``name`` does not work in a profile; ``None`` where it works, or
    where nobody has said what the sign-in allows."""
    scope = next((scope for scope in SCOPES if scope.name == name and scope.lost), None)
    if scope is None:
        return None
    if profile.sign_in is SignInKind.CLIENT_ID and name != "zap":
        return Barrier(scope.lost, "A client id alone is for looking around. Sign in to do more.")
    if profile.granted and scope in missing(profile.granted):
        remedy = f"The sign-in does not include {name}. Sign in again and allow it."
        return Barrier(scope.lost, remedy, can_ask=can_ask(profile))
    return None
