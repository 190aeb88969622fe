"""The secrets of a profile: how each is called, where they are kept, and how they are removed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from zapdesk.domain.profiles import Profile
from zapdesk.domain.secret_store import SecretStore
from zapdesk.file_lock import Turn

if TYPE_CHECKING:
    from pathlib import Path

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entries:
    """How the secrets of a profile are called in the vault.

    The address is part of each name: a token never follows a profile to another server.
    """

    access: str
    refresh: str
    client_secret: str
    partner_key: str = ""
    account: str = "account"

    @classmethod
    def of(cls, profile: Profile) -> Entries:
        """The names for ``profile``."""
        place = f"{profile.id} {profile.base_url}"
        kinds = ("token", "refresh token", "client secret", "partner key", "account")
        return cls(*(f"{kind} {place}" for kind in kinds))

    @property
    def of_person(self) -> tuple[str, ...]:
        """The names of what a sign-in brings; the rest is the registration's."""
        return (self.access, self.refresh, self.account)

    @property
    def all(self) -> tuple[str, ...]:
        """Every name, for forgetting what is kept there."""
        return (self.access, self.refresh, self.client_secret, self.partner_key, self.account)


class Secrets(Protocol):
    """Where a keeper has its tokens, by name."""

    @property
    def out_of_reach(self) -> SecretStore | None: ...

    async def get(self, name: str) -> str | None: ...

    async def put(self, name: str, secret: str, *, asks: bool = True) -> bool: ...

    async def remove(self, *names: str) -> None: ...

    def drop(self, *names: str) -> None: ...

    def mark(self, name: str) -> str: ...

    def is_removed(self, name: str) -> bool: ...


class PassingSecrets:
    """Secrets that end with the process."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    @property
    def out_of_reach(self) -> None:
        return None

    def mark(self, name: str) -> str:
        return ""  # no other process has them

    def is_removed(self, name: str) -> bool:
        return False

    async def get(self, name: str) -> str | None:
        return self._kept.get(name)

    async def put(self, name: str, secret: str, *, asks: bool = True) -> bool:
        self._kept[name] = secret
        return True

    async def remove(self, *names: str) -> None:
        self.drop(*names)

    def drop(self, *names: str) -> None:
        for name in names:
            self._kept.pop(name, None)


async def remove_in_turn(secrets: Secrets, turn: Path, wait_s: float, *names: str) -> None:
    """Remove secrets, once no process renews them: it would store new ones afterwards.

    Raises VaultUnusable where one of them stays.
    """
    try:
        async with Turn(turn, wait_s):
            await secrets.remove(*names)
    except (OSError, TimeoutError) as error:
        _logger.warning("secrets are removed without waiting for a turn: %s", error)
        await secrets.remove(*names)
