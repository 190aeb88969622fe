"""Domain objects as the JSON that the command line prints. The keys are stable and documented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.domain.fields import Choice
from zapdesk.domain.form_facts import Problem
from zapdesk.errors import ErrorReport, ZapdeskError
from zapdesk.services.run_documents import facts as facts
from zapdesk.services.run_documents import fields_of as fields_of
from zapdesk.services.run_documents import json_value as json_value
from zapdesk.services.run_documents import outcome as outcome
from zapdesk.services.run_documents import run as run
from zapdesk.services.run_documents import summary as summary
from zapdesk.services.run_documents import when as when

if TYPE_CHECKING:  # it brings the HTTP library, which the commands for the log do not need
    from zapdesk.services.connections import AppConnections


def app(value: App) -> dict[str, Any]:
    """An app."""
    return {
        "id": value.id,
        "title": value.title,
        "description": value.description,
        "action_types": list(value.action_types),
        "categories": list(value.categories),
        "needs_connection": value.needs_authentication,
    }


def action(value: Action) -> dict[str, Any]:
    """An action, by its lasting name; its volatile id is nobody's business."""
    return {
        "key": value.key,
        "action_type": value.action_type,
        "app": value.app_id,
        "title": value.title,
        "description": value.description,
    }


def connection(value: Authentication) -> dict[str, Any]:
    """A connection."""
    return {
        "id": value.id,
        "title": value.title,
        "app": value.app_id,
        "is_expired": value.is_expired,
    }


def connection_of(known: AppConnections, value: Authentication) -> dict[str, Any]:
    """A connection with whether it works, as far as was known at ``checked``."""
    fetched_ms = known.known.fetched_ms
    return connection(value) | {
        "app_title": known.app.title,
        "state": known.state(value).value,
        "checked": None if fetched_ms is None else when(fetched_ms),
    }


def problem(value: Problem) -> dict[str, Any]:
    """What is wrong with one field."""
    return {"field": value.field_id, "text": value.text}


def choice(value: Choice) -> dict[str, Any]:
    """A choice; the id is what is sent."""
    return {"id": value.id, "label": value.label, "value": value.value}


def error(value: ZapdeskError) -> dict[str, Any]:
    """What kept a command from doing its work."""
    return report(ErrorReport.of(value))


def report(value: ErrorReport) -> dict[str, Any]:
    """An error in plain words."""
    return {
        "title": value.title,
        "detail": value.detail,
        "side": value.side,
        "hint": value.hint,
    }
