"""Rows of the run log and the domain's objects, in both directions.

No statement that changes anything is here. Words that this version does not know, which a newer
one or a repaired file may hold, become the most cautious ones it knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import (
    ActionRun,
    Resolution,
    RunError,
    RunEvent,
    RunKind,
    RunOrder,
    RunStatus,
)
from zapdesk.errors import ErrorItem, ErrorReport
from zapdesk.storage.packing import dump, load, pack, storable, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RUN_COLUMNS = (
    "number, id, profile_id, owner_id, kind, status, app_id, action_type, action_key, app_title,"
    " action_title, authentication_id, authentication_title, created_ms, sent_ms, accepted_ms,"
    " ended_ms, run_id, server_status, headline, resolution, resolution_note, forgotten_ms,"
    " again_of, pinned, is_baseline, note, labels, is_foreign, account,"
    " in_sandbox"
)
NEW_RUN_COLUMNS = (
    "id, profile_id, owner_id, kind, status, app_id, action_type, action_key, app_title,"
    " action_title, authentication_id, authentication_title, created_ms, again_of, account,"
    " in_sandbox"
)

_EXCHANGE_FACTS = (
    "purpose, method, url, request_headers, request_body, status, response_headers,"
    " response_body, body_size, started_ms, connected_ms, sent_ms, first_byte_ms, ended_ms,"
    " failure, headers"
)
EXCHANGE_COLUMNS = f"number, {_EXCHANGE_FACTS}, repeated, last_ms"
NEW_EXCHANGE_COLUMNS = f"run, {_EXCHANGE_FACTS}, last_ms"

NO_LABELS = "[]"
_ELSEWHERE = ""  # both sides' headers are packed together

_STATUSES = {status.value: status for status in RunStatus}
_KINDS = {kind.value: kind for kind in RunKind}
_RESOLUTIONS = {resolution.value: resolution for resolution in Resolution}


def run_of(row: Any, owner_id: str) -> ActionRun:
    """The run in a row of ``RUN_COLUMNS``, as the process ``owner_id`` sees it."""
    (
        number,
        id_,
        profile_id,
        owner,
        kind,
        status,
        app_id,
        action_type,
        action_key,
        app_title,
        action_title,
        authentication_id,
        authentication_title,
        created_ms,
        sent_ms,
        accepted_ms,
        ended_ms,
        run_id,
        server_status,
        headline,
        resolution,
        resolution_note,
        forgotten_ms,
        again_of,
        pinned,
        is_baseline,
        note,
        labels,
        is_foreign,
        account,
        in_sandbox,
    ) = row
    return ActionRun(
        id=id_,
        profile_id=profile_id,
        kind=_KINDS.get(kind, RunKind.RUN),
        status=status_of(status),
        action=ActionKey(app_id, action_type, action_key),
        app_title=app_title,
        action_title=action_title,
        authentication_id=authentication_id,
        authentication_title=authentication_title,
        created_ms=created_ms,
        number=number,
        run_id=run_id,
        server_status=server_status,
        headline=headline,
        sent_ms=sent_ms,
        accepted_ms=accepted_ms,
        ended_ms=ended_ms,
        resolution=_RESOLUTIONS.get(resolution),
        resolution_note=resolution_note,
        is_mine=owner == owner_id,
        forgotten_ms=forgotten_ms,
        again_of=again_of,
        pinned=bool(pinned),
        is_baseline=bool(is_baseline),
        note=note,
        labels=() if labels == NO_LABELS else tuple(load(labels)),
        is_foreign=bool(is_foreign),
        account=account,
        in_sandbox=bool(in_sandbox),
    )


def status_of(word: str) -> RunStatus:
    """The status a row names; a word nobody knows claims nothing."""
    return _STATUSES.get(word, RunStatus.UNKNOWN)


def row_of_order(order: RunOrder, id_: str, owner_id: str, created_ms: int) -> tuple[Any, ...]:
    """``NEW_RUN_COLUMNS`` for a new run."""
    return (
        id_,
        storable(order.profile_id),
        owner_id,
        order.kind.value,
        RunStatus.SUBMITTING.value,
        storable(order.action.app_id),
        storable(order.action.action_type),
        storable(order.action.key),
        storable(order.app_title),
        storable(order.action_title),
        None if order.authentication_id is None else storable(order.authentication_id),
        storable(order.authentication_title),
        created_ms,
        order.again_of,
        storable(order.account),
        int(order.in_sandbox),
    )


def event_of(row: Any) -> RunEvent:
    """The line of history in a row of ``at_ms, status, text``."""
    at_ms, status, text = row
    return RunEvent(at_ms, status_of(status), text)


def exchange_of(row: Any) -> Exchange:
    """The exchange in a row of ``EXCHANGE_COLUMNS``."""
    (
        number,
        purpose,
        method,
        url,
        request_headers,
        request_body,
        status,
        response_headers,
        response_body,
        body_size,
        started_ms,
        connected_ms,
        sent_ms,
        first_byte_ms,
        ended_ms,
        failure,
        headers,
        repeated,
        last_ms,
    ) = row
    if headers is None:  # written by an earlier version
        sent, received = load(request_headers), load(response_headers)
    else:
        sent, received = load(unpack(headers))
    return Exchange(
        purpose=purpose,
        method=method,
        url=url,
        request_headers=_headers(sent),
        request_body=unpack(request_body),
        status=status,
        response_headers=_headers(received),
        response_body=unpack(response_body),
        body_size=body_size,
        started_ms=started_ms,
        connected_ms=connected_ms,
        sent_ms=sent_ms,
        first_byte_ms=first_byte_ms,
        ended_ms=ended_ms,
        failure=failure,
        id=number,
        repeated=repeated,
        last_ms=last_ms,
    )


def row_of_exchange(run: int, exchange: Exchange) -> tuple[Any, ...]:
    """``NEW_EXCHANGE_COLUMNS`` for an exchange of the run with this number."""
    return (
        run,
        storable(exchange.purpose),
        storable(exchange.method),
        storable(exchange.url),
        _ELSEWHERE,
        pack(exchange.request_body),
        exchange.status,
        _ELSEWHERE,
        pack(exchange.response_body),
        exchange.body_size,
        exchange.started_ms,
        exchange.connected_ms,
        exchange.sent_ms,
        exchange.first_byte_ms,
        exchange.ended_ms,
        storable(exchange.failure),
        pack(dump([exchange.request_headers, exchange.response_headers]).encode()),
        exchange.started_ms,
    )


def errors_text(errors: Iterable[RunError]) -> str:
    """The errors of a run as JSON."""
    return dump([[e.code, e.title, e.detail, e.delay_s] for e in errors])


def errors_of(text: str) -> tuple[RunError, ...]:
    """The errors given to `errors_text`."""
    return tuple(RunError(*fields) for fields in load(text))


def report_text(report: ErrorReport) -> str:
    """What zapdesk says about an outcome, as JSON."""
    items = [[i.code, i.title, i.detail, i.pointer, i.parameter, i.source] for i in report.items]
    return dump(
        [report.title, report.detail, report.side, report.hint, report.technical, items],
    )


def report_of(text: str | None) -> ErrorReport | None:
    """The report given to `report_text`; ``None`` where there is none."""
    if text is None:
        return None
    title, detail, side, hint, technical, items = load(text)
    return ErrorReport(
        title, detail, side, hint, technical, tuple(ErrorItem(*fields) for fields in items)
    )


def _headers(pairs: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)
