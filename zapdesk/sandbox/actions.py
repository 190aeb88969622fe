"""Endpoints of one action: its form, the options of its drop-downs, its outputs, its step test."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from urllib.parse import quote

from starlette.responses import Response

from zapdesk.sandbox import faults, forms
from zapdesk.sandbox.bodies import authentication_at, data_of, object_at, whole_at
from zapdesk.sandbox.definitions import Action, Call, Json, RunFailure
from zapdesk.sandbox.envelopes import (
    ApiError,
    JsonAnswer,
    envelope,
    invalid,
    listing,
    not_found,
)
from zapdesk.sandbox.guard import Asked
from zapdesk.sandbox.site import Site
from zapdesk.sandbox.store import Issued, new_run_id

CHOICES_PAGE = 50
TEST_LIMIT_S = 30.0
"""The platform gives an action 30 seconds when it is waited for."""


def resolve(site: Site, action_id: str) -> tuple[Issued, Action] | None:
    """The action behind an id that was handed out, None where there is none."""
    issued = site.store.issued(action_id)
    action = issued and site.registry.action(issued.app, issued.action_type, issued.key)
    return (issued, action) if issued and action else None


def check_authentication(
    site: Site,
    app_id: str,
    authentication: str | None,
    person: str,
    pointer: str = "/data",
) -> None:
    """Raises ``ApiError`` 400 where this person cannot use the connection with this app."""
    app = site.registry.app(app_id)
    site.settle(app_id)
    row = None if authentication is None else site.store.authentication(authentication)
    if app is None or app.needs_connection:
        usable = (
            row is not None
            and row["app"] == app_id
            and not row["is_expired"]
            and site.white_label.owns(row["id"], person)
        )
    else:
        usable = authentication is None
    if not usable:
        raise invalid(
            "authentication: this value is not usable here.", pointer=f"{pointer}/authentication"
        )


def _read(
    site: Site, asked: Asked, *, nullable_inputs: bool = False
) -> tuple[Issued, Action, Call, Json]:
    found = resolve(site, asked.path("action_id"))
    if found is None:
        raise not_found("There is no such action.")
    data = data_of(asked.body)
    authentication = authentication_at(data)
    inputs = object_at(data, "inputs", nullable=nullable_inputs)
    check_authentication(site, found[0].app, authentication, asked.caller.person)
    return *found, site.call(inputs, authentication), data


async def list_inputs(site: Site, asked: Asked) -> Response:
    """POST …/inputs: the form as it is with these values."""
    issued, action, call, _ = _read(site, asked)
    faults.on_fields(issued)
    return JsonAnswer(envelope(action.fields(call)))


async def list_choices(site: Site, asked: Asked) -> Response:
    """POST …/choices: fifty options a page."""
    issued, action, call, _ = _read(site, asked, nullable_inputs=True)
    input_id = asked.path("input_id")
    page = _page_number(asked)
    every = action.choices_of(call, input_id)
    if every is None:
        raise not_found("This field has no choices.")
    start = (page - 1) * CHOICES_PAGE
    shown = every[start : start + CHOICES_PAGE]
    url = f"{site.base_url}/v2/actions/{issued.id}/inputs/{quote(input_id, safe='')}/choices?page="
    body: Json = {
        "data": [choice.as_json() for choice in shown],
        "links": {
            "next": f"{url}{page + 1}" if start + CHOICES_PAGE < len(every) else None,
            "prev": f"{url}{page - 1}" if page > 1 else None,
        },
        "meta": {"page": page},
    }
    faults.on_choices(issued, page, body)
    return listing(site.options.dialect, body, wrapped=True)


def _page_number(asked: Asked) -> int:
    raw = asked.query.get("page", "1")
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10) or int(raw) < 1:
        raise invalid("page: A page number is required.", parameter="page")
    return int(raw)


async def list_outputs(site: Site, asked: Asked) -> Response:
    """POST …/outputs: what the action will answer with, by its sample."""
    _, action, _, data = _read(site, asked)
    if not isinstance(data.get("fetch_live_samples", False), bool):
        raise invalid("fetch_live_samples: Must be a boolean.", pointer="/data/fetch_live_samples")
    return JsonAnswer(envelope(forms.output_fields(action.sample)))


async def execute(site: Site, issued: Issued, action: Action, call: Call) -> list[Json]:
    """Really do it: the part outside first, then effect and record in one transaction.

    Where ``call.run_id`` is a stored run, its success is part of that transaction.
    Raises ``RunFailure``.
    """
    try:
        forms.check_inputs(action.fields(call), call.inputs)
        if action.outside is not None:
            call = replace(call, answer=await action.outside(call))
        with site.store.transaction():
            results = [dict(result) for result in action.perform(call)]
            now = time.time()
            site.store.add_effect(call.run_id, issued.app, issued.key, now, call.inputs)
            site.store.end_run(call.run_id, now, results)
    except UnicodeEncodeError:
        raise RunFailure("user", "Broken text", "A text holds half a character.") from None
    return results


async def test_action(site: Site, asked: Asked) -> Response:
    """POST …/test: really executes, now, and answers with the results."""
    seq = site.store.add_received("test", asked.path("action_id"), asked.body, asked.at)
    try:
        answer = await _test(site, asked)
    except ApiError as refusal:
        site.store.answered(seq, None, refusal.status)
        raise
    site.store.answered(seq, None, answer.status_code)
    return answer


async def _test(site: Site, asked: Asked) -> Response:
    issued, action, call, data = _read(site, asked)
    limit = whole_at(data, "limit", 10, 1)
    offset = whole_at(data, "offset", 0, 0) or 0
    call = replace(call, run_id=new_run_id())
    fault = faults.before_work(issued, call.inputs)
    if fault is not None:
        return fault
    try:
        takes_s = action.takes_s(call) if action.takes_s else 0.0
        await asyncio.sleep(min(takes_s, TEST_LIMIT_S))
        if takes_s > TEST_LIMIT_S:
            raise ApiError(504, "timeout", "GatewayTimeout", "The action took too long.")
        results = await execute(site, issued, action, call)
    except RunFailure as failure:
        raise ApiError(
            400,
            "test_failed",
            "ActionTestError",
            f"Error during execution: {failure.title}: {failure.detail}",
            third_party=True,
        ) from None
    part = results[offset:] if limit is None else results[offset : offset + limit]
    return faults.after_work(issued, call.run_id) or JsonAnswer(envelope(part))
