"""Checks of what the profile may do at its server. Only reads; nothing is ever run."""

from __future__ import annotations

import uuid

from zapdesk.api import endpoints, wire
from zapdesk.api.calls import Call
from zapdesk.domain.diagnosis import Finding, failed, passed, skipped, warning
from zapdesk.domain.profiles import ServerKind, SignInKind
from zapdesk.domain.scopes import SCOPES, missing
from zapdesk.errors import (
    Failed,
    Forbidden,
    NotSignedIn,
    Offline,
    Refused,
    Unreachable,
    VaultUnusable,
    ZapdeskError,
)
from zapdesk.services.checks.surroundings import Look

_NOT_TRIED = (
    "Whether forms can be opened (zap:write) and connections added (connection:write) shows only"
    " when that is done."
)


async def token(look: Look) -> Finding:
    """Whether there is a token, and whether the server takes it."""
    way, profile = await look.way(), look.around.profile
    try:
        value = await way.token()
    except (NotSignedIn, VaultUnusable) as error:
        return failed(error.title, error.detail, error.hint or "Sign in again.")
    if value is None:
        if profile.sign_in is SignInKind.CLIENT_ID and profile.client_id:
            return warning(
                "You are not signed in; only a client id is used.",
                "Apps and actions can be seen. Forms, connections and runs need a sign-in.",
                "Sign in, or paste a token.",
            )
        return failed(
            "You are not signed in.",
            "Without a token the server lets nobody in.",
            "Sign in, or paste a token.",
        )
    try:
        await look.ask(endpoints.profile())
    except NotSignedIn as error:
        return failed(error.title, error.detail, "Sign in again, or paste a new token.")
    except Forbidden:
        return passed("The token is accepted.", "It does not tell whose it is.")
    except Refused as error:
        return passed(f"The token is accepted (status {error.status}).")
    except Offline:
        raise
    except (Failed, Unreachable) as error:
        return failed(error.title, error.detail, "Test again in a while.")
    return passed("The token is accepted.")


async def scopes(look: Look) -> Finding:
    """What the token lacks, as far as reads can tell."""
    if await (await look.way()).token() is None:
        return skipped("There is no token whose scopes could be looked at.")
    refused: list[str] = []
    app_id = ""
    tries: list[tuple[str, Call]] = [
        ("profile", endpoints.profile()),
        ("zap", endpoints.apps("", "", (), 1, 0)),
    ]
    try:
        for name, call in tries:
            try:
                answer = await look.ask(call)
            except Forbidden:
                refused.append(name)
                continue
            except NotSignedIn as error:
                return failed(error.title, error.detail, "Sign in again, or paste a new token.")
            if name == "zap":
                _, apps = wire.apps(answer.body, links_filled=True)
                app_id = apps[0].id if apps else ""
        if app_id:
            try:
                await look.ask(endpoints.authentications(app_id))
            except Forbidden:
                refused.append("connection:read")
    except Offline:
        raise
    except ZapdeskError as error:  # it was reached a moment ago
        return warning(error.title, error.detail, "Test again in a while.")
    granted = look.around.profile.granted
    if granted:  # what the server named at the sign-in, which may be more than reads can tell
        refused += [s.name for s in missing(granted) if s.name not in refused]
    if not refused and granted:
        return passed(
            "Everything that zapdesk needs was granted.", "", ("Granted", " ".join(granted))
        )
    if not refused:
        known = "apps and connections" if app_id else "apps"
        return passed(f"What zapdesk reads ({known}) is allowed.", _NOT_TRIED)
    lost = " ".join(f"{s.name}: {s.lost}" for s in SCOPES if s.name in refused)
    tell = failed if set(refused) - {"profile"} else warning
    return tell(
        f"The token lacks {_listed(refused)}.",
        lost,
        "Sign in again and allow it; the integration must be registered for it too.",
    )


async def beta(look: Look) -> Finding:
    """Whether action runs are open to this account: one run that cannot exist is asked for."""
    if await (await look.way()).token() is None:
        return skipped("Without a token nobody can be asked.")
    try:
        await look.ask(endpoints.run(str(uuid.uuid4())))
    except NotSignedIn as error:
        return failed(error.title, error.detail, "Sign in again, or paste a new token.")
    except Forbidden as error:
        return failed(
            "Action runs are not open to this account.",
            f"{error.detail} Action runs are in limited beta: an integration has to be on Zapier's"
            " allow-list, and the token needs the scope action:run.".strip(),
            "Sign in again with action:run; if that does not help, ask Zapier for the allow-list.",
        )
    except Refused:
        pass  # it does not know that run, as it should be
    except Offline:
        raise
    except (Failed, Unreachable) as error:
        return warning(error.title, error.detail, "Test again in a while.")
    if look.around.profile.kind is ServerKind.SANDBOX:
        return passed("The sandbox runs actions.")
    return passed(
        "Runs can be looked up with this token.",
        "Whether they can be started too cannot be known without starting one, which this test"
        " never does: Zapier tells by a refusal at the first run.",
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
