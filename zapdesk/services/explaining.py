"""Explaining: why a run went as it did, by the rules that come with zapdesk. Nothing is asked of
anybody; what is on record is enough.
"""

from __future__ import annotations

import asyncio
import tomllib
from functools import cached_property
from pathlib import Path

from zapdesk.domain.causes import Explanation, RuleBook, read_rules
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import RunRecord


class Explainer:
    """``rules`` is the rule file; it is read when something is explained for the first time."""

    def __init__(self, rules: Path) -> None:
        self._rules = rules

    async def explain(
        self, record: RunRecord, exchanges: tuple[Exchange, ...]
    ) -> Explanation | None:
        """Why the run stands as it does; ``None`` where nothing has gone wrong."""
        return await asyncio.to_thread(self._explain, record, exchanges)

    def _explain(self, record: RunRecord, exchanges: tuple[Exchange, ...]) -> Explanation | None:
        return self._book.explain(record, exchanges)

    @cached_property
    def _book(self) -> RuleBook:
        return read_rules(tomllib.loads(self._rules.read_text("utf-8")))
