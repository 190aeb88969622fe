"""Transport: every byte to and from the server goes through here.

A read may wait, be repeated and renew the token; a request with effects goes out once, on a
connection of its own, and its failure says whether anything left. The token goes to the origin of
``base_url`` and nowhere else; no redirect leads it away, no environment variable reroutes it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import httpx

from zapdesk.api import calls, refusals
from zapdesk.api.bodies import BodyTrouble
from zapdesk.api.calls import Answer, Call, Credential
from zapdesk.api.lines import Lines, Signature
from zapdesk.api.recording import ExchangeDraft, Recorder, SendWitness
from zapdesk.api.routes import NOT_CONNECTED, PATIENCE, FindRoute, Patience, Route
from zapdesk.api.signs import ServerSigns, signs_of
from zapdesk.api.traffic import TRAFFIC
from zapdesk.domain import profiles
from zapdesk.domain.scopes import Barrier
from zapdesk.errors import (
    Failed,
    Forbidden,
    NotSignedIn,
    Offline,
    RateLimited,
    Refused,
    Side,
    Unreachable,
    Unreadable,
    ZapdeskError,
)
from zapdesk.redaction import REDACTOR

_JSON = "application/json"
_JSON_API = "application/vnd.api+json"
_OTHER = {_JSON: _JSON_API, _JSON_API: _JSON}
_MEDIA_REFUSED = frozenset({406, 415})

_READS_AT_ONCE = 5
_SENDS_AT_ONCE = 3
"""Eight in flight at most: beyond that the GUI's event loop is late (measured)."""

MAX_TOKEN = 16_384
"""Characters. Headers as a whole may take some 64 KiB with most servers."""

STOPPED = "stopped waiting"
"""The failure of an exchange that was cancelled."""
OFFLINE = "the network was switched off"

_RENEWS_AGAIN_S = 60.0
_PASSING = frozenset({408, 425})


class Admission(StrEnum):
    """On whose behalf a request is made; a person's own may use the budget's reserve.

    CATALOGUE is the fetching of the whole app directory, which gets the smallest share.
    """

    PERSON = "person"
    BACKGROUND = "background"
    CATALOGUE = "catalogue"


@dataclass(slots=True)
class _Tries:
    """How far a read has come. ``spent_s`` leaves out waiting for its turn."""

    media: str
    attempts: int = 0
    spent_s: float = 0.0
    has_renewed: bool = False
    has_other_media: bool = False
    has_moved: bool = False


def _ignore(_: ServerSigns) -> None:
    """Nobody wants to know."""


