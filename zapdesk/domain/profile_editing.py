"""Profiles as a person makes and changes them: what is wrong with one, and how it is written down.

A profile is written down by what it differs in from the one it would be by itself, so that the
settings file says no more than a person chose. No secret is in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace

from zapdesk.domain.partner import Partner, table_of
from zapdesk.domain.profiles import (
    BUILT_IN,
    SANDBOX,
    ZAPIER,
    Profile,
    ServerKind,
    custom,
    is_zone,
    origin,
)
from zapdesk.errors import InvalidInput

LONGEST_NAME = 60
COLOURS = (
    *("#157A3E", "#B3541E", "#3F51D9", "#6B3FA0", "#A1304B"),
    *("#0F7490", "#8A6D00", "#56606B", "#B3261E", "#2F6FB3"),
)
"""Offered in this order; a new profile takes the first that no other has."""

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACES = tuple(f.name for f in fields(Profile) if f.name not in {"id", "kind", "base_url"})
KEYS = ("server", "base_url", *_PLACES)
"""All that the settings file may say of a profile."""


def fresh(name: str, kind: ServerKind, others: Iterable[Profile] = ()) -> Profile:
    """A profile that does not exist yet: without an id, in a colour of its own."""
    colour = free_colour(others)
    base = {ServerKind.SANDBOX: SANDBOX, ServerKind.ZAPIER: ZAPIER}.get(kind)
    if base is None:
        return Profile("", name, kind, colour=colour, is_live=True)
    return replace(base, id="", name=name, colour=colour)


def free_colour(others: Iterable[Profile]) -> str:
    """The first colour that no other profile has."""
    taken = {other.colour.upper() for other in others}
    return next((colour for colour in COLOURS if colour not in taken), COLOURS[0])


def free_name(wanted: str, others: Iterable[Profile]) -> str:
    """``wanted``, or with the first number behind it that no other profile has."""
    taken = {word.casefold() for other in others for word in (other.id, other.name)}
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def at_server(profile: Profile, kind: ServerKind, address: str = "") -> Profile:
    """``profile`` at another server, its address in one spelling. Zapier's own address, however it
    was given, is Zapier. Raises InvalidInput where it is no address of a server."""
    match kind:
        case ServerKind.SANDBOX:
            return replace(profile, kind=kind, base_url="")
        case ServerKind.ZAPIER:
            return replace(profile, kind=kind, base_url=ZAPIER.base_url)
    found = custom(address)
    return replace(profile, kind=found.kind, base_url=found.base_url)


def works_alike(one: Profile, other: Profile) -> bool:
    """Whether nothing differs but how a profile looks and what is asked before running."""
    return (
        replace(
            one,
            name=other.name,
            colour=other.colour,
            is_live=other.is_live,
            understands_effects=other.understands_effects,
        )
        == other
    )


def with_grant_of(used: Profile, profile: Profile) -> Profile:
    """``profile`` as it is kept, with what the sandbox granted to it as it is in use: that lasts
    for the session and is nowhere else."""
    if used.kind is profile.kind is ServerKind.SANDBOX and used.sign_in is profile.sign_in:
        return replace(profile, granted=used.granted)
    return profile


def problems(profile: Profile, others: Iterable[Profile]) -> dict[str, str]:
    """What keeps a profile from being used, a sentence for each of its fields that is wrong."""
    found: dict[str, str] = {}
    others = [other for other in others if other.id != profile.id]
    if problem := _name_problem(profile.name, others):
        found["name"] = problem
    if profile.kind is not ServerKind.SANDBOX:
        try:
            origin(profile.base_url)
        except InvalidInput as error:
            found["base_url"] = " ".join(filter(None, (error.title, error.detail, error.hint)))
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", profile.colour):
        found["colour"] = "A colour is written like #3F51D9."
    if not (profile.client_id.isascii() and profile.client_id.isprintable()):
        found["client_id"] = "A client id has letters, digits and signs of English only."
    if profile.time_zone and not is_zone(profile.time_zone):
        found["time_zone"] = f"'{profile.time_zone}' is not a time zone. One is Europe/Berlin."
    if problem := _environment_problem(profile.environment):
        found["environment"] = problem
    return found


def _name_problem(name: str, others: Iterable[Profile]) -> str:
    if not name.strip():
        return "A profile needs a name."
    if len(name) > LONGEST_NAME:
        return f"The name is too long: {LONGEST_NAME} characters are the most."
    if not name.isprintable():
        return "The name has line breaks or characters that cannot be seen."
    if free_name(name, others) != name:
        return f"There is a profile '{name}' already."
    return ""


def _environment_problem(environment: Iterable[tuple[str, str]]) -> str:
    seen: set[str] = set()
    for name, _ in environment:
        if not _ENVIRONMENT_NAME.fullmatch(name):
            return f"'{name}' is not a name for a value: letters, digits and _ make one."
        if name in seen:
            return f"'{name}' is there twice."
        seen.add(name)
    return ""


def to_table(profile: Profile) -> dict[str, object]:
    """What the settings file says of a profile; ``from_settings`` makes the same one of it."""
    base = BUILT_IN.get(profile.id)
    table: dict[str, object] = {}
    if base is None and profile.kind is ServerKind.SANDBOX:
        base, table["server"] = SANDBOX, ServerKind.SANDBOX.value
    elif base is None:
        base, table["base_url"] = custom(profile.base_url), profile.base_url
    for place in _PLACES:
        value = getattr(profile, place)
        if place == "name" and profile.id not in BUILT_IN:
            table[place] = value
        elif value != getattr(base, place):
            table[place] = _written(value)
    return table


def sign_in_table(profile: Profile) -> dict[str, object]:
    """What the settings file says of how a profile signs in; ``None`` where it says nothing."""
    # Without its address one that does not come with zapdesk could not be read again.
    has_address = profile.id not in BUILT_IN and profile.kind is not ServerKind.SANDBOX
    return {
        "base_url": profile.base_url if has_address else None,
        "sign_in": profile.sign_in.value,
        "client_id": profile.client_id or None,
        "scopes": list(profile.scopes) or None,
        "granted": list(profile.granted) or None,
        "redirect_ports": list(profile.redirect_ports) or None,
        "partner": table_of(profile.partner) or None,
    }


def signed_in_as(kept: Profile, signed: Profile) -> Profile:
    """``kept`` with how ``signed`` signs in: who signed in may have begun with an older copy."""
    return replace(
        kept,
        sign_in=signed.sign_in,
        client_id=signed.client_id,
        scopes=signed.scopes,
        granted=signed.granted,
        redirect_ports=signed.redirect_ports,
        partner=signed.partner,
    )


def _written(value: object) -> object:
    if isinstance(value, Partner):
        return table_of(value)
    if not isinstance(value, tuple):
        return str(value) if isinstance(value, str) else value
    return dict(value) if value and isinstance(value[0], tuple) else list(value)
