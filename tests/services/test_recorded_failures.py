"""The recorded failures are what the program has in its log today when it is treated that way."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from tests.failures import documents
from tests.failures.recording import record_all
from tests.failures.situations import WRITTEN


@pytest.mark.long
def test_failures_that_are_caused_anew_are_explained_as_they_were(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = asyncio.run(record_all(tmp_path))
    caplog.handler.setLevel(logging.CRITICAL)
    caplog.clear()  # two of them are bugs made up
    known = {failure.name: failure for failure in documents.read()}
    assert {failure.name for failure in (*found, *WRITTEN)} == set(known)
    for failure in found:
        before = known[failure.name]
        assert failure.record.run.status is before.record.run.status
        assert (failure.rule, failure.record.errors) == (before.rule, before.record.errors)
