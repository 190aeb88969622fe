"""The error tree. Every error says what happened, whose side it is on and what can be done next.

    ZapdeskError
    ├── InvalidInput           what was typed or asked for cannot be used
    ├── Unreachable            provably nothing arrived at the server
    │   ├── Offline            a person switched the network off
    │   └── SandboxUnavailable the local sandbox could not be started
    ├── Refused                the server said no, in words that can be read
    │   ├── NotSignedIn        no token, or one that is no longer accepted
    │   ├── Forbidden          the token is good, this is not allowed with it
    │   ├── NotFound
    │   ├── Conflict           409: an earlier attempt may exist
    │   └── RateLimited        429: says how long to wait
    ├── Failed                 a read did not work: server trouble or no answer in time
    │   └── Unreadable         an answer came that cannot be understood
    ├── OutcomeUnknown         something was sent and no usable answer came
    ├── StorageUnusable        the local log cannot be read or written
    └── VaultUnusable          the system's keyring cannot be used

Anything else that is raised is a bug and is not caught.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Side(StrEnum):
    """Whose side a failure is on; the words are shown to people and stand in the CLI's JSON."""

    INPUT = "your input"
    COMPUTER = "this computer"
    NETWORK = "network"
    ACCESS = "your access"
    CONNECTION = "connection"
    APP = "app"
    ZAPIER = "Zapier"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ErrorItem:
    """One entry of an error answer, in whichever of the API's shapes it came.

    ``pointer`` is a JSON pointer into the request body, ``parameter`` a query name,
    ``source`` is ``ZAPIER`` or ``THIRD_PARTY`` where the server says.
    """

    code: str = ""
    title: str = ""
    detail: str = ""
    pointer: str = ""
    parameter: str = ""
    source: str = ""

    @property
    def text(self) -> str:
        """The most telling words of this entry."""
        return self.detail or self.title or self.code


class ZapdeskError(Exception):
    """The root: a title (what happened), a detail, whose side, and a hint (what can be done)."""

    side: Side = Side.UNKNOWN

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        side: Side | None = None,
        hint: str = "",
        technical: str = "",
    ) -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint
        self.technical = technical
        if side is not None:
            self.side = side

    def __str__(self) -> str:
        return f"{self.title} {self.detail}".strip()


class InvalidInput(ZapdeskError):
    """What was typed or asked for cannot be used; nothing was done."""

    side = Side.INPUT


class Unreachable(ZapdeskError):
    """Provably nothing arrived at the server: sending again is safe."""

    side = Side.NETWORK


class Offline(Unreachable):
    """A person switched zapdesk's network off; nothing was tried."""

    side = Side.COMPUTER


class SandboxUnavailable(Unreachable):
    """The local sandbox could not be started or joined."""

    side = Side.COMPUTER


class Refused(ZapdeskError):
    """The server said no, in words that can be read. ``status`` is the HTTP status."""

    side = Side.ZAPIER

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        status: int,
        items: tuple[ErrorItem, ...] = (),
        side: Side | None = None,
        hint: str = "",
        technical: str = "",
    ) -> None:
        super().__init__(title, detail, side=side, hint=hint, technical=technical)
        self.status = status
        self.items = items

    @property
    def codes(self) -> frozenset[str]:
        """Every error code of the answer."""
        return frozenset(item.code for item in self.items if item.code)


class NotSignedIn(Refused):
    """There is no token, or it is no longer accepted (401, or 403 ``authentication_failed``)."""

    side = Side.ACCESS


class Forbidden(Refused):
    """The token is good, but this is not allowed with it: scope, plan or allow-list."""

    side = Side.ACCESS


class NotFound(Refused):
    """The server does not know it."""


class Conflict(Refused):
    """409: undocumented by Zapier; an earlier attempt may exist."""


class RateLimited(Refused):
    """429. ``wait_s`` is how long the server wants us to wait, in seconds."""

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        wait_s: float,
        items: tuple[ErrorItem, ...] = (),
        hint: str = "",
        technical: str = "",
    ) -> None:
        super().__init__(title, detail, status=429, items=items, hint=hint, technical=technical)
        self.wait_s = wait_s


class Failed(ZapdeskError):
    """A read did not work, after its retries: server trouble or no answer in time."""

    side = Side.ZAPIER

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        status: int | None = None,
        wait_s: float | None = None,
        side: Side | None = None,
        hint: str = "",
        technical: str = "",
    ) -> None:
        super().__init__(title, detail, side=side, hint=hint, technical=technical)
        self.status = status
        self.wait_s = wait_s


class Unreadable(Failed):
    """An answer came that cannot be understood: not JSON, cut off, too large, too deep."""


class OutcomeUnknown(ZapdeskError):
    """Bytes of a request with effects left, and no usable answer came: it may have run."""

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        status: int | None = None,
        evidence: str = "",
        side: Side | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(title, detail, side=side, hint=hint, technical=evidence)
        self.status = status


class StorageUnusable(ZapdeskError):
    """The local log cannot be read or written; while it lasts nothing is sent."""

    side = Side.COMPUTER


class VaultUnusable(ZapdeskError):
    """The system's keyring cannot be used, or does not answer."""

    side = Side.COMPUTER


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """An error as it is kept in the run log and printed as JSON: plain words only."""

    title: str
    detail: str = ""
    side: str = Side.UNKNOWN.value
    hint: str = ""
    technical: str = ""
    items: tuple[ErrorItem, ...] = field(default=())

    @classmethod
    def of(cls, error: ZapdeskError) -> ErrorReport:
        """The words of ``error``."""
        items = error.items if isinstance(error, Refused) else ()
        return cls(error.title, error.detail, error.side.value, error.hint, error.technical, items)
