"""SignIn: one attempt at signing a person in with their consent, in the system's browser.

Verifier and state live in memory only. The port is open before the link can be used; the code is
exchanged once, and where that ends without an answer, signing in starts anew.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence

from zapdesk.api.loopback import ConsentAnswer, LoopbackListener
from zapdesk.api.oauth import (
    Challenge,
    Grant,
    OAuthClient,
    OAuthServer,
    TokenEndpoint,
    consent_address,
)
from zapdesk.api.routes import FindRoute
from zapdesk.domain.profiles import origin
from zapdesk.errors import InvalidInput, NotSignedIn, Side, ZapdeskError
from zapdesk.redaction import REDACTOR

PATIENCE_S = 300.0
"""Seconds that a person has."""


class SignInFailed(ZapdeskError):
    """The attempt ended without a token. Nothing that was there before is touched."""

    side = Side.ACCESS


class SignIn:
    """An attempt under way. Use ``begin``, show ``link``, await ``finish``, then ``close``."""

    def __init__(
        self,
        listener: LoopbackListener,
        endpoint: TokenEndpoint,
        challenge: Challenge,
        link: str,
        base_url: str,
        issuers: frozenset[str],
        clock: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._endpoint = endpoint
        self._challenge = challenge
        self._issuers = issuers
        self.base_url = base_url
        self._clock = clock
        self._ends_at = clock() + PATIENCE_S
        self.link = link

    @classmethod
    async def begin(
        cls,
        base_url: str,
        client: OAuthClient,
        scopes: Sequence[str],
        *,
        ports: Sequence[int] = (0,),
        endpoint: TokenEndpoint | None = None,
        find_route: FindRoute | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> SignIn:
        """Open the port and make the link. ``ports``: 0 is any; fixed ones for registrations that
        compare addresses to the letter. Raises InvalidInput where something needed is missing."""
        if not client.id or not client.secret:
            raise InvalidInput(
                "Signing in needs a client id and its secret.",
                hint="Both stand in the settings of your integration at Zapier.",
            )
        if not scopes:
            raise InvalidInput("Signing in needs at least one scope.")
        server = OAuthServer.of(base_url)
        state = secrets.token_urlsafe(32)
        challenge = Challenge.new()
        for secret in (state, challenge.verifier):
            REDACTOR.register(secret)
        listener = await LoopbackListener.open(state, ports)
        address = consent_address(
            server, client.id, listener.redirect_uri, scopes, state, challenge
        )
        issuers = frozenset({origin(server.authorize_url), origin(server.token_url)})
        exchange = endpoint or TokenEndpoint(server, client, find_route=find_route)
        return cls(listener, exchange, challenge, address, base_url, issuers, clock)

    @property
    def redirect_uri(self) -> str:
        """Where the browser is led to in the end; a registration may have to name it."""
        return self._listener.redirect_uri

    @property
    def is_listening(self) -> bool:
        """Whether the answer comes by itself; else the address has to be pasted."""
        return self._listener.is_listening

    @property
    def seconds_left(self) -> float:
        """How much of the person's time is left."""
        return max(0.0, self._ends_at - self._clock())

    def paste(self, address: str) -> None:
        """Take the address that the browser ended at. Raises InvalidInput where it is another."""
        self._listener.paste(address)

    async def finish(self) -> Grant:
        """The tokens, once the person has agreed.

        Raises SignInFailed where they declined or took too long, and what the exchange raises.
        """
        try:
            async with asyncio.timeout(self.seconds_left):
                answer = await self._listener.answer()
        except TimeoutError:
            raise SignInFailed(
                "Nobody answered within five minutes.",
                hint="Sign in again; the link is opened in the browser.",
            ) from None
        if answer.issuer and not self._is_ours(answer.issuer):
            raise SignInFailed(
                "The answer came from another server than the one that was asked.",
                f"It calls itself {answer.issuer}. Its code was not used.",
                hint="Sign in again; look at the address of the page before you agree.",
            )
        if not answer.code:
            raise _declined(answer)
        try:
            return await self._endpoint.for_code(
                answer.code, self._listener.redirect_uri, self._challenge
            )
        except NotSignedIn as error:
            raise SignInFailed(
                error.title, error.detail, hint=error.hint, technical=error.technical
            ) from error

    def _is_ours(self, issuer: str) -> bool:
        """Where a server tells who it is (RFC 9207), it has to be the one that was asked."""
        try:
            return origin(issuer) in self._issuers
        except InvalidInput:
            return False

    async def close(self) -> None:
        """End the attempt, wherever it is: the port is closed when this returns."""
        await self._listener.close()
        await self._endpoint.aclose()


def _declined(answer: ConsentAnswer) -> SignInFailed:
    if answer.error == "access_denied":
        return SignInFailed("You declined.", answer.description, hint="Sign in again to allow it.")
    title, hint = {
        "invalid_scope": (
            "The server does not know one of the scopes that were asked for.",
            "Ask for fewer, or for those of an older registration.",
        ),
        "unsupported_response_type": (
            "This integration is not registered for signing in with a code.",
            "Change that in the integration's settings.",
        ),
    }.get(answer.error, ("The sign-in did not work.", "Sign in again."))
    return SignInFailed(title, answer.description, hint=hint, technical=answer.error)
