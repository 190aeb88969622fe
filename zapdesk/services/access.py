"""Which server is spoken to, and with a token from where. Runs before the first paint: no asyncio.

A token belongs to the server it was given with. One from the environment is never stored.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, replace

from zapdesk.domain.profiles import (
    SANDBOX,
    ZAPIER,
    Profile,
    ServerKind,
    SignInKind,
    custom,
    from_settings,
)
from zapdesk.errors import InvalidInput
from zapdesk.paths import Paths
from zapdesk.settings import Settings

_logger = logging.getLogger(__name__)

TOKEN_VARIABLE = "ZAPDESK_TOKEN"  # the name of a variable
SECRET_VARIABLE = "ZAPDESK_CLIENT_SECRET"  # the name of a variable
ADDRESS_VARIABLE = "ZAPDESK_BASE_URL"
_LONGEST_TOKEN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Access:
    """A profile, and what was given from outside: the token to use with it, and the secret to
    sign in with."""

    profile: Profile
    token: str | None = field(default=None, repr=False)
    client_secret: str = field(default="", repr=False)


def choose(
    settings: Settings,
    *,
    name: str | None = None,
    sandbox: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> Access:
    """Which profile to use: ``--sandbox``, then the environment, then ``--profile``, then the
    last one used, then the sandbox. An address from the environment at which somebody has signed
    in is the profile that was made then.

    Raises InvalidInput where what was asked for does not exist or cannot be used.
    """
    if sandbox:
        return Access(profiles(settings)[SANDBOX.id])
    address = environment.get(ADDRESS_VARIABLE, "").strip()
    token = environment.get(TOKEN_VARIABLE, "")
    checked = check_token(token) if token.strip() else None
    if name is not None:
        profile = _named(settings, name)
        if address:
            raise InvalidInput(
                f"--profile and {ADDRESS_VARIABLE} both name a server.", hint="Give one of them."
            )
    elif address:
        profile = _at(settings, address)
    elif checked is not None:
        profile = ZAPIER
    else:
        profile = profiles(settings).get(settings.profile, SANDBOX)
    if profile.kind is ServerKind.SANDBOX:
        checked = None  # the sandbox has a token of its own; no other may reach it
    if checked is not None:
        # Whose token it is nobody here knows, nor what it allows: not the end user's whom the
        # profile acts for, and not what the profile's own sign-in was granted.
        profile = replace(profile, sign_in=SignInKind.TOKEN, granted=())
    return Access(profile, checked, environment.get(SECRET_VARIABLE, ""))


def _at(settings: Settings, address: str) -> Profile:
    bare = custom(address)
    stored = profiles(settings).get(bare.id, bare)
    # It may have been moved to another server since; what is given here must not go there.
    return stored if stored.base_url == bare.base_url else bare


def take_out_secrets(environment: MutableMapping[str, str]) -> None:
    """Take what was given out of the environment: no program started from here inherits it."""
    for name in (TOKEN_VARIABLE, SECRET_VARIABLE):
        environment.pop(name, None)


def read_settings(paths: Paths) -> Settings:
    """The settings; what is wrong in the file goes to the log."""
    settings = Settings.load(paths.settings)
    for trouble in settings.troubles:
        _logger.warning("%s", trouble)
    return settings


def choose_access(settings: Settings, profile: str | None, sandbox: bool) -> Access:
    """Which server to use and with which token. Raises InvalidInput for a profile unknown.

    Secrets are taken out of the environment: no program that is started from here inherits them.
    """
    access = choose(settings, name=profile, sandbox=sandbox)
    take_out_secrets(os.environ)
    return access


def profiles(settings: Settings) -> dict[str, Profile]:
    """Every profile by id: the built-in ones and those of the settings file that can be used.

    What cannot be used is named in the log; it must not keep the others from working.
    """
    known = {SANDBOX.id: SANDBOX, ZAPIER.id: ZAPIER}
    for profile_id, table in settings.profiles.items():
        try:
            known[profile_id] = from_settings(profile_id, table)
        except InvalidInput as error:
            _logger.info("a profile is left out: %s", error)
    return known


def _named(settings: Settings, name: str) -> Profile:
    known = profiles(settings)
    wanted = name.casefold()
    for profile in known.values():
        if wanted in (profile.id.casefold(), profile.name.casefold()):
            return profile
    if name in settings.profiles:
        return from_settings(name, settings.profiles[name])  # raises what is wrong with it
    raise InvalidInput(f"There is no profile '{name}'.", f"There are: {', '.join(known)}.")


def check_token(text: str) -> str:
    """The token in ``text``; raises InvalidInput, without quoting it, where it cannot be one."""
    token = text.strip()
    if not token:
        raise InvalidInput("There is no token in this.")
    if len(token) > _LONGEST_TOKEN:
        raise InvalidInput("This is too long for a token.")
    if not token.isascii() or not token.isprintable() or any(c.isspace() for c in token):
        raise InvalidInput(
            "This is not a token: it has spaces, line breaks or characters that no token has.",
            hint="Copy the token again, without anything around it.",
        )
    from zapdesk.redaction import REDACTOR  # most starts are without a token from outside

    REDACTOR.register(token)
    return token


def check_client_id(text: str) -> str:
    """The client id in ``text``; raises InvalidInput where it cannot be one."""
    client_id = text.strip()
    if not client_id:
        raise InvalidInput("There is no client id in this.")
    if not client_id.isascii() or not client_id.isprintable() or " " in client_id:
        raise InvalidInput(
            "This is not a client id: it has characters that none has.",
            hint="Copy it again from the settings of your integration.",
        )
    return client_id
