"""How a server words its answers: each thing the documents contradict each other in is a switch.

Everything a dialect says is allowed by some document; a client must understand them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.strict.definitions import ActionDefinition, AppDefinition, Node

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The choices of one server. The defaults follow the published OpenAPI file."""

    wraps_lists: bool = True
    results: Literal["array", "object", "absent"] = "array"
    unfinished: str = "waiting"
    success: str = "success"
    error: str = "error"
    run_id: Literal["uuid", "arun", "slashes"] = "uuid"
    run_id_key: Literal["id", "run_id", "top"] = "id"
    pending_code: int = 200
    body_shape: Literal["data.inputs", "input", "data.input"] = "data.inputs"
    action_id: Literal["core", "uag", "odd"] = "core"
    expands_app: bool = False
    action_type_is_action: bool = False
    error_status_is_text: bool = False
    fieldset_is_object: bool = False
    types_are_lower: bool = False
    leaves_out_empty: bool = False
    links: Literal["given", "null", "absent"] = "given"
    choice_pages: Literal["number", "cursor", "absent"] = "number"
    page_size: int = 10
    next_host: str = ""
    """Where next links point to, if not to this server: a token must not go there."""
    media_type: str = "application/json"
    is_compressed: bool = False

    def listing(
        self,
        items: Sequence[Any],
        *,
        limit: int | None,
        offset: int | None,
        total: int,
        next_url: str | None,
        is_wrapped: bool,
    ) -> Any:
        """An offset-style envelope around ``items``."""
        body: Json = {"meta": {"count": total, "limit": limit, "offset": offset}}
        if self.links != "absent":
            body["links"] = {"next": next_url, "prev": None}
        if items or not self.leaves_out_empty:
            body["data"] = list(items)
        return [body] if is_wrapped and self.wraps_lists else body

    def app(self, app: AppDefinition, base_url: str) -> Json:
        url = f"{base_url}/engine/auth/start/{app.title.replace(' ', '')}CLIAPI@1.0.0"
        picture = f"{base_url}/pictures/{app.id}.png"
        return {
            "id": app.id,
            "type": "app",
            "title": app.title,
            "description": f"What {app.title} does.",
            "image": picture,
            "images": {f"url_{n}x{n}": picture for n in (16, 32, 64, 128)},
            "hex_color": "1d6f8a" if len(app.title) % 2 else "f40",
            "categories": [{"slug": "notes"}],
            "action_types": list(app.action_types),
            "links": {"connect_new_authentication": url if app.needs_authentication else None},
        }

    def action(self, app: AppDefinition, action: ActionDefinition, id: str, base_url: str) -> Json:
        word = "action" if self.action_type_is_action and not app.shares_keys else None
        return {
            "id": id,
            "key": action.key,
            "app": self.app(app, base_url) if self.expands_app else app.id,
            "type": "action",
            "action_type": word or action.action_type,
            "is_instant": action.is_instant,
            "title": action.title,
            "description": action.description,
        }

    def node(self, node: Node) -> Json:
        """A node of a form."""
        if node["type"] == "fieldset":
            children = [self.node(child) for child in node["fields"]]
            is_object = self.fieldset_is_object and len(children) == 1
            return {**node, "fields": children[0] if is_object else children}
        if node["type"] != "input_field":
            return dict(node)
        worded: Json = dict(node)
        if self.types_are_lower:
            worded["value_type"] = node["value_type"].lower()
        if self.leaves_out_empty:
            worded = {
                name: value
                for name, value in worded.items()
                if name not in {"default_value", "depends_on", "placeholder", "description"}
                or value
            }
        else:
            worded.setdefault("format", None)
        return worded

    def accepted(self, run_id: str) -> Json:
        """The answer to a run that was accepted."""
        if self.run_id_key == "top":
            return {"id": run_id}
        return {"data": {"type": "run", self.run_id_key: run_id}}

    def run(self, word: str, results: Sequence[Any], errors: Sequence[Mapping[str, Any]]) -> Json:
        """The answer to a poll."""
        data: Json = {"type": "run", "status": word, "errors": list(errors)}
        if self.results == "array" or len(results) > 1:
            data["results"] = list(results)
        elif self.results == "object" and results:
            data["results"] = results[0]
        return {"data": data}

    def failure(
        self, status: int, code: str, title: str, detail: str, pointer: str | None = None
    ) -> Json:
        """An error envelope."""
        return {
            "errors": [
                {
                    "status": str(status) if self.error_status_is_text else status,
                    "code": code,
                    "title": title,
                    "detail": detail,
                    "source": {"pointer": pointer} if pointer else None,
                    "meta": {
                        "source": "ZAPIER",
                        "full_details": {"message": detail, "code": code},
                    },
                }
            ]
        }


OPENAPI = Dialect()
GUIDES = Dialect(
    wraps_lists=False,
    results="object",
    unfinished="queued",
    run_id="arun",
    run_id_key="run_id",
    action_id="uag",
    expands_app=True,
    error_status_is_text=True,
    types_are_lower=True,
    leaves_out_empty=True,
    links="null",
    choice_pages="cursor",
    page_size=100,
    media_type="application/vnd.api+json",
)
ODD = Dialect(
    wraps_lists=False,
    results="absent",
    unfinished="IN_PROGRESS",
    success="Success",
    error="ERROR",
    run_id="slashes",
    run_id_key="top",
    pending_code=202,
    action_id="odd",
    action_type_is_action=True,
    fieldset_is_object=True,
    links="absent",
    choice_pages="absent",
    page_size=100,
    is_compressed=True,
)
DIALECTS = {"openapi": OPENAPI, "guides": GUIDES, "odd": ODD}
