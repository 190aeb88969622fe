"""From an answer that is no success, or from none at all, to an error in words for a person.

For a request with effects the question is whether it may have run: only an explicit refusal that
can be read says that it did not. For a read the question is what can be done about it.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from zapdesk.api import retry_after, wire
from zapdesk.api.calls import Answer, Call
from zapdesk.api.network_words import causes, network_words
from zapdesk.api.routes import Proxy
from zapdesk.errors import (
    Conflict,
    ErrorItem,
    Failed,
    Forbidden,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Side,
    Unreachable,
    Unreadable,
    ZapdeskError,
)
from zapdesk.redaction import REDACTOR

_SIGNED_OUT = frozenset({"authentication_failed", "not_authenticated", "unauthenticated"})
_GATEWAY = frozenset({500, 502, 503, 504})
"""A web page with one of these comes from the server's own front door."""
_LOOPBACK = ("127.", "localhost", "::1")
SIGN_IN_TO_NETWORK = 511
_EVIDENCE = 2000

NETWORK_PAGE = "This network may want you to sign in first: open any page in a browser and see."
TRY_AGAIN = "Check the network and try again."
SEND_AGAIN = "Nothing was sent. Check the network and send it again."


@dataclass(frozen=True, slots=True)
class Server:
    """What to call the server in a sentence; ``proxy`` is the host of the one in between."""

    host: str
    proxy: str = ""

    @classmethod
    def of(cls, base_url: str, proxy: Proxy | None = None) -> Server:
        """The server at ``base_url``."""
        return cls(urlsplit(base_url).hostname or "", proxy.host if proxy else "")

    @property
    def name(self) -> str:
        """Zapier by name, others by address."""
        if self.host == "zapier.com" or self.host.endswith(".zapier.com"):
            return "Zapier"
        return "The local server" if self.host.startswith(_LOOPBACK) else self.host

    @property
    def reached(self) -> str:
        """What a connection is made to: the proxy, or the server itself."""
        return f"the proxy {self.proxy}" if self.proxy else self.host


def of_read(answer: Answer, call: Call, server: Server, now: float) -> ZapdeskError | None:
    """What is wrong with the answer to a read; ``None`` where it can be used.

    401 and 429 say what they say whatever their body is, every other 4xx unless it is a web page:
    nothing can have been done by a read, so there is no doubt that a readable body would dispel.
    """
    if answer.status == SIGN_IN_TO_NETWORK:
        return Failed(
            "This network wants you to sign in first.",
            f"Something on the way to {server.name} says so (status 511).",
            status=answer.status,
            side=Side.NETWORK,
            hint="Open any page in a browser, sign in there, and try again.",
            technical=evidence(answer),
        )
    is_plain = answer.status in {401, 429}
    is_door = is_plain or 300 <= answer.status < 400 or answer.status in _GATEWAY
    if is_page(answer) and not is_door:
        return Unreadable(
            "A web page came instead of data.",
            f"{server.name} was asked, but something else seems to have answered.",
            status=answer.status,
            side=Side.NETWORK,
            hint=NETWORK_PAGE,
            technical=evidence(answer),
        )
    if answer.is_success:
        return None
    items = wire.error_items(answer.body)
    if answer.status == 409:
        return _conflicting_read(answer, items or (), server)
    refused = _refusal(answer, items or (), call, server, now)
    if refused is not None:
        return refused
    if 300 <= answer.status < 400:
        return Failed(
            f"{server.name} sent us to another address, which is not followed.",
            _elsewhere(answer),
            status=answer.status,
            side=Side.NETWORK,
            hint=NETWORK_PAGE,
            technical=evidence(answer),
        )
    waits = retry_after.has_wait(answer.headers) and answer.status == 503
    return Failed(
        f"{server.name} has trouble answering.",
        _said(items or ()) or f"It answered with status {answer.status}.",
        status=answer.status,
        wait_s=retry_after.wait_seconds(answer.headers, now) if waits else None,
        hint="Try again in a while.",
        technical=evidence(answer),
    )


def of_send(answer: Answer, call: Call, server: Server, now: float) -> ZapdeskError | None:
    """What the answer to a request with effects means; ``None`` for a success.

    401 and 429 refuse by themselves; every other refusal must be readable to be believed.
    """
    if answer.is_success:
        return None
    items = wire.error_items(answer.body)
    if answer.status in {401, 429} or (items is not None and not is_page(answer)):
        refused = _refusal(answer, items or (), call, server, now)
        if refused is not None:
            return refused
    if 300 <= answer.status < 400:
        what = f"{server.name} sent us to another address, which is not followed. "
        return _unknown(what + _elsewhere(answer), call, answer)
    if is_page(answer):
        return _unknown(f"A web page came instead of an answer. {NETWORK_PAGE}", call, answer)
    detail = f"{server.name} answered with status {answer.status}, which does not say."
    return _unknown(" ".join(filter(None, (detail, _said(items or ())))), call, answer)


def unreadable_success(answer: Answer, call: Call, error: Unreadable) -> OutcomeUnknown:
    """The server accepted a request with effects, but its answer does not hold what it should."""
    if is_page(answer):
        own = "If it is the server's own, this was accepted and probably worked."
        page = f"A web page came instead of an answer. {own} {NETWORK_PAGE}"
        return _unknown(page, call, answer)
    words = f"It was accepted and probably worked. {error.title} {error.detail}".strip()
    return _unknown(words, call, answer)


