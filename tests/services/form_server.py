"""A server with one form whose fields and choices a test writes, and that form opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.services.desk import Desk
from tests.services.script_server import Asked, Behaviour, Reply, Script
from zapdesk.domain.catalog import Action, App, Authentication
from zapdesk.services.forms import FormSession

SELECT = {"format": "SELECT"}
APP = App("app-1", "Some App")
ACTION = Action("old-id", "act", "app-1", "WRITE", "Do It")

Fields = Callable[[dict[str, Any]], list[dict[str, Any]]]


def field(id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "input_field", "id": id, "title": id.title(), "value_type": "STRING",
        "default_value": "", "depends_on": [], "invalidates_input_fields": False,
        "is_required": False, **more,
    }  # fmt: skip


def choice(id: str, label: str | None = None) -> dict[str, Any]:
    return {"type": "choice", "id": id, "label": label, "value": id}


def form(fields: Fields, choices: dict[str, Any] | None = None) -> dict[str, Any]:
    """Routes of a server with one form. ``choices``: a field's pages, or what makes a reply."""

    def answer(asked: Asked) -> Reply | Behaviour:
        data = asked.json["data"]
        if asked.path.endswith("/inputs"):
            return 200, {"data": fields(data["inputs"])}
        name = asked.path.split("/")[-2]
        offered = (choices or {})[name]
        if callable(offered):
            made: Reply | Behaviour = offered(asked)
            return made
        page = int(asked.target.partition("page=")[2] or 1)
        following = f"{asked.path}?page={page + 1}" if page < len(offered) else None
        return 200, {"data": offered[page - 1], "links": {"next": following}}

    return {"/v2/actions/": answer}


def asked_inputs(script: Script) -> list[dict[str, Any]]:
    return [a.json["data"]["inputs"] for a in script.asked if a.path.endswith("/inputs")]


def open_form(made: Desk, authentication: Authentication | None = None) -> FormSession:
    return made.forms.open(APP, ACTION, authentication)


def select_form(offered: Any, *more: dict[str, Any], **about: Any) -> dict[str, Any]:
    return form(lambda inputs: [*more, field("kind", **SELECT, **about)], {"kind": offered})
