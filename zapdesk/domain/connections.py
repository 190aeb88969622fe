"""What is known of a person's connections, and of attempts at making one. Pure.

An attempt that was sent and had no usable answer stays *unknown*: it is never sent again by
itself, and what is in the list of connections afterwards decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from zapdesk.domain.catalog import Authentication
from zapdesk.errors import InvalidInput

LONGEST_TITLE = 255
"""Characters, by the API's documents."""

USUAL_NAMES = ("api_key", "access_token", "username", "password", "subdomain", "domain", "url")
"""What apps often call their credentials. Which ones an app wants, the API does not tell."""

_OPEN_NAMES = frozenset(
    {"username", "user", "email", "login", "account", "account_id", "subdomain", "domain"}
    | {"host", "url", "base_url", "site", "region", "environment", "port", "database"}
)
_FRESH_MS = 3_600_000
_POINTER = "/data/authentication_fields/"


class ConnectionState(StrEnum):
    """Whether a connection can be used, as far as is known.

    UNKNOWN: the list is old, or could not be had. What it said then is still told.
    """

    WORKS = "works"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


STATE_WORDS = {
    ConnectionState.WORKS: "Works",
    ConnectionState.EXPIRED: "Expired",
    ConnectionState.UNKNOWN: "Not checked",
}

EXPIRED_SENTENCE = (
    "This account cannot be used any more: its password was changed, access was taken back, or it "
    "ran out. Runs with it are refused until it is connected again."
)


def state_of(
    connection: Authentication, fetched_ms: int | None, now_ms: int, *, has_trouble: bool = False
) -> ConnectionState:
    """The state of a connection in a list that was fetched at ``fetched_ms``."""
    if has_trouble or fetched_ms is None or abs(now_ms - fetched_ms) > _FRESH_MS:
        return ConnectionState.UNKNOWN
    return ConnectionState.EXPIRED if connection.is_expired else ConnectionState.WORKS


def appeared(
    before: Iterable[Authentication], after: Iterable[Authentication]
) -> tuple[Authentication, ...]:
    """Those that can be used now and could not before: new ones and revived ones."""
    usable = {connection.id for connection in before if not connection.is_expired}
    return tuple(c for c in after if not c.is_expired and c.id not in usable)


class AttemptStatus(StrEnum):
    """What became of an attempt to make a connection from credentials."""

    SUBMITTING = "submitting"
    MADE = "made"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ConnectionAttempt:
    """One attempt, as it is written down before anything is sent. No credential is in it.

    ``names`` are those of the fields; ``known_ids`` the connections that were there before,
    ``None`` where they could not be listed.
    """

    id: str
    app_id: str
    title: str
    names: tuple[str, ...]
    created_ms: int
    status: AttemptStatus = AttemptStatus.SUBMITTING
    known_ids: tuple[str, ...] | None = None

    def made_among(self, connections: Iterable[Authentication]) -> Authentication | None:
        """The connection that this attempt made, where the list proves that it did."""
        if self.known_ids is None:
            return None
        found = [c for c in connections if c.title == self.title and c.id not in self.known_ids]
        return found[0] if len(found) == 1 else None


def checked_title(text: str) -> str:
    """The name for a new connection; raises InvalidInput where it cannot be one."""
    title = " ".join(text.split())
    if not title:
        raise InvalidInput("A connection needs a name.", hint="Give it one you will know it by.")
    if len(title) > LONGEST_TITLE:
        raise InvalidInput(f"The name has {len(title)} characters; {LONGEST_TITLE} are possible.")
    return title


def is_secret(name: str) -> bool:
    """Whether the credential of that name is hidden while it is typed, and from then on."""
    return name.strip().casefold() not in _OPEN_NAMES


def field_of(pointer: str) -> str:
    """The credential that a server's pointer names; empty where it names none."""
    if not pointer.startswith(_POINTER):
        return ""
    return pointer.removeprefix(_POINTER).replace("~1", "/").replace("~0", "~")