def _unknown(detail: str, call: Call, answer: Answer) -> OutcomeUnknown:
    title, hint = _doubt(call)
    return OutcomeUnknown(
        title,
        detail,
        status=answer.status,
        evidence=evidence(answer),
        hint=hint,
        side=Side.NETWORK if is_page(answer) else None,
    )


def _doubt(call: Call) -> tuple[str, str]:
    if call.purpose == "new authentication":
        return (
            "We cannot tell whether the connection was made.",
            "Look at your connections before you try again.",
        )
    return "We cannot tell whether this ran.", "Look in the app before you send it again."


def unreachable(error: BaseException, server: Server, hint: str) -> Unreachable:
    """Nothing was sent, because of ``error``."""
    title, detail = network_words(error, server)
    return Unreachable(title, detail, hint=hint, technical=_technical(error))


def broken(error: BaseException, server: Server) -> Failed:
    """A read broke off because of ``error``."""
    return Failed(
        f"{server.name} did not answer completely.",
        _broken_words(error),
        side=Side.NETWORK,
        hint="Try again in a while.",
        technical=_technical(error),
    )


def broken_send(
    error: BaseException, call: Call, server: Server, status: int | None
) -> OutcomeUnknown:
    """A request with effects broke off because of ``error``, after bytes of it had left."""
    title, hint = _doubt(call)
    return OutcomeUnknown(
        title,
        f"{server.name} gave no usable answer after it was sent. {_broken_words(error)}",
        status=status,
        evidence=_technical(error),
        side=Side.NETWORK,
        hint=hint,
    )


def is_certificate_trouble(error: BaseException) -> bool:
    """Whether trying again cannot help: the server's certificate is not accepted."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(error))


def is_page(answer: Answer) -> bool:
    """Whether a web page stands where JSON belongs: a proxy's or a network's sign-in page."""
    return answer.body[:512].lstrip().startswith(b"<")


def evidence(answer: Answer) -> str:
    """The status and the first bytes of an answer, without secrets."""
    start = answer.start.decode("utf-8", "replace")
    return REDACTOR.text(f"HTTP {answer.status}\n{start}".strip())[:_EVIDENCE]


def _refusal(
    answer: Answer, items: tuple[ErrorItem, ...], call: Call, server: Server, now: float
) -> Refused | None:
    """A 4xx in words; ``None`` for what is no clear refusal."""
    status, said, name = answer.status, _said(items), server.name
    codes = {item.code for item in items}
    if status == 401 or (status == 403 and codes & _SIGNED_OUT):
        return NotSignedIn(
            f"{name} does not accept your sign-in.",
            said,
            status=status,
            items=items,
            hint="Sign in again, or paste a new token.",
            technical=evidence(answer),
        )
    match status:
        case 403:
            return Forbidden(
                f"{name} does not allow this with your sign-in.",
                said,
                status=status,
                items=items,
                hint=_scope_hint(call),
                technical=evidence(answer),
            )
        case 404:
            return NotFound(
                f"{name} does not know what was asked for.",
                said,
                status=status,
                items=items,
                technical=evidence(answer),
            )
        case 408 | 425:
            return None
        case 409:
            return Conflict(
                f"{name} refused this as a conflict.",
                " ".join(filter(None, (said, "An earlier attempt may exist."))),
                status=status,
                items=items,
                technical=evidence(answer),
                hint="Look in the history and in the app before you send it again.",
            )
        case 429:
            wait = retry_after.wait_seconds(answer.headers, now)
            return RateLimited(
                f"{name} asks to wait {wait:.0f} seconds: there were too many requests.",
                said,
                wait_s=wait,
                items=items,
                hint="Try again after the wait.",
                technical=evidence(answer),
            )
        case _ if not 400 <= status < 500:
            return None
    is_app = "test_failed" in codes or any(i.source == "THIRD_PARTY" for i in items)
    return Refused(
        "The app reported an error." if is_app else f"{name} did not accept this request.",
        said,
        status=status,
        items=items,
        side=Side.APP if is_app else Side.INPUT if status in {400, 422} else None,
        technical=evidence(answer),
    )


def _conflicting_read(answer: Answer, items: tuple[ErrorItem, ...], server: Server) -> Refused:
    """409 to a read: nothing was made that could be there already."""
    return Refused(
        f"{server.name} refused this as a conflict.",
        _said(items),
        status=answer.status,
        items=items,
        hint="Try again in a while.",
        technical=evidence(answer),
    )


def _scope_hint(call: Call) -> str:
    if call.scope == "action:run":
        return (
            "Either your integration is not on Zapier's Action Runs allow-list, or the token "
            "lacks the scope action:run."
        )
    return f"The token needs the scope {call.scope}." if call.scope else ""


def _said(items: tuple[ErrorItem, ...]) -> str:
    return " ".join(dict.fromkeys(item.text for item in items if item.text))


def _elsewhere(answer: Answer) -> str:
    location = REDACTOR.text(answer.headers.get("location", ""))[:200]
    return f"The address: {location}" if location else f"The status was {answer.status}."


def _broken_words(error: BaseException) -> str:
    match error:
        case TimeoutError() | httpx.TimeoutException():
            return "The answer did not come in time."
        case httpx.RemoteProtocolError():
            return "The answer was cut off or is not HTTP."
        case httpx.NetworkError():
            return "The connection broke."
    return f"The answer cannot be read: {error}."


def _technical(error: BaseException) -> str:
    chain = (f"{type(c).__name__}: {c}" for c in causes(error))
    return REDACTOR.text("\n".join(dict.fromkeys(chain)))[:_EVIDENCE]
