"""Profile: which server, which account, and how it is spoken to."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from zapdesk.domain.partner import NOBODY, Partner, partner_of
from zapdesk.errors import InvalidInput


class ServerKind(StrEnum):
    """Who answers."""

    SANDBOX = "sandbox"
    ZAPIER = "zapier"
    CUSTOM = "custom"


class SignInKind(StrEnum):
    """How a profile comes by its token.

    TOKEN: pasted. OAUTH: the person's consent, with an integration's own client id and secret.
    CLIENT_ID: none, the id alone, with which apps and actions can be seen and nothing run.
    PARTNER: signed with a White Label partner's key, for one of its end users.
    """

    TOKEN = "token"
    OAUTH = "oauth"
    CLIENT_ID = "client_id"
    PARTNER = "partner"


class BodyShape(StrEnum):
    """The three ways in which documents write the body of a run.

    SPEC is ``{"data": {"action", "authentication", "inputs"}}`` (the published OpenAPI file),
    GUIDE is ``{"action", "authentication", "input"}`` (the running-actions guide), MIXED is
    ``{"data": {"action", "authentication", "input"}}`` (seen in a public client).
    """

    SPEC = "spec"
    GUIDE = "guide"
    MIXED = "mixed"


ZAPIER_URL = "https://api.zapier.com"
SANDBOX_ID = "sandbox"
ZAPIER_ID = "zapier"

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?|[0-9a-f.]*:[0-9a-f:.]+")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Profile:
    """A server together with the account used there. Runs, drafts and caches belong to its ``id``.

    ``base_url`` is empty for the sandbox, whose address changes with every start. ``time_zone``
    is an IANA name, empty for the computer's own; ``environment`` holds names with values that
    can be inserted into forms; ``understands_effects`` notes that its user has been told that
    runs there are real. ``client_id`` and ``scopes`` belong to signing in; ``granted`` are the
    scopes of the sign-in in use, none where the server did not say; ``redirect_ports`` are where
    the browser may come back to, none where any free port will do. No secret is in here.
    """

    id: str
    name: str
    kind: ServerKind
    base_url: str = ""
    colour: str = "#3F51D9"
    is_live: bool = False
    body_shape: BodyShape = BodyShape.SPEC
    sends_native_values: bool = False
    time_zone: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    understands_effects: bool = False
    sign_in: SignInKind = SignInKind.TOKEN
    client_id: str = ""
    scopes: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()
    redirect_ports: tuple[int, ...] = ()
    partner: Partner = NOBODY

    @property
    def acts_for(self) -> str:
        """The end user in whose name everything here runs; empty where it is one's own."""
        return self.partner.acts_for if self.sign_in is SignInKind.PARTNER else ""

    def with_shape(self, shape: BodyShape) -> Profile:
        """This profile, speaking the body shape that worked."""
        return replace(self, body_shape=shape)


SANDBOX = Profile(SANDBOX_ID, "Sandbox", ServerKind.SANDBOX, colour="#157A3E")
ZAPIER = Profile(ZAPIER_ID, "Zapier", ServerKind.ZAPIER, ZAPIER_URL, colour="#B3541E", is_live=True)
BUILT_IN = {SANDBOX_ID: SANDBOX, ZAPIER_ID: ZAPIER}
"""Those that come with zapdesk, by id. They can be changed and never removed."""


def origin(url: str) -> str:
    """Scheme, host and port of ``url`` in one spelling, for example ``https://api.zapier.com``.

    Raises InvalidInput where it is no http(s) address, has a user name in it, or is plain http
    anywhere but on this computer.
    """
    text = url.strip()
    authority = text.partition("//")[2].partition("/")[0] or text
    if "@" in authority:  # what is before it may be a password, and is not repeated
        raise InvalidInput(
            "The address of a server has no user name or password in it.",
            hint="An address looks like https://api.zapier.com.",
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise InvalidInput(f"'{url}' is not a web address.") from None
    host = (parts.hostname or "").lower()
    if (
        parts.scheme not in {"http", "https"}
        or not _HOST.fullmatch(host)
        or ("[" in parts.netloc and ":" not in host)
        or port == 0
        # urlsplit drops tabs and line ends, so an address could say more than it shows.
        or not text.isprintable()
        or " " in text
    ):
        raise InvalidInput(
            f"'{url}' is not the address of a server.",
            hint="An address looks like https://api.zapier.com.",
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise InvalidInput(
            f"'{url}' is not encrypted.",
            "A token is sent over https only, but for servers on this computer.",
        )
    shown = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in {None, default} else "")


def custom(base_url: str) -> Profile:
    """The profile of a server given by its address. Its id is the address, so rows stay with it."""
    address = origin(base_url)
    if address == ZAPIER_URL:
        return ZAPIER
    path = urlsplit(base_url.strip()).path.rstrip("/")
    host = address.split("://", 1)[1]
    return Profile(f"at {address}{path}", host, ServerKind.CUSTOM, address + path, "#6B3FA0", True)


def from_settings(profile_id: str, table: Mapping[str, object]) -> Profile:
    """A profile as the settings file describes it, over the built-in one of that id if any.

    Raises InvalidInput naming the value that cannot be used.
    """
    base = BUILT_IN.get(profile_id)
    if base is None and table.get("server") == ServerKind.SANDBOX.value:
        base = replace(SANDBOX, id=profile_id, name=profile_id)
    elif base is None:
        address = table.get("base_url")
        if not isinstance(address, str):
            raise InvalidInput(f"Profile '{profile_id}' has no base_url.")
        base = replace(custom(address), id=profile_id, name=profile_id)
    changes: dict[str, object] = {}
    for key, value in table.items():
        match key, value:
            case ("base_url", _) | ("server", "sandbox"):
                pass
            case "name", str() if value.strip():
                changes["name"] = value
            case "colour", str() if _COLOUR.fullmatch(value):
                changes["colour"] = value
            case (("is_live" | "sends_native_values" | "understands_effects"), bool()):
                changes[key] = value
            case "body_shape", str() if value in set(BodyShape):
                changes["body_shape"] = BodyShape(value)
            case "sign_in", str() if value in set(SignInKind):
                changes["sign_in"] = SignInKind(value)
            case "client_id", str() if value.isascii() and value.isprintable():
                changes["client_id"] = value
            case (("scopes" | "granted"), list()) if all(
                isinstance(s, str) and s.strip() and s.isprintable() for s in value
            ):
                changes[key] = tuple(value)
            case "redirect_ports", list() if all(type(n) is int and 0 < n < 65536 for n in value):
                changes[key] = tuple(value)
            case "time_zone", str() if is_zone(value):
                changes["time_zone"] = value
            case "partner", dict():
                changes["partner"] = partner_of(value)
            case "environment", dict() if all(map(_is_text, value.values())):
                changes["environment"] = tuple(value.items())
            case "environment", _:  # it may hold what nobody else is to read
                raise InvalidInput(f"Profile '{profile_id}': environment maps names to texts.")
            case _:
                shown = reprlib.repr(value)
                raise InvalidInput(f"Profile '{profile_id}': {key} cannot be {shown}.")
    return replace(base, **changes)  # type: ignore[arg-type]  # each value was matched above


def _is_text(value: object) -> bool:
    """Whether it is a text that a file can hold: JSON can name halves of characters."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def is_zone(name: str) -> bool:
    """Whether this computer knows a time zone of that name."""
    # Imported for the few profiles that name a zone: this module is needed for the first frame.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
