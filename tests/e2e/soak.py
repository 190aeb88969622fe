"""A working day of the window in minutes: its runs are polled forty times a second.

Imported in the window's process by ``test_soak``. An hour is counted by its polls, sixty a
minute. Meanwhile a person opens forms, types, looks through choices, runs actions and closes
tabs.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
import traceback
from functools import partial
from pathlib import Path
from typing import Any

from tests.tour_guide import Tour
from zapdesk.api.client import ZapierClient
from zapdesk.services import polling
from zapdesk.ui.shell.life import Life

POLLS_AN_HOUR = 3_600
_WATCHED = 20
_ROUND_POLLS = 45
"""So many polls pass between two things that the person does."""


async def soak(life: Life, hours: float) -> None:
    """Print the samples, each as (hours, resident MB, file descriptors, threads)."""
    try:
        print(json.dumps(await _day(Tour(life), hours)), flush=True)
    except Exception:  # the test reads what went wrong from the output
        traceback.print_exc()
        life._exit_code = 1
    life._window.close()


async def _day(tour: Tour, hours: float) -> list[tuple[float, float, int, int]]:
    setattr(polling, "POLLS_S", (0.5,))  # noqa: B010  # only in this process
    polls = _counted()
    session = await tour.session_with_apps()
    form = await tour.open("Fault Lab", "waiting_forever", {})
    for number in range(_WATCHED):
        await session.runs.start(form.order(f"watched {number}"))
    samples: list[tuple[float, float, int, int]] = []
    rounds = 0
    while polls[0] < hours * POLLS_AN_HOUR:
        due = (rounds + 1) * _ROUND_POLLS
        await _something(tour, rounds)
        await tour.until(partial(_has_reached, polls, due))
        rounds = max(rounds + 1, polls[0] // _ROUND_POLLS)
        gc.collect()
        samples.append((polls[0] / POLLS_AN_HOUR, *_used()))
    return samples


def _has_reached(polls: list[int], due: int) -> bool:
    return polls[0] >= due


def _counted() -> list[int]:
    """Counts the polls from here on."""
    count = [0]
    poll = ZapierClient.run

    async def counted(client: ZapierClient, *given: Any, **named: Any) -> Any:
        count[0] += 1
        return await poll(client, *given, **named)

    setattr(ZapierClient, "run", counted)  # noqa: B010  # only in this process
    return count


async def _something(tour: Tour, number: int) -> None:
    """One of the things that a person does."""
    tabs = tour.panels.action
    if number % 3 == 0:
        await tour.run("Fault Lab", "mark", {"note": f"round {number}"})
    elif number % 3 == 1:
        tabs.new_tab()
        form = await tour.open("Contacts", "create_contact", {})
        form.edit("name", f"Ada {number}")
        form.finish_edit("name")
        await form.settle()
        tabs.close_tab()
        tabs._forget_closed()
    else:
        await tour.open("Field Zoo", "every_type", {})
        for title in ("Raw", "Inputs", "Exchanges"):
            tour.show_tab(title)
            await asyncio.sleep(0.02)


def _used() -> tuple[float, int, int]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    resident = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return resident, len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
