"""The shapes of answers: errors, lists, and what the three dialects make of them.

``spec`` answers as the OpenAPI document types it (some lists inside a one-element array),
``guide`` and ``mixed`` as the guides show it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

from starlette.responses import Response

from zapdesk.sandbox.definitions import Json

Dialect: TypeAlias = Literal["spec", "guide", "mixed"]
DIALECTS: tuple[Dialect, ...] = ("spec", "guide", "mixed")

MAX_PAGE = 100
DEFAULT_PAGE = 10


@dataclass(slots=True)
class ApiError(Exception):
    """A refusal in the API's own shape. ``source`` is e.g. ``{"pointer": "/data/action"}``;
    ``more`` are said together with it."""

    status: int
    code: str
    title: str
    detail: str
    source: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    third_party: bool = False
    more: Sequence[ApiError] = ()

    def as_json(self, dialect: Dialect) -> Json:
        """The error answer; the guides give the status as a string."""
        return {
            "errors": [
                {
                    "status": error.status if dialect == "spec" else str(error.status),
                    "code": error.code,
                    "title": error.title,
                    "detail": error.detail,
                    "source": error.source,
                    "meta": {
                        "source": "THIRD_PARTY" if error.third_party else "ZAPIER",
                        "full_details": {"message": error.detail, "code": error.code},
                    },
                }
                for error in (self, *self.more)
            ]
        }


def parse_error(detail: str = "Malformed request.") -> ApiError:
    """400: the body cannot be read as what this endpoint takes."""
    return ApiError(400, "parse_error", "ParseError", detail)


def invalid(detail: str, *, pointer: str = "", parameter: str = "") -> ApiError:
    """400: one value of the request cannot be used."""
    source = {"pointer": pointer} if pointer else {"parameter": parameter}
    return ApiError(400, "invalid", "ValidationError", detail, source)


def required(key: str, pointer: str) -> ApiError:
    """400: a key of the body is missing."""
    detail = f"{key}: This field is required."
    return ApiError(400, "required", "ValidationError", detail, {"pointer": pointer})


def not_found(detail: str = "Not found.") -> ApiError:
    return ApiError(404, "not_found", "NotFound", detail)


class JsonAnswer(Response):
    """JSON in UTF-8; NaN and Infinity never leave here."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def listing(dialect: Dialect, body: Any, *, wrapped: bool) -> JsonAnswer:
    """A list answer. ``wrapped`` says that the OpenAPI document types it as an array."""
    return JsonAnswer([body] if wrapped and dialect == "spec" else body)


def envelope(data: Sequence[Any]) -> Json:
    """The whole of a list that is never paged."""
    return {
        "links": {"next": None, "prev": None},
        "meta": {"count": len(data), "limit": None, "offset": 0},
        "data": list(data),
    }


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that was asked for by ``limit`` and ``offset``."""

    limit: int
    offset: int

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Page:
        """Raises ``ApiError`` where a number is not one; a limit over 100 counts as 100."""
        limit = _whole(query, "limit", DEFAULT_PAGE, least=1)
        return cls(min(limit, MAX_PAGE), _whole(query, "offset", 0, least=0))

    def links(
        self, url: str, query: Mapping[str, str], total: int
    ) -> tuple[str | None, str | None]:
        """The addresses of the next and the previous page, None where there is none."""

        def page(offset: int) -> str:
            kept = {k: v for k, v in query.items() if k not in ("limit", "offset")}
            return f"{url}?{urlencode({**kept, 'limit': self.limit, 'offset': offset})}"

        following = self.offset + self.limit
        return (
            page(following) if following < total else None,
            page(max(0, self.offset - self.limit)) if self.offset else None,
        )

    def envelope(
        self, url: str, query: Mapping[str, str], total: int, data: Sequence[Json]
    ) -> Json:
        """The v2 list envelope around ``data``, which is this page's part already."""
        following, previous = self.links(url, query, total)
        return {
            "links": {"next": following, "prev": previous},
            "meta": {"count": total, "limit": self.limit, "offset": self.offset},
            "data": list(data),
        }


def _whole(query: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    raw = query.get(name)
    if raw is None:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10) or int(raw) < least:
        raise invalid(f"{name}: A valid integer of {least} or more is required.", parameter=name)
    return int(raw)
