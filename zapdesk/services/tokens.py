"""TokenKeeper: the tokens of one signed-in profile, renewed once for all who need them.

A refresh token is dead as soon as it was used. So one renewal is under way at a time, in this
process and, by a file lock, among all; inside the lock the stored tokens are read again, because
another process may have been faster; and what came back is stored before anybody uses it. Only
who holds the lock forgets tokens, and only those that failed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from zapdesk.broadcast import Broadcast
from zapdesk.errors import NotSignedIn, VaultUnusable, ZapdeskError
from zapdesk.file_lock import Turn
from zapdesk.redaction import REDACTOR
from zapdesk.services.endings import (
    DEAD,
    ENDED,
    AccountReplaced,
    EndedElsewhere,
    SignedOutElsewhere,
    without_token,
)
from zapdesk.services.entries import Entries, Secrets
from zapdesk.tasks import TaskOwner

if TYPE_CHECKING:
    from pathlib import Path

    from zapdesk.api.oauth import Grant

_logger = logging.getLogger(__name__)

TURN_WAIT_S = 45.0
"""A little longer than one exchange at the token endpoint may take."""
_SHORT_WAIT_S = 1.0
EARLY_S = 60.0
"""So long before its end a token is renewed, where its end is known."""
PAUSE_S = 60.0
"""So long after a renewal that failed, or tokens that could not be stored, before the next try."""


class TokenKeeper:
    """Gives out the access token and renews it. ``lost`` says why a sign-in is over."""

    def __init__(
        self,
        entries: Entries,
        vault: Secrets,
        turn: Path,
        refresh: Callable[[str], Awaitable[Grant]] | None,
        *,
        anew: Callable[[], Awaitable[Grant]] | None = None,
        bound_to: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``turn`` is the lock file that the profile's processes share; ``refresh`` exchanges a
        refresh token, ``None`` where tokens were pasted and cannot be renewed. ``anew`` gets a
        token without any earlier one, as a partner can; what is stored is then good only for the
        party ``bound_to`` it. ``clock`` counts seconds, whatever the time of day does."""
        self._entries = entries
        self._vault = vault
        self._turn = turn
        self._refresh = refresh
        self._anew = anew
        self._party = bound_to
        self._mark = f"{hashlib.sha256(bound_to.encode()).hexdigest()} " if bound_to else ""
        self._account: str | None = bound_to or None
        self._clock = clock
        self._single = asyncio.Lock()
        self._renewals = TaskOwner()
        self._access: str | None = None
        self._renews_at = float("inf")
        self._tries_again_at = 0.0
        self._trouble: ZapdeskError | None = None
        self._unkept: Grant | None = None
        self._keeps_again_at = 0.0
        self._known_mark = ""
        self._ending: EndedElsewhere | None = None
        self.is_closed = False
        self.lost: Broadcast[ZapdeskError] = Broadcast()

    async def token(self) -> str | None:
        """The access token, renewed ahead of its end where that is known.

        Raises NotSignedIn or Unreachable where a partner has none yet and cannot get one,
        NotSignedIn where the place that has it cannot be read, and EndedElsewhere where another
        process has ended this sign-in.
        """
        await self.notice()
        if self._access is None and not self.is_closed:
            await self._read()
        if self._unkept is not None and self._clock() >= self._keeps_again_at:
            await self._keep_again(self._unkept)
        if self._ending is not None:
            raise self._ending.with_traceback(None)  # else each time adds to it
        if self.is_closed:
            return None
        if self._access is None and self._anew is not None:
            if await self.renew("") is None and self._trouble is not None:
                raise without_token(self._trouble)
            return self._access
        if self._access is None and (place := self._vault.out_of_reach) is not None:
            raise NotSignedIn(place.title, place.detail, status=0, hint=place.hint)
        access = self._access
        if access is not None and self._clock() >= self._renews_at:
            return await self.renew(access) or access  # the server is the judge of an old one
        return access

    async def _keep_again(self, grant: Grant) -> None:
        """Store what could not be stored, unless somebody has signed in or out meanwhile."""
        self._keeps_again_at = self._clock() + PAUSE_S
        try:
            async with Turn(self._turn, _SHORT_WAIT_S):
                ours = await self.account()
                if ours and not self._party:
                    stored = await self._vault.get(self._entries.account)
                    if stored != ours and self._vault.out_of_reach is None:
                        self._end(AccountReplaced() if stored else SignedOutElsewhere())
                        return
                await self._store(grant, asks=False)
        except (OSError, TimeoutError) as error:
            _logger.info("tokens could not be stored yet: %s", error)

    async def account(self) -> str:
        """Whose tokens these are, as the server names its accounts; empty where nobody knows."""
        if self._account is None:
            await self._read()
        return self._account or ""

    async def _read(self) -> None:
        """Read the token, and whose it is; both anew where somebody signs in meanwhile."""
        self._known_mark = self._vault.mark(self._entries.access)
        if self._party:
            self._access = await self._stored(self._entries.access)
            return
        account = await self._vault.get(self._entries.account) or ""
        while True:
            access = await self._stored(self._entries.access)
            account, before = await self._vault.get(self._entries.account) or "", account
            if account == before:
                break
        if self._account in (None, account):
            self._access, self._account = access, account
        elif access is not None:
            self._end(AccountReplaced())

    async def notice(self) -> None:
        """Notice what other processes did to this sign-in: a newer token is used from now on;
        where one signed out, or in as somebody else, it is over here too."""
        is_known = self._vault.mark(self._entries.access) == self._known_mark
        if is_known or self.is_closed or self._access is None:
            return
        try:
            async with Turn(self._turn, _SHORT_WAIT_S):
                await self._catch_up()
        except (OSError, TimeoutError) as error:
            _logger.info("another process is at the tokens: %s", error)

    async def _catch_up(self) -> None:
        """As ``notice``, in turn: nobody is in the middle of writing."""
        mark = self._vault.mark(self._entries.access)
        if self.is_closed or self._access is None or mark == self._known_mark:
            return
        if self._vault.is_removed(self._entries.access):
            self._end(SignedOutElsewhere())
            return
        stored = await self._stored(self._entries.access)
        if self._vault.out_of_reach is not None:
            return  # it cannot be told now
        if await self._is_replaced():
            self._end(AccountReplaced())
            return
        self._known_mark = mark
        if stored is not None and stored != self._access:
            self._access, self._renews_at, self._unkept = stored, float("inf"), None

    def _end(self, why: EndedElsewhere) -> None:
        """Use no token any more, and leave nothing in memory to be stored later."""
        self._ending, self._unkept = why, None
        self._vault.drop(*self._entries.of_person)
        self.close()
        self.lost.announce(why)

    async def sign_in(self, grant: Grant, account: str = "") -> bool:
        """Take what a sign-in brought, of ``account``; False where it is for this session only.

        Another process that renews meanwhile comes before or after it.
        """
        try:
            async with Turn(self._turn, TURN_WAIT_S):
                return await self._take_over(grant, account)
        except (OSError, TimeoutError) as error:
            _logger.warning("a sign-in did not wait for its turn: %s", error)
            return await self._take_over(grant, account)

    async def _take_over(self, grant: Grant, account: str) -> bool:
        # Whoever reads meanwhile finds nobody named: never one account's token with another's name.
        await self._put_or_remove(self._entries.account, "")
        if not grant.refresh_token:
            await self._put_or_remove(self._entries.refresh, "")
        is_kept = await self.keep(grant)
        if not self._party:
            self._account = account
            await self._put_or_remove(self._entries.account, account)
        return is_kept

    async def _put_or_remove(self, name: str, secret: str) -> None:
        if secret:
            await self._vault.put(name, secret)
            return
        try:
            await self._vault.remove(name)
        except VaultUnusable as trouble:
            _logger.info("what is out of date stays stored: %s", trouble)

    async def keep(self, grant: Grant, *, asks: bool = True) -> bool:
        """Take what a sign-in or a renewal brought; False where it lasts for this session only.

        ``asks``: a person waits for it, and can unlock the place for secrets.
        """
        received = self._clock()
        is_kept = await self._store(grant, asks=asks)
        self._access = grant.access_token
        self._renews_at = received + grant.life_s - min(EARLY_S, grant.life_s / 5)
        self._tries_again_at = 0.0
        self._trouble = None
        return is_kept

    async def _store(self, grant: Grant, *, asks: bool) -> bool:
        is_kept = True
        # The refresh token first: with it alone the other one can be had again.
        for name, token in (
            (self._entries.refresh, grant.refresh_token),
            (self._entries.access, grant.access_token),
        ):
            if self.is_closed:  # what is stored after a sign-out would stay
                return False
            if token:
                mark = self._mark if name == self._entries.access else ""
                is_kept = await self._vault.put(name, mark + token, asks=asks) and is_kept
        self._known_mark = self._vault.mark(self._entries.access)
        self._unkept = None if is_kept else grant
        self._keeps_again_at = self._clock() + PAUSE_S
        return is_kept

    async def renew(self, failed: str) -> str | None:
        """Another token after ``failed`` was refused; ``None`` where there is none.

        Never raises: whoever asked has a refusal in hand, which stays true. Who goes away while
        waiting does not break it off: the old refresh token may be dead by then, and the new one
        would be lost.
        """
        renewal = self._renewals.start(self._renew(failed), "renew a token")
        if renewal is None:
            return None
        try:
            return await asyncio.shield(renewal)
        except asyncio.CancelledError:
            if renewal.cancelled() and not self._is_leaving():
                return None  # it was broken off, and not whoever waits for it
            raise

    @staticmethod
    def _is_leaving() -> bool:
        waiting = asyncio.current_task()
        return waiting is not None and waiting.cancelling() > 0

    async def _renew(self, failed: str) -> str | None:
        async with self._single:
            if self.is_closed:
                return None
            if self._access not in (None, failed):
                return self._access
            try:
                async with Turn(self._turn, TURN_WAIT_S):
                    return await self._renew_in_turn(failed)
            except (OSError, TimeoutError) as error:
                _logger.warning("the token cannot be renewed now: %s", error)
                return None

    def close(self) -> None:
        """From now on there is no token, and nothing is stored: a renewal that is under way ends
        without an effect."""
        self.is_closed = True
        self._access = None

    def break_off(self) -> None:
        """As ``close``, and a renewal that is under way ends at once."""
        self.close()
        self._renewals.cancel()

    async def settle(self, within_s: float) -> None:
        """Wait for a renewal that is under way, and break it off after that."""
        await self._renewals.settle(within_s)
        await self._renewals.close()

    async def _renew_in_turn(self, failed: str) -> str | None:
        await self._catch_up()
        stored = await self._stored(self._entries.access)
        if self.is_closed:
            return None
        if await self._is_replaced():
            self._end(AccountReplaced())
            return None
        if stored not in (None, failed):
            self._access, self._renews_at = stored, float("inf")
            return stored
        if self._clock() < self._tries_again_at:
            return None
        grant = None
        if self._anew is not None:
            grant = await self._anew_for(self._anew, failed)
        elif self._refresh is not None:
            grant = await self._refreshed(self._refresh, failed)
        elif stored == failed:
            self._fail(ENDED)
            self.lost.announce(ENDED)
        if grant is None or self.is_closed:
            return None
        await self.keep(grant, asks=False)
        return grant.access_token

    async def _refreshed(
        self, refresh: Callable[[str], Awaitable[Grant]], failed: str
    ) -> Grant | None:
        token = await self._stored(self._entries.refresh)
        if token is None:
            self._fail(ENDED)
            self.lost.announce(ENDED)
        while token is not None:
            try:
                return await refresh(token)
            except NotSignedIn as error:
                newer = await self._stored(self._entries.refresh)
                if newer not in (None, token) and not await self._is_replaced():
                    token = newer  # by a program that knows no lock, or a person signing in anew
                    continue
                if error.codes & DEAD:
                    await self._forget(failed)
                self._fail(error)
                self.lost.announce(error)
                return None
            except ZapdeskError as error:
                # Where the answer was lost the old token may be dead; the next try will tell.
                self._fail(error)
                return None
        return None

    async def _anew_for(self, anew: Callable[[], Awaitable[Grant]], failed: str) -> Grant | None:
        try:
            return await anew()
        except NotSignedIn as error:
            await self._forget(failed)  # the key stays: what is refused can be corrected
            self._fail(error)
            self.lost.announce(error)
        except ZapdeskError as error:
            self._fail(error)
        return None

    def _fail(self, error: ZapdeskError) -> None:
        _logger.info("the token was not renewed: %s", error)
        self._trouble = error
        self._tries_again_at = self._clock() + PAUSE_S

    async def _is_replaced(self) -> bool:
        """Whether what is stored by now is of another account than ours."""
        ours = await self.account()
        if not ours or self._party:
            return False
        return await self._vault.get(self._entries.account) not in (None, ours)

    async def _forget(self, failed: str) -> None:
        self._access = None
        if await self._stored(self._entries.access) == failed:
            for name in (self._entries.access, self._entries.refresh):
                try:
                    await self._vault.remove(name)
                except VaultUnusable as trouble:
                    _logger.info("a dead token stays stored: %s", trouble)
            self._known_mark = self._vault.mark(self._entries.access)

    async def _stored(self, name: str) -> str | None:
        token = await self._vault.get(name)
        if token and self._mark and name == self._entries.access:
            token = token.removeprefix(self._mark) if token.startswith(self._mark) else None
        if token:
            REDACTOR.register(token)
        return token or None


async def nobody() -> str:
    """Whose token it is, where that is not known."""
    return ""
