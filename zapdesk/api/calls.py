"""One request to the API and its answer, as values. Addresses are put together here alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from zapdesk.domain import profiles
from zapdesk.errors import InvalidInput

MOVED = frozenset({301, 307, 308})
"""What a server answers that wants another spelling of an address. What is read is asked for there
by the same method; 302 and 303 want a GET instead."""

_MAX_SEGMENT = 2048
_COUNTED = frozenset({"app", "category", "ids", "limit", "offset", "query"})
"""What the address of a list may ask for whose entries are counted by ``limit`` and ``offset``."""


class Credential(Enum):
    """What a request is signed with."""

    TOKEN = "token"
    TOKEN_OR_CLIENT = "token or client id"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    ``path`` is percent-encoded and starts with a slash; ``url`` replaces it by a whole address
    that the server gave, already checked to be its own. ``shown_body`` is what the record shows
    in the place of ``body`` where that holds secrets, which are then listed in ``secrets``.
    ``scope`` names what a token must allow, for the words of a refusal. ``content_type`` is set
    where the body is no JSON.
    """

    purpose: str
    method: str
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    shown_body: bytes | None = None
    secrets: frozenset[str] = frozenset()
    credential: Credential = Credential.TOKEN
    scope: str = ""
    url: str = ""
    content_type: str = ""

    def address(self, base_url: str, extra: Iterable[tuple[str, str]] = ()) -> str:
        """Where this request goes. ``extra`` is added where the address does not have it yet."""
        address = self.url or base_url.rstrip("/") + self.path
        given = urlsplit(address).query
        missing = [item for item in extra if item[0] not in parse_qs(given)]
        query = urlencode([*self.query, *missing], quote_via=quote, errors="surrogatepass")
        return f"{address}{'&' if given else '?'}{query}" if query else address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``headers`` has lower-case names; ``token`` is the one that was sent.

    ``start`` holds the first bytes with secrets hidden, for showing; so is the whole body of an
    answer that is no success, which is cut to 1 MiB.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    start: bytes = b""
    token: str | None = field(default=None, repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is one of 200 to 299."""
        return 200 <= self.status < 300


def path(*segments: str) -> str:
    """A path of ``segments``, each of which stays one segment whatever it holds.

    Raises InvalidInput for a segment that is empty or too long for a web address.
    """
    return "".join("/" + _segment(segment) for segment in segments)


def _segment(segment: str) -> str:
    if not segment or len(segment) > _MAX_SEGMENT:
        raise InvalidInput("An id is missing or far too long to be one.")
    if segment in {".", ".."}:  # both mean a folder in an address; encoded they are only text
        return segment.replace(".", "%2E")
    return quote(segment, safe=":", errors="surrogatepass")


def own_url(base_url: str, link: str) -> str | None:
    """``link`` as a whole address if it leads to the same origin as ``base_url``, else ``None``."""
    try:
        absolute = urljoin(base_url, link)
        return absolute if profiles.origin(absolute) == profiles.origin(base_url) else None
    except (InvalidInput, ValueError):
        return None


def slash_only(asked: str, location: str) -> str | None:
    """Where a server sent us to from ``asked``, if that is the same address but for its trailing
    slash, else ``None``."""
    target = own_url(asked, location)
    if target is None:
        return None
    old, new = urlsplit(asked), urlsplit(target)
    is_same = old.path.rstrip("/") == new.path.rstrip("/") and old.path != new.path
    return urlunsplit(old._replace(path=new.path)) if is_same else None


def at_offset(address: str, entries: int, total: int) -> str | None:
    """Where the page after the one at ``address`` is, which brought so many ``entries``.

    ``None`` where it brought none, where it was the last of ``total``, and for lists that are not
    counted: those are asked for without ``limit``, or at an address that the server made up.
    """
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    at = query.get("offset", "0")
    if not entries or not _COUNTED.issuperset(query) or "limit" not in query or not at.isdecimal():
        return None
    following = int(at) + entries
    if following >= total:
        return None
    query["offset"] = str(following)
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def with_items(**items: str | int | None) -> tuple[tuple[str, str], ...]:
    """Query items, without those that are empty."""
    return tuple((k, str(v)) for k, v in items.items() if v not in (None, ""))
