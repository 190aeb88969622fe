"""The published description of the API is the referee of what we send."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx
import jsonschema
import pytest
import yaml

from tests.api.clients import Replies, reply, talk
from tests.spec import openapi_file
from zapdesk.api.client import ZapierClient
from zapdesk.domain.profiles import BodyShape

pytestmark = pytest.mark.skipif(openapi_file() is None, reason="the OpenAPI file is absent")


@cache
def _document() -> dict[str, Any]:
    path = openapi_file()
    assert path is not None
    document: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return document


def _operation(request: httpx.Request) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    path = request.url.raw_path.decode().split("?")[0]
    for template, item in _document()["paths"].items():
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(template.rstrip("/")))
        if re.fullmatch(pattern, path) and request.method.lower() in item:
            operation = item[request.method.lower()]
            return template, operation, item.get("parameters", []) + operation.get("parameters", [])
    raise AssertionError(f"{request.method} {path} is not in the document")


def _resolved(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        place: Any = _document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            place = place[unquote(part)]
        node = place
    return node


def _check(request: httpx.Request) -> str:
    """Fail where ``request`` breaks the document; the template of its path otherwise."""
    template, operation, parameters = _operation(request)
    declared = {p["name"]: p for p in map(_resolved, parameters) if p["in"] == "query"}
    asked = parse_qs(request.url.query.decode(), keep_blank_values=True)
    assert set(asked) <= set(declared), template
    assert {n for n, p in declared.items() if p.get("required")} <= set(asked), template
    if "requestBody" in operation:
        content = _resolved(operation["requestBody"])["content"]
        assert request.headers["content-type"] in content, template
        schema = content[request.headers["content-type"]]["schema"]
        whole = {**schema, "components": _document()["components"]}
        jsonschema.Draft202012Validator(whole).validate(json.loads(request.content))
    else:
        assert request.content == b"", template
    return template


async def _everything(client: ZapierClient) -> None:
    inputs = {"text": "x", "tags": ["a"], "map": {"k": "v"}}
    await client.apps(query="t", category="notes", limit=5, offset=5)
    await client.actions("0f5a2b52-7d0e-4f1b-9f58-3b1f0a77c001", "WRITE")
    await client.authentications("0f5a2b52-7d0e-4f1b-9f58-3b1f0a77c001")
    await client.create_authentication("0f5a2b52-7d0e-4f1b-9f58-3b1f0a77c001", "T", {"k": "v"})
    await client.categories()
    for authentication in (None, "t4WmQ9aZ"):
        await client.input_fields("core:1", authentication, inputs)
        await client.choices("core:1", "a b", authentication, inputs, "2")
        await client.output_fields("core:1", authentication, inputs, True)
        await client.test_action("core:1", authentication, inputs)
        await client.start_run("core:1", authentication, inputs)
    await client.run("5b1d0c52-3f0c-4c7e-9a55-2f7b8f6f9e10")
    await client.me()


def test_every_request_keeps_to_the_published_description() -> None:
    entry = {"id": "r", "status": "waiting", "key": "k", "slug": "s", "value_type": "STRING"}
    replies = Replies([reply(200, {"id": 1, "data": [entry], "links": {}, "meta": {}})])
    talk(replies, _everything)
    operations = {(request.method, _check(request)) for request in replies.requests}
    assert len(operations) == 12
    assert len(replies.requests) == 17


def test_the_referee_notices_a_body_of_another_shape() -> None:
    replies = Replies([reply(200, {"data": {"id": "r"}})])
    talk(replies, lambda c: c.start_run("core:1", None, {}), shape=BodyShape.GUIDE)
    with pytest.raises(jsonschema.ValidationError):
        _check(replies.requests[0])
