"""Fields that a person marked as sensitive, remembered for each action.

A marked field is treated like one of format PASSWORD from then on: its value is kept in no log,
draft or preset and is asked for again; what is shown and exported of earlier runs is without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from zapdesk.broadcast import Broadcast
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.fields import Fieldset, FormNode, InputField
from zapdesk.domain.runs import RunRecord
from zapdesk.services.dossiers import without_sensitive
from zapdesk.storage.sensitive_fields import SensitiveFields


class SensitiveService:
    """The marks, in memory once they are loaded; ``changed`` names the action."""

    def __init__(self, store: SensitiveFields) -> None:
        self._store = store
        self._marked: dict[ActionKey, frozenset[str]] = {}
        self.changed: Broadcast[ActionKey] = Broadcast()

    async def load(self) -> None:
        """Read the marks. Raises StorageUnusable."""
        self._marked = await self._store.all()

    def of(self, action: ActionKey) -> frozenset[str]:
        """The ids of the action's sensitive fields."""
        return self._marked.get(action, frozenset())

    @property
    def marked(self) -> tuple[tuple[ActionKey, str], ...]:
        """Every mark there is, in the order of apps, actions and fields."""
        found = ((action, id) for action, ids in self._marked.items() for id in ids)
        return tuple(sorted(found, key=lambda mark: (mark[0].app_id, mark[0].key, mark[1])))

    async def mark(self, action: ActionKey, field_id: str, is_sensitive: bool) -> None:
        """Mark a field as sensitive, or take the mark away. Raises StorageUnusable."""
        await self._store.put(action, field_id, is_sensitive)
        changed = self.of(action) | {field_id} if is_sensitive else self.of(action) - {field_id}
        self._marked = {**self._marked, action: changed}
        self.changed.announce(action)

    async def without(
        self, record: RunRecord, exchanges: Iterable[Exchange] = ()
    ) -> tuple[RunRecord, tuple[Exchange, ...]]:
        """A run of the log without the values of fields that were marked since it was stored."""
        ids = self.of(record.run.action)
        if not ids:
            return record, tuple(exchanges)
        return await asyncio.to_thread(without_sensitive, record, exchanges, ids)

    def applied(self, action: ActionKey, nodes: Iterable[FormNode]) -> tuple[FormNode, ...]:
        """A form with the marks of its action."""
        ids = self.of(action)
        return tuple(_applied(node, ids) for node in nodes)


def _applied(node: FormNode, ids: frozenset[str]) -> FormNode:
    if isinstance(node, Fieldset):
        fields = (
            _marked(field, ids) if isinstance(field, InputField) else field for field in node.fields
        )
        return replace(node, fields=tuple(fields))
    return _marked(node, ids) if isinstance(node, InputField) else node


def _marked(field: InputField, ids: frozenset[str]) -> InputField:
    return replace(field, is_sensitive=field.id in ids)
