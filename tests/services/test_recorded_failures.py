"""The recorded failures are what the program has in its log today when it is treated that way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.failures import documents
from tests.failures.recording import record_all
from tests.failures.situations import WRITTEN

if TYPE_CHECKING:
    from tests.conftest import ExpectLog


@pytest.mark.long
def test_failures_that_are_caused_anew_are_what_was_recorded(
    tmp_path: Path, expected_log: ExpectLog
) -> None:
    expected_log("a background task failed")  # two of them are bugs made up
    found = asyncio.run(record_all(tmp_path))
    known = {failure.name: failure for failure in documents.read()}
    assert {failure.name for failure in (*found, *WRITTEN)} == set(known)
    for failure in found:
        before = known[failure.name]
        assert failure.record.run.status is before.record.run.status
        assert (failure.rule, failure.record.errors) == (before.rule, before.record.errors)
