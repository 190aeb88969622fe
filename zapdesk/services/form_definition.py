"""The definition of one open form: fetched, kept for use offline, and compared with the last time.

Which values it is made for, and whether an answer is still wanted, is for services/forms.py to say.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, TypeVar

from zapdesk.api.client import ZapierClient
from zapdesk.domain.catalog import Action
from zapdesk.domain.definitions import (
    FieldDifference,
    Sighting,
    differences,
    read_definition,
    write_definition,
)
from zapdesk.domain.fields import FormNode
from zapdesk.domain.form import FormState
from zapdesk.domain.form_facts import Origin
from zapdesk.domain.payload import write_json
from zapdesk.errors import Refused, ZapdeskError
from zapdesk.services.app_list import kept
from zapdesk.services.catalog import CatalogService
from zapdesk.services.sensitive import SensitiveService
from zapdesk.services.watching import now_ms
from zapdesk.storage.catalog_cache import CatalogCache
from zapdesk.storage.definition_history import DefinitionHistory

_logger = logging.getLogger(__name__)

T = TypeVar("T")

DefinitionChange = tuple[Sighting, list[FieldDifference]]
"""What the form was the last time, and how it differs now."""


class FormDefinition:
    """``action`` has the id that is used now; a new one takes its place where it is refused.
    ``made_for`` are the inputs that the form on the screen was fetched with."""

    def __init__(
        self,
        profile_id: str,
        client: ZapierClient,
        catalog: CatalogService,
        cache: CatalogCache,
        history: DefinitionHistory,
        sensitive: SensitiveService,
        action: Action,
    ) -> None:
        self._profile_id = profile_id
        self._client = client
        self._catalog = catalog
        self._cache = cache
        self._history = history
        self._sensitive = sensitive
        self.action = action
        self.made_for: Mapping[str, Any] = {}

    def suits(self, state: FormState, inputs: Mapping[str, Any]) -> bool:
        """Whether the form that was fetched is the one for ``inputs`` too."""

        def telling(given: Mapping[str, Any]) -> bytes:
            found = state.deciding(given)
            return write_json({name: found[name] for name in sorted(found) if counts(name)})

        def counts(name: str) -> bool:
            # A default is told to the server only where it changes which fields there are.
            is_default = state.origin(name) is Origin.DEFAULT
            return not is_default or state.field(name).invalidates_input_fields

        return telling(self.made_for) == telling(inputs)

    def marked(self, nodes: tuple[FormNode, ...]) -> tuple[FormNode, ...]:
        """A form with the fields that a person marked as sensitive."""
        return self._sensitive.applied(self.action.reference, nodes)

    async def last_known(self, authentication_id: str | None) -> tuple[FormNode, ...]:
        """The form as it was kept; nothing where none can be read."""
        cached = await self._cache.fields(
            self._profile_id, self.action.reference, authentication_id
        )
        if cached is not None:
            try:
                return read_definition(cached.value)
            except (ZapdeskError, KeyError, ValueError, TypeError):
                # Written by another version; what the server answers takes its place at once.
                _logger.info("a cached form could not be read")
        return ()

    async def fetch(
        self,
        authentication_id: str | None,
        inputs: Mapping[str, Any],
        secret_ids: frozenset[str],
    ) -> tuple[FormNode, ...]:
        """The form that belongs to ``inputs``. Raises ZapdeskError."""
        return await self.with_action_id(
            lambda id: self._client.input_fields(
                id, authentication_id, dict(inputs), secret_ids=secret_ids
            )
        )

    async def keep(
        self,
        authentication_id: str | None,
        brought_by: Mapping[str, Any],
        nodes: tuple[FormNode, ...],
    ) -> DefinitionChange | None:
        """Keep a form that was fetched; how it differs from the one seen last, if it does.

        ``brought_by`` are the inputs that decide which form it is, without secrets: only forms
        of the same connection and the same such inputs are compared.
        """
        definition = write_definition(nodes)
        place = (self._profile_id, self.action.reference)
        if not brought_by:
            await kept(self._cache.put_fields(*place, authentication_id, definition, now_ms()))
        variant = sha256(write_json(brought_by)).hexdigest() if brought_by else ""
        try:
            before = await self._history.see(
                *place, definition, now_ms(), authentication_id=authentication_id, variant=variant
            )
            if before is None:
                return None
            return before, differences(read_definition(before.definition), nodes)
        except (ZapdeskError, KeyError, ValueError, TypeError) as error:
            _logger.info("a form could not be compared with the last time: %s", error)
            return None

    async def with_action_id(self, call: Callable[[str], Awaitable[T]]) -> T:
        """Make a call that only reads, once more with a new id where the old one may be refused.

        How long an id lives is undocumented.
        """
        used = self.action.id
        try:
            return await call(used)
        except Refused as error:
            if error.status not in {400, 404, 410} or any(
                "/inputs/" in item.pointer for item in error.items
            ):
                raise
            fresh = await self._catalog.fresh_action(self.action.reference)
            if fresh.id == used:
                raise
            self.action = fresh
            return await call(fresh.id)
