"""The stall meter itself: what it must catch, and what it must not blame on us."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import pytest

from tests.conftest import RunOnQt

pytestmark = pytest.mark.qt


def test_a_blocked_loop_is_caught_with_the_line_that_blocks_it(qt_run: RunOnQt) -> None:
    from tests.stall_meter import StallMeter

    async def scenario() -> Any:
        with StallMeter(40) as meter:
            await asyncio.sleep(0.05)
            time.sleep(0.12)
            await asyncio.sleep(0.05)
        return meter

    meter = qt_run(scenario())
    (stall,) = meter.stalls
    assert 110 < stall.own_ms < 400
    assert "time.sleep(0.12)" in "".join(stall.stacks)
    assert meter.longest is stall


def test_a_block_at_the_very_end_counts(qt_run: RunOnQt) -> None:
    from tests.stall_meter import StallMeter

    async def scenario() -> Any:
        with StallMeter(40) as meter:
            await asyncio.sleep(0.02)
            time.sleep(0.12)
        return meter

    assert qt_run(scenario()).longest.own_ms > 110


def test_an_idle_loop_is_clean(qt_run: RunOnQt) -> None:
    from tests.stall_meter import StallMeter

    async def scenario() -> Any:
        with StallMeter(40) as meter:
            await asyncio.sleep(0.3)
        return meter

    meter = qt_run(scenario())
    assert not meter.stalls
    assert len(meter.gaps) > 20
    assert meter.percentile_ms(50) < 15


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that share a processor")
def test_time_in_which_another_process_ran_is_not_ours(qt_run: RunOnQt) -> None:
    from tests.stall_meter import StallMeter

    before = os.sched_getaffinity(0)
    one = {min(before)}

    async def scenario() -> Any:
        with StallMeter(1_000) as meter:
            end = time.perf_counter() + 0.5
            while time.perf_counter() < end:
                pass
            await asyncio.sleep(0.02)
        return meter

    os.sched_setaffinity(0, one)
    rival = os.posix_spawn("/bin/sh", ["sh", "-c", "while :; do :; done"], os.environ)
    try:
        longest = qt_run(scenario()).longest
    finally:
        os.kill(rival, 9)
        os.waitpid(rival, 0)
        os.sched_setaffinity(0, before)
    assert longest.whole_ms >= 500
    assert longest.queued_ms > 100
    assert longest.own_ms < longest.whole_ms - 100
