"""The tokens of profiles, kept in the system's secret store; which profile comes next."""

from __future__ import annotations

from pathlib import Path

from zapdesk import settings as settings_file
from zapdesk.domain.profiles import Profile
from zapdesk.redaction import REDACTOR
from zapdesk.services.access import check_token
from zapdesk.vault import Vault


class Accounts:
    """The tokens of profiles, kept in the system's secret store."""

    def __init__(self, vault: Vault, settings_path: Path) -> None:
        self._vault = vault
        self._settings_path = settings_path

    @property
    def trouble(self) -> str:
        """Why tokens last for this session only; empty where they are kept."""
        return self._vault.trouble

    async def token(self, profile: Profile) -> str | None:
        """The stored token of a profile."""
        token = await self._vault.get(_entry(profile))
        if token:
            REDACTOR.register(token)
        return token

    async def keep_token(self, profile: Profile, text: str) -> bool:
        """Keep a pasted token; False where it is kept for this session only.

        Raises InvalidInput where ``text`` is no token.
        """
        return await self._vault.put(_entry(profile), check_token(text))

    async def sign_out(self, profile: Profile) -> None:
        """Forget the token of a profile on this computer."""
        await self._vault.remove(_entry(profile))

    def remember(self, profile: Profile) -> None:
        """Start with this profile the next time. Raises OSError where that cannot be written."""
        settings_file.save(self._settings_path, {"profile": profile.id})

    def remember_shape(self, profile: Profile) -> None:
        """Keep the body shape that worked. Raises OSError where that cannot be written."""
        settings_file.save(
            self._settings_path,
            {("profiles", profile.id, "body_shape"): profile.body_shape.value},
        )


def _entry(profile: Profile) -> str:
    # The address is part of the name: a token never follows a profile to another server.
    return f"token {profile.id} {profile.base_url}"
