"""Looking into results: filters, and where tables are. Large ones are read in another process."""

from __future__ import annotations

import time

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.result_table import tables_in
from zapdesk.domain.result_values import Path, read_result
from zapdesk.errors import InvalidInput
from zapdesk.services.aside import where_it_fits
from zapdesk.storage.result_filters import ResultFilters

_LONGEST_FILTER = 4_000
_MOST_DOUBLINGS = 40


class ResultService:
    """What can be asked about a result, as it was received."""

    def __init__(self, filters: ResultFilters) -> None:
        self._filters = filters

    async def filter(self, raw: bytes, expression: str) -> bytes:
        """What a JMESPath expression finds in ``raw``, as JSON.

        Raises InvalidInput in words where it cannot be read, does not fit, or takes too long.
        """
        if len(expression) > _LONGEST_FILTER:
            raise InvalidInput(f"A filter has at most {_LONGEST_FILTER} characters.")
        # Whatever is listed twice doubles, and may do so again in the next step.
        doublings = min(expression.count(","), _MOST_DOUBLINGS)
        return await where_it_fits(len(raw) << doublings, _filter, raw, expression)

    async def tables(self, raw: bytes) -> tuple[Path, ...]:
        """Where lists of objects stand, those nearest to the top first."""
        return await where_it_fits(len(raw), _tables, raw)

    async def used_filters(self, action: ActionKey) -> tuple[str, ...]:
        """Filters that were used before, those for this action first, the newest first."""
        return await self._filters.used(action)

    async def note_filter(self, action: ActionKey, expression: str) -> None:
        """Remember that a filter was used with results of this action."""
        await self._filters.note(action, expression, time.time_ns() // 1_000_000)


def _filter(raw: bytes, expression: str) -> bytes:
    # The library takes 45 ms to import, which only those who filter shall pay, and not here.
    from zapdesk.services.result_filter import apply_filter

    return apply_filter(raw, expression)


def _tables(raw: bytes) -> tuple[Path, ...]:
    return tables_in(read_result(raw).value)
