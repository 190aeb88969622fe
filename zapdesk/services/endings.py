"""Why there is no token: the sign-in has run out, or another process has ended it.

Each is said where it happens, in the window and of the runs that are not asked for any more.
"""

from __future__ import annotations

from zapdesk.domain.profiles import Profile
from zapdesk.errors import NotSignedIn, Unreachable, ZapdeskError

DEAD = frozenset({"invalid_grant"})
"""Refusals after which a refresh token is of no use to anybody."""
ENDED = NotSignedIn("The sign-in is over.", status=401, hint="Sign in again.")


class EndedElsewhere(NotSignedIn):
    """The token that this process has is not used any more."""


class AccountReplaced(EndedElsewhere):
    """Another process has signed in with another account: its tokens are not for us."""

    def __init__(self) -> None:
        super().__init__(
            "Another account was signed in to this profile, in another window or a terminal.",
            status=0,
            hint="Use that account, or sign in again.",
        )


class SignedOutElsewhere(EndedElsewhere):
    """Another process has signed the profile out."""

    def __init__(self) -> None:
        super().__init__(
            "This profile was signed out in another window or a terminal.",
            status=0,
            hint="Sign in again.",
        )


class SignedInAgain(EndedElsewhere):
    """Another process has signed in after one had signed out."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody has signed in to this profile again, in another window or a terminal.",
            status=0,
            hint="Use that sign-in, or sign in again.",
        )


class ProfileMoved(NotSignedIn):
    """Another process has changed the address of the profile that somebody signs in to."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(
            "This profile was moved to another server in another window or a terminal.",
            f"It is not at {profile.base_url or 'the sandbox'} any more. Nothing was stored.",
            status=0,
            hint="Look at its address, and sign in again.",
        )


class ProfileDeleted(EndedElsewhere):
    """Another process, or a person with an editor, has deleted the profile."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "This profile was deleted in another window or a terminal.",
            detail,
            status=0,
            hint="Choose another profile, or create one.",
        )


def without_token(error: ZapdeskError) -> ZapdeskError:
    """Why there is no token, for whoever wanted to send something: nothing of theirs has left,
    whatever became of the exchange for the token."""
    if isinstance(error, NotSignedIn | Unreachable):
        return error
    return NotSignedIn(error.title, error.detail, status=0, hint=error.hint)
