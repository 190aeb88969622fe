"""Endpoints of runs: start one with a single-use action id, and ask how it is."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from zapdesk.sandbox import faults
from zapdesk.sandbox.actions import check_authentication, resolve
from zapdesk.sandbox.bodies import authentication_at, object_at, run_of, text_at
from zapdesk.sandbox.definitions import Json
from zapdesk.sandbox.envelopes import ApiError, JsonAnswer, invalid, not_found
from zapdesk.sandbox.guard import Asked
from zapdesk.sandbox.site import Site
from zapdesk.sandbox.store import KEPT_S, Run, new_run_id


async def create_run(site: Site, asked: Asked) -> Response:
    """POST /v2/action-runs: keeps the run and answers with its id; the worker does the rest."""
    seq = site.store.add_received("run", _action_id(asked.body), asked.body, asked.at)
    try:
        answer, run_id = _create(site, asked)
    except ApiError as refusal:
        site.store.answered(seq, None, refusal.status)
        raise
    site.store.answered(seq, run_id, answer.status_code)
    return answer


def _action_id(body: bytes) -> str:
    """The action id of a body in whichever shape, for the record of what arrived."""
    try:
        whole: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    data = whole.get("data", whole) if isinstance(whole, dict) else None
    action_id = data.get("action") if isinstance(data, dict) else None
    return action_id if isinstance(action_id, str) else ""


def _create(site: Site, asked: Asked) -> tuple[Response, str | None]:
    dialect = site.options.dialect
    data, pointer, name = run_of(asked.body, dialect)
    action_id = text_at(data, "action", pointer)
    authentication = authentication_at(data, pointer)
    inputs = object_at(data, name, pointer)
    _check_callback(data, pointer)
    found = resolve(site, action_id)
    if found is None:
        raise invalid("action: There is no such action.", pointer=f"{pointer}/action")
    issued, action = found
    if issued.used:
        raise invalid(
            "action: This id was used for a run already; look the action up again.",
            pointer=f"{pointer}/action",
        )
    check_authentication(site, issued.app, authentication, asked.caller.person, pointer)
    site.store.use(action_id, asked.at)
    fault = faults.before_work(issued, inputs, f"{pointer}/{name}")
    if fault is not None:
        return fault, None
    run_id = faults.run_id(issued) or new_run_id("arun_" if dialect == "guide" else "")
    call = site.call(inputs, authentication, run_id)
    takes_s = action.takes_s(call) if action.takes_s else random.uniform(*site.options.run_s)
    due_at = asked.at + takes_s if math.isfinite(takes_s) else None
    site.store.add_run(run_id, issued, authentication, inputs, asked.at, due_at)
    site.white_label.own(run_id, asked.caller.person)
    site.work.set()
    key = "run_id" if dialect == "guide" else "id"
    answer = JsonAnswer({"data": {"type": "run", key: run_id}})
    return faults.after_work(issued, run_id) or answer, run_id


def _check_callback(data: Mapping[str, Any], pointer: str) -> None:
    """Callback addresses are HTTPS, public and at most 2048 characters; none is ever called."""
    url = data.get("callback_url")
    if url is None:
        return
    host = urlsplit(url).hostname if isinstance(url, str) and len(url) <= 2048 else None
    if not host or not url.startswith("https://") or host in ("localhost", "127.0.0.1", "::1"):
        raise invalid(
            "callback_url: A public HTTPS address is required.", pointer=f"{pointer}/callback_url"
        )


async def show_run(site: Site, asked: Asked) -> Response:
    """GET /v2/action-runs/{id}: what the stored times and the stored outcome say."""
    run = site.store.run(asked.path("run_id"))
    is_own = run is not None and site.white_label.owns(run.id, asked.caller.person)
    if run is None or not is_own or run.created_at < asked.at - KEPT_S:
        raise not_found("There is no such run.")
    site.polls[run.id] += 1
    fault = faults.on_poll(run, site.polls[run.id])
    return fault or JsonAnswer({"data": faults.shape(run, run_json(site, run, asked.at))})


def run_json(site: Site, run: Run, now: float) -> Json:
    """A run in the words of the dialect; a guide's results are one object."""
    state = run.state(now)
    outcome = run.outcome or {"results": [], "errors": []}
    body: Json = {
        "type": "run",
        "status": state,
        "results": outcome["results"],
        "errors": outcome["errors"],
    }
    if site.options.dialect != "guide":
        if run.outcome is None:
            body["status"] = "waiting"
        return body
    body["run_id"] = run.id
    if run.outcome is None:
        del body["results"]
    elif len(body["results"]) == 1:
        body["results"] = body["results"][0]
    return body
