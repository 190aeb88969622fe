"""Whose token it is, asked once where somebody signs in; and forgetting whoever it was."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from zapdesk.errors import NotSignedIn, StorageUnusable, ZapdeskError

if TYPE_CHECKING:  # commands that speak to nobody must not pay for the HTTP library
    from zapdesk.api.transport import Admission
    from zapdesk.services.routing import Routing
    from zapdesk.storage.catalog_cache import CatalogCache

_logger = logging.getLogger(__name__)

_PATIENCE_S = 10.0


async def account_of(base_url: str, token: str, routing: Routing) -> str:
    """The account that the server at an address names for ``token``; empty where it does not
    tell, or cannot be reached now: later requests say so then.

    Raises NotSignedIn where it does not accept the token.
    """
    from zapdesk.api.client import ZapierClient
    from zapdesk.api.transport import Transport

    async def give() -> str | None:
        return token

    transport = Transport(
        base_url, token=give, renew=_cannot_renew, admit=_at_once, find_route=routing.route
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return (await ZapierClient(transport).me()).id
    except NotSignedIn as error:
        raise NotSignedIn(
            "The server does not accept this token.",
            error.detail,
            status=error.status,
            items=error.items,
            hint="Copy it again, or get another one.",
        ) from error
    except (ZapdeskError, TimeoutError):
        return ""
    finally:
        await transport.aclose()


async def _cannot_renew(_: str) -> str | None:
    return None


async def _at_once(_: Admission) -> None:
    """One call that a person waits for."""


async def forget_person(cache: CatalogCache, profile_id: str) -> None:
    """Nobody who signs in to a profile is shown what was kept of the person before."""
    try:
        await cache.forget_person(profile_id)
    except StorageUnusable as error:  # then nobody is shown what is in there either
        _logger.info("what was kept of a person is still there: %s", error)