class Transport:
    """The way to one server with one account."""

    def __init__(
        self,
        base_url: str,
        *,
        token: Callable[[], Awaitable[str | None]],
        renew: Callable[[str], Awaitable[str | None]],
        admit: Callable[[Admission], Awaitable[None]],
        observe: Callable[[ServerSigns], None] = _ignore,
        client_id: str | None = None,
        find_barrier: Callable[[str], Barrier | None] = lambda scope: None,
        inner: httpx.AsyncBaseTransport | None = None,
        find_route: FindRoute | None = None,
        patience: Patience = PATIENCE,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Raises InvalidInput where ``base_url`` is no address a token may go to.

        ``find_barrier`` says why what takes a scope is not allowed, as far as that is known without
        asking the server. ``patience`` counts where there is no ``find_route``; ``inner``
        replaces the network.
        """
        profiles.origin(base_url)
        self.base_url = base_url.rstrip("/")
        self.server = refusals.Server.of(base_url)
        self._token = token
        self._find_barrier = find_barrier
        self._renew = renew
        self._admit = admit
        self._observe = observe
        self._client_id = client_id
        self._find_route = find_route
        self._pause = pause
        self._lines = Lines(self.base_url, _READS_AT_ONCE, inner, Route(patience=patience))
        self._reads = asyncio.Semaphore(_READS_AT_ONCE)
        self._sends = asyncio.Semaphore(_SENDS_AT_ONCE)
        self._media = _JSON
        """What this server takes and gives, as far as it was found out."""
        self._rejected_token: str | None = None
        self._unproved = ("", 0.0)
        """A renewed token that no answer has accepted yet, and since when it is here."""
        self._known_token: str | None = None

    async def aclose(self) -> None:
        """Close every connection. What is asked later opens new ones."""
        await self._lines.aclose()

    @property
    def _patience(self) -> Patience:
        return self._lines.route.patience

    async def _take_route(self) -> None:
        """Go the way that the settings want by now. Raises Unreachable where there is none."""
        if self._find_route is not None:
            route = await self._find_route(self.base_url)
            if route is not self._lines.route:
                self.server = refusals.Server.of(self.base_url, route.proxy)
                await self._lines.reroute(route)

    async def renew_rejected(self) -> bool:
        """Get a new token after the last one was refused; whether there is one now."""
        rejected = self._rejected_token
        return rejected is not None and await self._has_renewed(rejected)

    async def _has_renewed(self, refused: str) -> bool:
        """Whether there is another token than ``refused`` now.

        One that was refused as soon as it was new is not renewed again within a minute: a server
        that does this minds something else, and would be asked for a token with every request.
        """
        token, since = self._unproved
        if refused == token and time.monotonic() - since < _RENEWS_AGAIN_S:
            return False
        new = await self._renew(refused)
        if new is not None:
            self._unproved = (new, time.monotonic())
        return new is not None

    def _prove(self, token: str | None) -> None:
        """The server took ``token``."""
        if token == self._unproved[0]:
            self._unproved = ("", 0.0)

    async def read(
        self,
        call: Call,
        *,
        admission: Admission = Admission.PERSON,
        record: Recorder | None = None,
        repeats: bool = True,
    ) -> Answer:
        """Ask something that changes nothing. The answer is a success.

        Repeats by itself what may be repeated: network faults and 5xx with growing pauses, 429
        and 503 after the wait the server asks for if that is short, once with a renewed token,
        once with the other media type after 406 or 415, which is kept for what is sent later, and
        once at the same address with or without its trailing slash. Without ``repeats`` what
        needs a pause is left to the caller. Raises Unreachable, Refused and its kinds, Failed.
        """
        tries = _Tries(self._media)
        while True:
            answer: Answer | None = None
            error: ZapdeskError | None
            try:
                answer = await self._read_once(call, tries, admission, record)
                error = refusals.of_read(answer, call, self.server, time.time())
                if error is None:
                    self._media = tries.media
                    self._prove(answer.token)
                    return answer
            except (Unreachable, Failed) as trouble:
                error = trouble
            if answer is not None:
                if isinstance(error, NotSignedIn) and answer.token:
                    self._rejected_token = answer.token
                    may_renew, tries.has_renewed = not tries.has_renewed, True
                    if may_renew and await self._has_renewed(answer.token):
                        continue
                if answer.status in _MEDIA_REFUSED and not tries.has_other_media:
                    tries.has_other_media, tries.media = True, _OTHER[tries.media]
                    continue
                moved = self._slash_only(call, answer)
                if moved and not tries.has_moved:
                    tries.has_moved = True
                    call = replace(call, url=moved, query=())
                    continue
            wait = self._wait_before_next(error, tries) if repeats else None
            if wait is None:
                raise error
            tries.spent_s += wait
            await self._pause(wait)

    async def send(
        self, call: Call, *, record: Recorder | None = None, witness: SendWitness | None = None
    ) -> Answer:
        """Send something that has effects, once. The answer is a success by its status.

        Raises Unreachable where nothing left, Refused and its kinds where the server said so,
        else OutcomeUnknown. When cancelled, ``witness`` tells whether anything left. After 406 or
        415 whatever is sent next goes in the other media type.
        """
        witness = witness or SendWitness()
        witness.stayed()  # it may have watched an earlier attempt
        TRAFFIC.check()  # before it costs a call of the budget
        signature = await self._signature(call)
        await self._admit(Admission.PERSON)
        await self._take_route()
        async with self._sends:
            media = self._media
            draft = ExchangeDraft(call.purpose, call.method, witness, call.secrets)
            try:
                async with asyncio.timeout(self._patience.send_s):
                    answer = await self._lines.over_fresh(
                        call, signature, media, draft, self._on_head
                    )
            except asyncio.CancelledError:
                draft.failure = STOPPED
                raise
            except Offline:
                draft.failure = OFFLINE
                raise
            except Exception as error:  # whatever broke, the outcome must be told truthfully
                self._note_failure(draft, error)
                if _never_left(error, draft):
                    witness.stayed()
                if not witness.bytes_left:
                    raise refusals.unreachable(error, self.server, refusals.SEND_AGAIN) from error
                raise refusals.broken_send(error, call, self.server, draft.status) from error
            finally:
                if record is not None:
                    record(draft.finish())
        refusal = refusals.of_send(answer, call, self.server, time.time())
        if refusal is None:
            self._prove(signature.token)
            return answer
        if isinstance(refusal, Refused):
            witness.stayed()
            if refusal.status in _MEDIA_REFUSED:
                self._media = _OTHER[media]
        if isinstance(refusal, NotSignedIn):
            self._rejected_token = signature.token
        raise refusal

    async def _read_once(
        self,
        call: Call,
        tries: _Tries,
        admission: Admission,
        record: Recorder | None,
    ) -> Answer:
        """One attempt at a read. Raises Unreachable or Failed where no whole answer came."""
        TRAFFIC.check()  # before it costs a call of the budget
        signature = await self._signature(call)
        await self._admit(admission)
        await self._take_route()
        async with self._reads:
            draft = ExchangeDraft(call.purpose, call.method, SendWitness(), call.secrets)
            begun = time.monotonic()
            try:
                async with asyncio.timeout(self._patience.read_s):
                    return await self._lines.over_pool(
                        call, signature, tries.media, draft, self._on_head
                    )
            except asyncio.CancelledError:
                draft.failure = STOPPED
                raise
            except Offline:
                draft.failure = OFFLINE
                raise
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                self._note_failure(draft, error)
                if isinstance(error, NOT_CONNECTED):
                    raise refusals.unreachable(error, self.server, refusals.TRY_AGAIN) from error
                raise refusals.broken(error, self.server) from error
            except BodyTrouble as trouble:
                self._note_failure(draft, trouble)
                raise Unreadable(
                    "The answer cannot be used.", f"The reason: {trouble}.", status=draft.status
                ) from trouble
            finally:
                tries.attempts += 1
                tries.spent_s += time.monotonic() - begun
                if record is not None:
                    record(draft.finish())

    def _on_head(self, response: httpx.Response) -> None:
        self._observe(signs_of(response))

    def _note_failure(self, draft: ExchangeDraft, error: Exception) -> None:
        draft.failure = f"{type(error).__name__}: {error}"
        if draft.status is None:
            self._observe(ServerSigns(is_reachable=False))

    async def _signature(self, call: Call) -> Signature:
        """What to sign ``call`` with. Raises NotSignedIn or Forbidden, with status 0: nothing
        was asked."""
        if call.credential is Credential.NONE:
            return Signature()
        name = call.scope.partition(" ")[0]  # what follows is for people
        if name and (reason := self._find_barrier(name)) is not None:
            raise Forbidden(reason.lost, status=0, hint=reason.remedy)
        token = await self._token()
        if token is None:
            if call.credential is Credential.TOKEN_OR_CLIENT and self._client_id:
                return Signature(client_id=self._client_id)
            raise NotSignedIn("You are not signed in.", status=0, hint="Sign in, or paste a token.")
        if not _is_sendable(token):
            # The HTTP library would print the whole value in its own error.
            raise NotSignedIn(
                "This token cannot be used.",
                "It is empty, far too long, or holds a space, a line break or a special letter.",
                status=0,
                hint="Copy it again, without anything around it.",
            )
        if token != self._known_token:
            REDACTOR.register(token)
            self._known_token = token
        return Signature(token)

    def _slash_only(self, call: Call, answer: Answer) -> str | None:
        """Where a read was sent to, if that is the same address but for its trailing slash."""
        if answer.status not in calls.MOVED and not (answer.status == 302 and call.method == "GET"):
            return None
        return calls.slash_only(call.address(self.base_url), answer.headers.get("location", ""))

    def _wait_before_next(self, error: ZapdeskError, tries: _Tries) -> float | None:
        """Seconds to wait before trying again; ``None`` where that is of no use."""
        patience = self._patience
        if tries.attempts >= patience.attempts or isinstance(error, Unreadable | Offline):
            return None
        if error.side is Side.COMPUTER:
            return None
        if isinstance(error, Failed) and error.status == refusals.SIGN_IN_TO_NETWORK:
            return None  # by a person
        if error.__cause__ is not None and refusals.is_certificate_trouble(error.__cause__):
            return None
        if isinstance(error, RateLimited | Failed) and error.wait_s is not None:
            wait, longest = error.wait_s, patience.longest_wait_s
        elif isinstance(error, Unreachable) or (
            isinstance(error, Failed) and (error.status in _PASSING or (error.status or 500) >= 500)
        ):
            wait = longest = 0.5 * 3 ** (tries.attempts - 1) * random.uniform(0.7, 1.3)
        else:
            return None
        return wait if wait <= longest and tries.spent_s + wait <= patience.retries_s else None


def _never_left(error: Exception, draft: ExchangeDraft) -> bool:
    """Whether ``error`` itself proves that nothing was sent, whatever the events said."""
    return isinstance(error, NOT_CONNECTED) or (
        isinstance(error, httpx.LocalProtocolError) and not draft.has_sent_headers
    )


def _is_sendable(token: str) -> bool:
    return 0 < len(token) <= MAX_TOKEN and all("!" <= letter <= "~" for letter in token)
