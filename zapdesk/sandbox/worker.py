"""Carries runs out when their time has come, also those a former process left behind."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from functools import partial

from zapdesk.sandbox.actions import execute
from zapdesk.sandbox.definitions import RunFailure
from zapdesk.sandbox.site import Site
from zapdesk.sandbox.store import Issued, Run
from zapdesk.tasks import TaskOwner

_log = logging.getLogger(__name__)
_LONGEST_SLEEP_S = 60.0
_RETRY_S = 2.0


class Worker:
    """Sleeps until the next run is due, then starts it; runs do not wait for each other."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._owner = TaskOwner()
        self._running: set[str] = set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                try:
                    seconds = self._start_what_is_due()
                except sqlite3.Error:
                    # A full disk, say: runs stay as they are until it can be read again.
                    _log.exception("the runs cannot be read")
                    seconds = _RETRY_S
                await self._sleep(seconds)
        finally:
            await self._owner.close()

    def _start_what_is_due(self) -> float:
        """Seconds until the next run is due."""
        self._site.work.clear()
        now = time.time()
        for run in self._site.store.open_runs():
            if run.id in self._running:
                continue
            if run.due_at is not None and run.due_at > now:
                return min(run.due_at - now, _LONGEST_SLEEP_S)
            task = self._owner.start(self._carry_out(run), f"run {run.id}")
            if task is not None:
                self._running.add(run.id)
                task.add_done_callback(partial(self._forget, run.id))
        return _LONGEST_SLEEP_S

    def _forget(self, run_id: str, _: asyncio.Task[None]) -> None:
        self._running.discard(run_id)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._site.work.wait()
        except TimeoutError:
            return

    async def _carry_out(self, run: Run) -> None:
        site = self._site
        try:
            action = site.registry.action(run.app, run.action_type, run.key)
            if action is None:
                raise RunFailure("system", "Action gone", "The sandbox no longer has this action.")
            if run.began_at is not None and action.outside is not None:
                raise RunFailure(
                    "system",
                    "Interrupted",
                    "The sandbox was stopped while this was sent; whether it arrived is unknown.",
                )
            site.store.begin_run(run.id, time.time())
            issued = Issued("", run.app, run.action_type, run.key, used=True)
            await execute(site, issued, action, site.call(run.inputs, run.authentication, run.id))
        except RunFailure as failure:
            site.store.fail_run(run.id, time.time(), failure)
        except Exception:  # a bug in an app must end its run, not leave it waiting for ever
            _log.exception("run %s of %s", run.id, run.key)
            bug = RunFailure("system", "Sandbox fault", "The sandbox could not carry this out.")
            site.store.fail_run(run.id, time.time(), bug)
