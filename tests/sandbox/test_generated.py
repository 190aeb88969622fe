"""Requests made from the OpenAPI description, right and wrong ones: the sandbox answers each as the
description declares, and never with a fault of its own."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import FULL
from tests.sandbox.talk import Talk
from tests.sandbox.test_contract import description, judge
from tests.spec import openapi_file

pytestmark = pytest.mark.skipif(openapi_file() is None, reason="the OpenAPI file is not here")

OPERATIONS = (
    ("get", "/v1/categories"),
    ("get", "/v1/profiles/me"),
    ("get", "/v2/apps"),
    ("get", "/v2/actions"),
    ("get", "/v2/authentications"),
    ("post", "/v2/authentications"),
    ("post", "/v2/actions/{action_id}/inputs"),
    ("post", "/v2/actions/{action_id}/inputs/{input_id}/choices"),
    ("post", "/v2/actions/{action_id}/outputs"),
    ("post", "/v2/actions/{action_id}/test"),
    ("post", "/v2/action-runs"),
    ("get", "/v2/action-runs/{id}"),
)
_UNDECLARED = {404, 405, 413}
"""Refusals that the description leaves out; other documents of the API name them."""
_ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def resolved(schema: Any) -> Any:
    """The schema that is meant, for one that only points at it."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = description()["components"]["schemas"][name]
    return schema


def fitting(schema: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that a schema allows, and now and then one that it may not."""
    schema = resolved(schema)
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return st.one_of([fitting(one, depth + 1) for one in schema[word]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    right = st.one_of([_of_kind(word, schema, depth) for word in kinds])
    nothing = st.none() if schema.get("nullable") else st.nothing()
    return st.one_of(right, right, right, nothing, _ANYTHING)


def _of_kind(kind: str | None, schema: Any, depth: int) -> st.SearchStrategy[Any]:
    match kind:
        case "object" if schema.get("properties"):
            members = {name: fitting(one, depth + 1) for name, one in schema["properties"].items()}
            needed = set(schema.get("required", ()))
            return st.fixed_dictionaries(
                {name: one for name, one in members.items() if name in needed},
                optional={name: one for name, one in members.items() if name not in needed},
            )
        case "object":
            return st.dictionaries(st.text(max_size=8), _ANYTHING, max_size=3)
        case "array":
            return st.lists(fitting(schema.get("items", {}), depth + 1), max_size=3)
        case "string":
            return st.text(max_size=20)
        case "integer":
            return st.integers(-5, 200)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return _ANYTHING


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, dict[str, str], Any, bool, bool]:
    """Method, path with its names left open, query, body, and whether the names and the body's
    own names are to be real ones."""
    method, template = draw(st.sampled_from(OPERATIONS))
    operation = description()["paths"][template][method]
    query = {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and (parameter.get("required") or draw(st.booleans())):
            value = draw(fitting(parameter["schema"]))
            query[parameter["name"]] = value if isinstance(value, str) else json.dumps(value)
    body: Any = None
    if "requestBody" in operation:
        body = draw(fitting(operation["requestBody"]["content"]["application/json"]["schema"]))
    return method, template, query, body, draw(st.booleans()), draw(st.booleans())


def made_real(talk: Talk, template: str, query: dict[str, str], body: Any) -> str:
    """Put names that exist where something is named; the path, so filled in."""
    app, action = talk.app_id("Formatter"), talk.fresh("Formatter", "text")
    if "app" in query:
        query["app"] = app
    data = body.get("data") if isinstance(body, dict) else None
    if isinstance(data, dict):
        data.update({name: None for name in ("authentication",) if name in data})
        data.update({name: action for name in ("action",) if name in data})
        data.update({name: talk.app_id("Mail") for name in ("app",) if name in data})
    return template.replace("{action_id}", action).replace("{input_id}", "transform")


@settings(
    max_examples=1000 if FULL else 120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(request=requests(), odd=st.text(min_size=1, max_size=10))
def test_every_answer_is_one_that_the_description_declares(
    talk: Talk, request: tuple[str, str, dict[str, str], Any, bool, bool], odd: str
) -> None:
    method, template, query, body, is_real, is_json = request
    path = made_real(talk, template, query, body) if is_real else template
    for name in ("{action_id}", "{input_id}", "{id}"):
        path = path.replace(name, quote(odd.encode("utf-8", "replace"), safe=""))
    content = None
    if method == "post":
        content = json.dumps(body).encode() if is_json or is_real else odd.encode("utf-8", "ignore")
    answer = talk.http.request(method.upper(), path, params=query, content=content)
    assert answer.status_code < 500, (path, query, body, answer.text)
    if answer.status_code in _UNDECLARED:
        assert answer.json()["errors"]
        return
    answer.request = httpx.Request(method.upper(), talk.address.url + template)
    judge(answer)
