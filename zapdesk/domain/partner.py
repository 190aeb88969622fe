"""Partner: what a White Label partner is registered with, and the end user whom one acts for.

The partner signs for the end user with a key of its own; the key is a secret and not in here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from urllib.parse import unquote, urlsplit

from zapdesk.errors import InvalidInput

USUAL_CLAIM = "org_id"
LONGEST = 255
"""Letters that a value may have."""
OWN_CLAIMS = frozenset({"sub", "iss", "aud", "iat", "nbf", "exp", "jti"})
"""Claims with a meaning of their own: none of them can name the tenant."""


@dataclass(frozen=True, slots=True)
class Partner:
    """``issuer`` and ``key_id`` are as registered with Zapier, as is the name of the claim that
    holds the ``tenant``. ``user`` is the end user's id at the partner, ``user_name`` how the
    person is called on screen, empty for the id itself."""

    issuer: str = ""
    key_id: str = ""
    tenant_claim: str = USUAL_CLAIM
    tenant: str = ""
    user: str = ""
    user_name: str = ""

    @property
    def acts_for(self) -> str:
        """The end user, as shown: everywhere, since whatever runs, runs in that person's name."""
        return self.user_name or self.user

    @property
    def shown(self) -> str:
        """The end user with the id, where the name is another one."""
        name = self.user_name
        return f"{name} ({self.user})" if name and name != self.user else self.user

    @property
    def party(self) -> str:
        """What tells one end user from all others, of this partner and of any other."""
        return "\n".join((self.issuer, self.tenant_claim, self.tenant, self.user))

    def missing(self) -> tuple[str, ...]:
        """What is still needed before this can be signed for, in words."""
        return tuple(word for name, word in NAMES.items() if not getattr(self, name))


def end_user(party: str) -> str:
    """The end user's id out of what `Partner.party` tells; empty for any other account."""
    parts = party.split("\n")
    return parts[3] if len(parts) == 4 else ""


NOBODY = Partner()
"""No partner, and nobody acted for."""
NAMES: Mapping[str, str] = {
    "issuer": "issuer",
    "key_id": "key id",
    "tenant_claim": "name of the tenant claim",
    "tenant": "tenant",
    "user": "end user",
}
"""What each value is called; all of these are needed."""


_KEY = re.compile(r"/engine/auth/start/(?P<key>[^/@?#]+)@")


def app_key(connect_url: str) -> str:
    """What Zapier's own pages call an app, out of the link on which people with an account connect
    it; empty where the link does not tell."""
    try:
        found = _KEY.search(urlsplit(connect_url).path)
    except ValueError:  # no address at all
        return ""
    return unquote(found["key"]) if found else ""


def check(name: str, value: str) -> str:
    """``value``, without what is around it. Raises InvalidInput where it cannot be one."""
    text = value.strip()
    word = NAMES.get(name, "name")
    if len(text) > LONGEST or not text.isprintable():
        raise InvalidInput(f"This cannot be the {word}: {LONGEST} letters on one line at most.")
    if name == "tenant_claim" and text in OWN_CLAIMS:
        raise InvalidInput(f"'{text}' has a meaning of its own and cannot name the tenant.")
    return text


def partner_of(table: Mapping[str, object]) -> Partner:
    """A partner as the settings file describes it. Raises InvalidInput naming what is wrong."""
    known = {field.name for field in fields(Partner)}
    values: dict[str, str] = {}
    for name, value in table.items():
        if name not in known or not isinstance(value, str):
            raise InvalidInput(f"partner.{name} cannot be {value!r}.")
        values[name] = check(name, value)
    return Partner(**values)


def table_of(partner: Partner) -> dict[str, str]:
    """What the settings file says of a partner; ``partner_of`` makes the same one of it."""
    return {name: text for name, text in asdict(partner).items() if text != getattr(NOBODY, name)}
