"""What is sent: each endpoint of the Workflow API as a function that makes its Call. Pure.

Bodies keep the exact text of numbers. Beside each body stands the one that may be recorded, in
which PASSWORD values are replaced by a marker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zapdesk.api.calls import Call, Credential, path, with_items
from zapdesk.domain.payload import texts_within, without_secrets, write_json
from zapdesk.domain.profiles import BodyShape

PAGE_SIZE = 100
"""Entries asked for at once. No maximum is documented for v2; v1 stops at 100."""


def apps(query: str, category: str, ids: Iterable[str], limit: int, offset: int) -> Call:
    """The directory. ``ids`` and ``category`` exclude each other."""
    return Call(
        "apps",
        "GET",
        "/v2/apps",
        with_items(
            query=query, category=category, ids=",".join(ids), limit=limit, offset=offset or None
        ),
        credential=Credential.TOKEN_OR_CLIENT,
        scope="zap",
    )


def actions(app_id: str, action_type: str) -> Call:
    """An app's actions; every kind of them where ``action_type`` is empty."""
    return Call(
        "actions",
        "GET",
        "/v2/actions",
        with_items(app=app_id, action_type=action_type),
        credential=Credential.TOKEN_OR_CLIENT,
        scope="zap",
    )


def authentications(app_id: str) -> Call:
    """A person's own authentications for an app."""
    return Call(
        "authentications",
        "GET",
        "/v2/authentications",
        with_items(app=app_id, limit=PAGE_SIZE),
        scope="connection:read (in older registrations: authentication)",
    )


def new_authentication(app_id: str, title: str, fields: Mapping[str, Any]) -> Call:
    """Make an authentication from credentials. Every field counts as secret."""

    def body(values: Mapping[str, Any]) -> bytes:
        data = {"title": title, "app": app_id, "authentication_fields": values}
        return write_json({"data": data})

    return Call(
        "new authentication",
        "POST",
        "/v2/authentications",
        body=body(fields),
        shown_body=body(without_secrets(fields, frozenset(fields))),
        secrets=_secret_values(fields, frozenset(fields)),
        scope="connection:write (in older registrations: authentication:write)",
    )


def categories() -> Call:
    """The shelves of the directory; needs no sign-in."""
    return Call(
        "categories",
        "GET",
        "/v1/categories",
        with_items(limit=PAGE_SIZE),
        credential=Credential.NONE,
    )


def profile() -> Call:
    """Whose token it is."""
    return Call("profile", "GET", "/v1/profiles/me", scope="profile")


def below_action(
    purpose: str,
    segments: tuple[str, ...],
    action_id: str,
    authentication_id: str | None,
    inputs: Mapping[str, Any],
    secret_ids: Iterable[str],
    scope: str = "zap:write",
    **more: Any,
) -> Call:
    """A call below ``/v2/actions/{id}/``; all of them share one body."""

    def body(values: Mapping[str, Any]) -> bytes:
        return write_json({"data": {"authentication": authentication_id, "inputs": values, **more}})

    secrets = frozenset(secret_ids)
    return Call(
        purpose,
        "POST",
        path("v2", "actions", action_id, *segments),
        body=body(inputs),
        shown_body=body(without_secrets(inputs, secrets)),
        secrets=_secret_values(inputs, secrets),
        scope=scope,
    )


def run_body(
    shape: BodyShape, action_id: str, authentication_id: str | None, inputs: Mapping[str, Any]
) -> bytes:
    """The body that starts a run. Raises InvalidInput for what JSON cannot hold."""
    key = "inputs" if shape is BodyShape.SPEC else "input"
    body = {"action": action_id, "authentication": authentication_id, key: inputs}
    return write_json(body if shape is BodyShape.GUIDE else {"data": body})


def new_run(
    shape: BodyShape,
    action_id: str,
    authentication_id: str | None,
    inputs: Mapping[str, Any],
    secret_ids: Iterable[str],
) -> Call:
    """Start a run."""
    secrets = frozenset(secret_ids)
    shown = without_secrets(inputs, secrets)
    return Call(
        "start run",
        "POST",
        "/v2/action-runs",
        body=run_body(shape, action_id, authentication_id, inputs),
        shown_body=run_body(shape, action_id, authentication_id, shown),
        secrets=_secret_values(inputs, secrets),
        scope="action:run",
    )


def run(run_id: str) -> Call:
    """How a run stands."""
    return Call("run", "GET", path("v2", "action-runs", run_id), scope="action:run")


def _secret_values(inputs: Mapping[str, Any], secret_ids: frozenset[str]) -> frozenset[str]:
    return frozenset(texts_within(value for name, value in inputs.items() if name in secret_ids))
