"""Where lists of objects stand in a result: those are offered as tables."""

from __future__ import annotations

from typing import Any

from zapdesk.domain.result_values import Path

_MOST_TABLES = 50


def tables_in(value: Any) -> tuple[Path, ...]:
    """Where lists of objects stand, those nearest to the top first."""
    found: list[Path] = []
    level: list[tuple[Path, Any]] = [((), value)]
    while level and len(found) < _MOST_TABLES:
        below: list[tuple[Path, Any]] = []
        for path, item in level:
            if isinstance(item, list):
                if item and all(isinstance(row, dict) for row in item):
                    found.append(path)
                below += [((*path, n), row) for n, row in enumerate(item[:_MOST_TABLES])]
            elif isinstance(item, dict):
                below += [((*path, name), inner) for name, inner in item.items()]
        level = [(path, item) for path, item in below if isinstance(item, (dict, list))]
    return tuple(found[:_MOST_TABLES])
