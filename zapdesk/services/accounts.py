"""Accounts: what signs the requests of a profile, and how it is had, kept and given up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zapdesk import settings as settings_file
from zapdesk.domain.profiles import Profile, ServerKind, SignInKind
from zapdesk.errors import InvalidInput, StorageUnusable
from zapdesk.redaction import REDACTOR
from zapdesk.services.access import check_token
from zapdesk.services.tokens import Entries, TokenKeeper
from zapdesk.vault import Vault

if TYPE_CHECKING:
    from zapdesk.api.oauth import Grant, OAuthClient
    from zapdesk.services.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What came of signing in: the profile as it signs in from now on.

    ``is_kept`` is False where it lasts for this session only; ``granted`` are the scopes that
    the server named, none where it did not say.
    """

    profile: Profile
    is_kept: bool = True
    granted: tuple[str, ...] = ()


class Accounts:
    """The secrets of profiles, in the system's secret store or for this session only."""

    def __init__(self, vault: Vault, settings_path: Path, locks: Path) -> None:
        self._vault = vault
        self._settings_path = settings_path
        self._locks = locks

    @property
    def trouble(self) -> str:
        """Why tokens last for this session only; empty where they are kept."""
        return self._vault.trouble

    async def keeper(self, profile: Profile) -> TokenKeeper:
        """Who gives out the profile's token and renews it."""
        entries = Entries.of(profile)
        client = await self.client(profile)
        refresh = None
        if profile.sign_in is SignInKind.OAUTH and client is not None:
            from zapdesk.api.oauth import OAuthServer, TokenEndpoint

            async def renew(token: str) -> Grant:
                endpoint = TokenEndpoint(OAuthServer.of(profile.base_url), client)
                try:
                    return await endpoint.refresh(token)
                finally:
                    await endpoint.aclose()

            refresh = renew
        # One lock for all profiles: renewals are rare, and a file for each would stay for ever.
        return TokenKeeper(entries, self._vault, self._locks / "renewal.turn", refresh)

    async def client(self, profile: Profile) -> OAuthClient | None:
        """The registration that signs people in for this profile, if it is complete."""
        if profile.sign_in is not SignInKind.OAUTH or not profile.client_id:
            return None
        secret = await self._vault.get(Entries.of(profile).client_secret)
        if not secret:
            return None
        from zapdesk.api.oauth import OAuthClient

        REDACTOR.register(secret)
        return OAuthClient(profile.client_id, secret)

    async def keep_client_secret(self, profile: Profile, text: str) -> bool:
        """Keep the secret of the profile's registration; False: for this session only.

        Raises InvalidInput where ``text`` cannot be one.
        """
        return await self._vault.put(Entries.of(profile).client_secret, check_token(text))

    async def begin_sign_in(self, profile: Profile, ports: Sequence[int] = (0,)) -> SignIn:
        """An attempt to get the person's consent; see SignIn.

        Raises InvalidInput where the profile's registration is not complete.
        """
        from zapdesk.api.oauth import OAuthClient
        from zapdesk.services.sign_in import SignIn

        client = await self.client(profile) or OAuthClient(profile.client_id, "")
        return await SignIn.begin(profile.base_url, client, profile.scopes, ports=ports)

    async def use_token(self, profile: Profile, text: str) -> SignedIn:
        """Sign in with a token that was pasted.

        Raises InvalidInput where ``text`` is none, StorageUnusable where the settings cannot be
        written.
        """
        profile = replace(profile, sign_in=SignInKind.TOKEN)
        is_kept = await self.keep_token(profile, text)
        return await self._signed_in(SignedIn(profile, is_kept))

    async def use_client_id(self, profile: Profile, text: str) -> SignedIn:
        """Look around with a client id alone. Raises as ``use_token``."""
        client_id = check_client_id(text)
        profile = replace(profile, sign_in=SignInKind.CLIENT_ID, client_id=client_id)
        return await self._signed_in(SignedIn(profile))

    async def _signed_in(self, outcome: SignedIn) -> SignedIn:
        try:
            await asyncio.to_thread(self.remember_sign_in, outcome.profile)
        except OSError as error:
            raise StorageUnusable(
                "How this profile signs in could not be stored.", str(error)
            ) from None
        return outcome

    async def keep_token(self, profile: Profile, text: str) -> bool:
        """Keep a pasted token; False where it is kept for this session only.

        Raises InvalidInput where ``text`` is no token.
        """
        return await self._vault.put(Entries.of(profile).access, check_token(text))

    async def keep_grant(self, profile: Profile, grant: Grant) -> bool:
        """Keep what a sign-in brought; False where it lasts for this session only."""
        return await (await self.keeper(profile)).keep(grant)

    async def sign_out(self, profile: Profile) -> None:
        """Forget every secret of a profile on this computer. At Zapier it stays until it is
        removed there: no way to revoke a token is documented.

        Raises VaultUnusable where the store keeps one of them.
        """
        entries = Entries.of(profile)
        for name in (entries.access, entries.refresh, entries.client_secret):
            await self._vault.remove(name)

    def remember(self, profile: Profile) -> None:
        """Start with this profile the next time. Raises OSError where that cannot be written."""
        settings_file.save(self._settings_path, {"profile": profile.id})

    def remember_sign_in(self, profile: Profile) -> None:
        """Keep how the profile signs in; no secret is among it. Raises OSError."""
        place = ("profiles", profile.id)
        address = profile.base_url if profile.kind is ServerKind.CUSTOM else None
        settings_file.save(
            self._settings_path,
            {
                (*place, "base_url"): address,
                (*place, "sign_in"): profile.sign_in.value,
                (*place, "client_id"): profile.client_id or None,
                (*place, "scopes"): list(profile.scopes) or None,
            },
        )

    def remember_shape(self, profile: Profile) -> None:
        """Keep the body shape that worked. Raises OSError where that cannot be written."""
        settings_file.save(
            self._settings_path,
            {("profiles", profile.id, "body_shape"): profile.body_shape.value},
        )


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
