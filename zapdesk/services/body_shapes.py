"""What the log knows of how a server wants the body of a run.

A command of the terminal lives for one run, so what one has found out the next can learn only here.
"""

from __future__ import annotations

import json
from typing import Any

from zapdesk.api import off_loop
from zapdesk.api.client import ZapierClient
from zapdesk.api.shapes import is_shape_refused
from zapdesk.domain.profiles import BodyShape
from zapdesk.domain.runs import RunFilter
from zapdesk.storage.run_log import RunLog

_RUNS = 3
"""As many as there are shapes: no more can have been refused one after the other."""


async def recall(
    client: ZapierClient, log: RunLog, profile_id: str, server: str, *, keeps: bool
) -> None:
    """Tell ``client`` which shapes were refused since the last run that ``server`` took.

    ``keeps`` says that the profile keeps the shape that works itself; otherwise ``client`` is told
    that too. Raises StorageUnusable.
    """
    refused: set[BodyShape] = set()
    runs = await log.page(RunFilter(profile_id=profile_id), limit=_RUNS)
    for run in (run for run in runs if not run.is_foreign):
        for exchange in reversed(await log.exchanges(run.id, "start run")):
            is_there = exchange.url.startswith(f"{server}/")  # the profile may have been moved
            if exchange.status is None or not is_there:
                continue
            shape = await off_loop.call(_shape_of, exchange.request_body)
            if shape is None:
                continue
            if 200 <= exchange.status < 300:
                client.recall_shapes(None if keeps else shape, refused)
                return
            if is_shape_refused(exchange.status, exchange.response_body):
                refused.add(shape)
    client.recall_shapes(None, refused)


def _shape_of(body: bytes) -> BodyShape | None:
    try:
        sent: Any = json.loads(body)
    except ValueError:  # it was cut for the record
        return None
    if "data" not in sent:
        return BodyShape.GUIDE
    return BodyShape.SPEC if "inputs" in sent["data"] else BodyShape.MIXED
