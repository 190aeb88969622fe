"""Accounts: what signs the requests of a profile, and how it is had, kept and given up."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from zapdesk.domain.profiles import Profile, ServerKind, SignInKind
from zapdesk.domain.scopes import USUAL
from zapdesk.errors import InvalidInput, NotSignedIn, StorageUnusable, VaultUnusable
from zapdesk.redaction import REDACTOR
from zapdesk.services.access import check_client_id, check_token
from zapdesk.services.endings import ProfileDeleted, ProfileMoved
from zapdesk.services.entries import Entries, PassingSecrets, Secrets, remove_in_turn
from zapdesk.services.profile_notes import ProfileNotes
from zapdesk.services.routing import Routing
from zapdesk.services.tokens import TURN_WAIT_S, TokenKeeper
from zapdesk.settings import Settings
from zapdesk.vault import Vault

if TYPE_CHECKING:
    from zapdesk.api.oauth import Grant, OAuthClient
    from zapdesk.services.partner import PartnerAccess
    from zapdesk.services.sandbox_process import SandboxProcess
    from zapdesk.services.sign_in import SignIn


_SETTLE_S = 1.0
"""So long the end of the program waits for a renewal."""
_REGISTERED = frozenset({SignInKind.OAUTH, SignInKind.PARTNER})
"""Ways of signing in that need a registration with a client id and a secret."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What came of signing in: the profile as it signs in from now on.

    ``is_kept`` is False where it lasts for this session only; ``granted`` are the scopes that
    the server named, none where it did not say. With ``goes_on`` it is the account that was
    signed in before: what has its tokens has the new ones.
    """

    profile: Profile
    is_kept: bool = True
    granted: tuple[str, ...] = ()
    goes_on: bool = False


class Accounts:
    """The secrets of profiles, in the system's keyring or for this session only."""

    def __init__(
        self,
        vault: Vault,
        settings_path: Path,
        locks: Path,
        sandbox: SandboxProcess | None = None,
        routing: Routing | None = None,
    ) -> None:
        """``sandbox`` is the one that can be signed in to; without ``routing`` servers are
        reached as no settings want it."""
        self.vault = vault
        self.routing = routing or Routing(Settings(), vault)
        self.notes = ProfileNotes(settings_path)
        # One for all profiles: renewals are rare, and a file for each would stay for ever.
        self._turn = locks / "renewal.turn"
        self._sandbox = sandbox
        self._passing = PassingSecrets()
        self.whose: Callable[[str, str, Routing], Awaitable[str]] | None = None
        """Asks the server at an address for the account of a token: empty where it does not
        tell."""
        self.forget_person: Callable[[str], Awaitable[None]] = _nobody
        """Called with a profile's id where another person may use it from now on: what is kept of
        the one before, as connections are, must not be shown to them."""
        self._keepers: dict[Entries, tuple[object, TokenKeeper]] = {}

    @property
    def trouble(self) -> str:
        """Why tokens last for this session only; empty where they are kept."""
        return self.vault.trouble

    async def keeper(self, profile: Profile) -> TokenKeeper:
        """Who gives out the profile's token and renews it: the same one until somebody signs in
        or out."""
        known = self._known(profile)
        if known is not None:
            return known
        self._begin_anew(profile)
        entries = Entries.of(profile)
        keeper = self._new_keeper(profile, entries)
        self._keepers[entries] = _manner(profile), keeper
        return keeper

    def _known(self, profile: Profile) -> TokenKeeper | None:
        manner, keeper = self._keepers.get(Entries.of(profile), (None, None))
        is_usable = keeper is not None and manner == _manner(profile) and not keeper.is_closed
        return keeper if is_usable else None

    def _new_keeper(self, profile: Profile, entries: Entries) -> TokenKeeper:
        is_partner = profile.sign_in is SignInKind.PARTNER
        is_renewed = profile.sign_in is SignInKind.OAUTH or profile.kind is ServerKind.SANDBOX
        return TokenKeeper(
            entries,
            self._secrets_of(profile),
            self._turn,
            partial(self._renewed, profile) if is_renewed else None,
            anew=partial(self._exchange, profile) if is_partner else None,
            bound_to=_party(profile),
        )

    def _secrets_of(self, profile: Profile) -> Secrets:
        # What opens the sandbox is of no use without it, and lies beside it anyway.
        return self._passing if profile.kind is ServerKind.SANDBOX else self.vault

    async def _renewed(self, profile: Profile, token: str) -> Grant:
        from zapdesk.api.oauth import OAuthServer, TokenEndpoint

        address, client = await self._registration(profile)
        if client is None:
            raise NotSignedIn(
                "The client id or its secret is missing, so the sign-in cannot be renewed.",
                status=0,
                hint="Sign in again.",
            )
        server = OAuthServer.of(address)
        endpoint = TokenEndpoint(server, client, find_route=self.routing.route)
        try:
            return await endpoint.refresh(token)
        finally:
            await endpoint.aclose()

    def _begin_anew(self, profile: Profile) -> None:
        """Whoever still has the keeper of a sign-in before gets nothing from it any more."""
        _, keeper = self._keepers.pop(Entries.of(profile), (None, None))
        if keeper is not None:
            keeper.break_off()

    async def _take(self, outcome: SignedIn, address: str, grant: Grant) -> SignedIn:
        """Keep what a sign-in brought. Raises NotSignedIn where the server refuses it."""
        profile = outcome.profile
        await self.notes.check(profile)
        account = ""
        if self.whose is not None and profile.sign_in is not SignInKind.PARTNER:
            account = await self.whose(address, grant.access_token, self.routing)
        known = self._known(profile)
        goes_on = known is not None and account != "" and await known.account() == account
        if not goes_on:
            self._begin_anew(profile)
        keeper = await self.keeper(profile)
        is_kept = await keeper.sign_in(grant, account)
        return replace(
            outcome,
            profile=replace(profile, granted=grant.scopes),
            is_kept=is_kept and outcome.is_kept,
            granted=grant.scopes,
            goes_on=goes_on,
        )

    async def _registration(self, profile: Profile) -> tuple[str, OAuthClient | None]:
        """The server's address, and who signs people in there; the sandbox has its own."""
        if profile.kind is not ServerKind.SANDBOX or self._sandbox is None:
            return profile.base_url, await self.client(profile)
        from zapdesk.api.oauth import OAuthClient

        address = await self._sandbox.join()
        return address.url, OAuthClient(address.client_id, address.client_secret)

    async def has_client_secret(self, profile: Profile) -> bool:
        """Whether a secret for the registration is kept."""
        return bool(await self.vault.get(Entries.of(profile).client_secret))

    async def client(self, profile: Profile) -> OAuthClient | None:
        """The registration that signs people in for this profile, if it is complete."""
        if profile.sign_in not in _REGISTERED or not profile.client_id:
            return None
        secret = await self.vault.get(Entries.of(profile).client_secret)
        if not secret:
            return None
        from zapdesk.api.oauth import OAuthClient

        REDACTOR.register(secret)
        return OAuthClient(profile.client_id, secret)

    async def keep_client_secret(self, profile: Profile, text: str) -> bool:
        """Keep the secret of the profile's registration; False: for this session only.

        Raises InvalidInput where ``text`` cannot be one.
        """
        return await self.vault.put(Entries.of(profile).client_secret, check_token(text))

    async def has_partner_key(self, profile: Profile) -> bool:
        """Whether there is a key to sign with."""
        return bool(await self.vault.get(Entries.of(profile).partner_key))

    async def partner(self, profile: Profile, secret: str = "", pem: str = "") -> PartnerAccess:
        """What exchanges for a partner, with what is stored where nothing else is given.

        Raises InvalidInput where something is missing.
        """
        from zapdesk.api.oauth import OAuthClient
        from zapdesk.services.partner import PartnerAccess, in_sandbox

        if profile.kind is ServerKind.SANDBOX and self._sandbox is not None:
            return await in_sandbox(profile, await self._sandbox.join())
        entries, client_id = Entries.of(profile), check_client_id(profile.client_id)
        secret = secret or await self.vault.get(entries.client_secret) or ""
        pem = pem or await self.vault.get(entries.partner_key) or ""
        if not secret or not pem:
            raise InvalidInput(
                "The partner's key is missing." if secret else "The client secret is missing.",
                hint="Give it once; the system's keyring keeps it.",
            )
        REDACTOR.register(secret)
        client = OAuthClient(client_id, secret)
        return PartnerAccess(profile, client, pem, self.routing.route)

    async def _exchange(self, profile: Profile) -> Grant:
        """A token for the end user of a partner's profile, with what is stored."""
        try:
            return await (await self.partner(profile)).exchange()
        except InvalidInput as error:  # whoever needs the token has typed nothing wrong
            raise NotSignedIn(error.title, error.detail, status=0, hint="Sign in again.") from None

    async def begin_sign_in(
        self, profile: Profile, secret: str = "", ports: Sequence[int] = ()
    ) -> SignIn:
        """An attempt to get the person's consent; see SignIn. Nothing is stored by it.

        ``secret`` is the registration's, where another one than the stored one is to be used;
        ``ports`` are used instead of the profile's. Raises InvalidInput where the registration
        is not complete.
        """
        from zapdesk.api.oauth import OAuthClient
        from zapdesk.services.sign_in import SignIn

        await self.notes.check(profile)
        address, client = await self._registration(profile)
        if secret.strip():
            client = OAuthClient(profile.client_id, check_token(secret))
        scopes = profile.scopes or USUAL
        return await SignIn.begin(
            address,
            client or OAuthClient(profile.client_id, ""),
            scopes,
            ports=ports or profile.redirect_ports or (0,),
            find_route=self.routing.route,
        )

    async def finish_sign_in(self, profile: Profile, attempt: SignIn, secret: str = "") -> SignedIn:
        """Wait for the person's consent, and keep what it brings.

        Raises what SignIn.finish raises; the sign-in before it is then as it was.
        """
        grant = await attempt.finish()
        await self.notes.check(profile)
        is_kept = True
        if profile.kind is not ServerKind.SANDBOX:
            profile = replace(profile, sign_in=SignInKind.OAUTH)
            if secret.strip():
                is_kept = await self.keep_client_secret(profile, secret)
        outcome = await self._take(SignedIn(profile, is_kept), attempt.base_url, grant)
        return await self._signed_in(outcome)

    async def is_in_sandbox_by_key(self, profile: Profile) -> bool:
        """Whether the sandbox's own key is used: nobody has signed in to it."""
        if profile.sign_in is SignInKind.PARTNER:
            return False
        return await self._passing.get(Entries.of(profile).access) is None

    async def enter_sandbox(self, profile: Profile) -> SignedIn:
        """Use the sandbox by the key that it keeps for zapdesk, which allows everything."""
        await self.sign_out(profile)
        profile = replace(profile, granted=())
        if profile.sign_in is SignInKind.PARTNER:
            profile = replace(profile, sign_in=SignInKind.TOKEN)
            await self.notes.keep_sign_in(profile)
        return SignedIn(profile)

    async def use_token(self, profile: Profile, text: str) -> SignedIn:
        """Sign in with a token that was pasted.

        Raises InvalidInput where ``text`` is none, StorageUnusable where the settings cannot be
        written.
        """
        from zapdesk.api.oauth import Grant

        profile = replace(profile, sign_in=SignInKind.TOKEN)
        grant = Grant(check_token(text), "", math.inf)
        return await self._signed_in(await self._take(SignedIn(profile), profile.base_url, grant))

    async def use_client_id(self, profile: Profile, text: str) -> SignedIn:
        """Look around with a client id alone. Raises as ``use_token``."""
        client_id = check_client_id(text)
        await self.notes.check(profile)
        profile = replace(profile, sign_in=SignInKind.CLIENT_ID, client_id=client_id)
        self._begin_anew(profile)
        names = Entries.of(profile).of_person
        with suppress(VaultUnusable):  # what stays there is not used
            await remove_in_turn(self.vault, self._turn, TURN_WAIT_S, *names)
        return await self._signed_in(SignedIn(profile))

    async def use_partner(self, profile: Profile, *, secret: str = "", pem: str = "") -> SignedIn:
        """Act for the end user of ``profile`` as the White Label partner named in it.

        ``secret`` and ``pem``, the registration's secret and the partner's key, are those that
        are stored where they are not given. Nothing is stored unless the server has agreed.
        Raises InvalidInput where something is missing or cannot be used, and what asking for a
        token raises.
        """
        from zapdesk.services.partner import checked_key

        profile = replace(profile, sign_in=SignInKind.PARTNER)
        entries, given = Entries.of(profile), {}
        if secret.strip():
            secret = given[entries.client_secret] = check_token(secret)
        if pem.strip():
            pem = given[entries.partner_key] = await checked_key(pem)
        await self.notes.check(profile)
        grant = await (await self.partner(profile, secret.strip(), pem.strip())).exchange()
        is_kept = True
        for name, text in given.items():
            is_kept = await self.vault.put(name, text) and is_kept
        outcome = await self._take(SignedIn(profile, is_kept), profile.base_url, grant)
        return await self._signed_in(outcome)

    async def _signed_in(self, outcome: SignedIn) -> SignedIn:
        if not outcome.goes_on:
            await self.forget_person(outcome.profile.id)
        profile = outcome.profile
        if profile.kind is ServerKind.SANDBOX and profile.sign_in is not SignInKind.PARTNER:
            return outcome  # it ends with this session, and the sandbox lets zapdesk in anyway
        try:
            await self.notes.keep_sign_in(outcome.profile)
            await self.notes.check(profile)  # who moves it later removes what is stored by now
        except (ProfileDeleted, ProfileMoved):
            await self.leave_server(profile)  # nobody would use what was just stored
            raise
        except OSError as error:
            raise StorageUnusable(
                "How this profile signs in could not be stored.", str(error)
            ) from None
        return outcome

    async def notice(self) -> None:
        """Notice what other processes did to the sign-ins that are in use here."""
        for _, keeper in tuple(self._keepers.values()):
            await keeper.notice()

    def sign_in_mark(self, profile: Profile) -> str:
        """Another word whenever somebody signs in; empty after a sign-out."""
        name = Entries.of(profile).access
        return "" if self.vault.is_removed(name) else self.vault.mark(name)

    def let_go(self, profile: Profile) -> None:
        """Read the profile's tokens anew the next time: somebody else has signed in."""
        self._begin_anew(profile)

    async def sign_out(self, profile: Profile) -> None:
        """Forget every secret of a profile on this computer. At Zapier it stays until it is
        removed there: no way to revoke a token is documented.

        Raises VaultUnusable where the store keeps one of them.
        """
        self._begin_anew(profile)
        try:
            names = Entries.of(profile).all
            await remove_in_turn(self._secrets_of(profile), self._turn, TURN_WAIT_S, *names)
        finally:
            await self.forget_person(profile.id)

    async def leave_server(self, profile: Profile) -> None:
        """As ``sign_out``, for a profile that is at another server by now."""
        with suppress(VaultUnusable):  # it stays in a store that is locked, and is not used
            await self.sign_out(profile)

    async def close(self) -> None:
        """Let renewals that are under way come to their end: their answers hold the only refresh
        tokens that are good from then on."""
        for _, keeper in self._keepers.values():
            await keeper.settle(_SETTLE_S)


def _party(profile: Profile) -> str:
    return profile.partner.party if profile.sign_in is SignInKind.PARTNER else ""


async def _nobody(_: str) -> None:
    # Where nothing is kept of people there is nothing to forget.
    return


def _manner(profile: Profile) -> object:
    """What a keeper depends on beside the place of its tokens."""
    return profile.sign_in, profile.client_id, profile.partner
