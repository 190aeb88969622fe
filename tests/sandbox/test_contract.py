"""The OpenAPI description is the referee of what the sandbox answers."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import jsonschema
import pytest
import yaml

from tests.sandbox.talk import Talk, unwrapped
from tests.spec import openapi_file

pytestmark = pytest.mark.skipif(openapi_file() is None, reason="the OpenAPI file is not here")


@cache
def description() -> Any:
    path = openapi_file()
    assert path is not None
    document = yaml.safe_load(path.read_text())
    schemas = document["components"]["schemas"]
    # Where the document contradicts its own examples and the guides, the examples hold:
    # an action has one of six types, a plain field has no format, a group has many fields.
    schemas["Action"]["properties"]["action_type"] = {"type": "string"}
    schemas["InputField"]["required"] = ["id", "title", "type", "value_type", "is_required"]
    schemas["Fieldset"]["properties"]["fields"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/FieldsetFieldsField"},
    }
    return document


def template_of(path: str) -> str:
    """The path of the document that a real path is an instance of."""
    parts = path.split("/")
    for template in sorted(description()["paths"], key=lambda one: one.count("{")):
        wanted = template.split("/")
        if len(wanted) == len(parts) and all(
            own == part or own.startswith("{") for own, part in zip(wanted, parts, strict=True)
        ):
            return str(template)
    raise AssertionError(f"{path} is not in the document")


def judge(response: httpx.Response) -> None:
    """Fail where the answer's status or body is not what the document declares."""
    request = response.request
    template = template_of(urlsplit(str(request.url)).path)
    declared = description()["paths"][template][request.method.lower()]["responses"]
    assert str(response.status_code) in declared, f"{response.status_code} {template}"
    schema = declared[str(response.status_code)]["content"]["application/json"]["schema"]
    whole = {**copy.deepcopy(schema), "components": description()["components"]}
    jsonschema.Draft202012Validator(whole).validate(response.json())


def test_every_list_and_the_profile_are_as_declared(talk: Talk) -> None:
    for path in ("/v2/apps", "/v1/categories", "/v1/profiles/me"):
        judge(talk.get(path))
    for app in talk.apps():
        judge(talk.get("/v2/actions", app=app["id"]))
        judge(talk.get("/v2/authentications", app=app["id"]))


def test_every_form_and_its_outputs_are_as_declared(talk: Talk) -> None:
    judged = 0
    for app in talk.apps():
        if app["title"] == "Field Zoo":
            continue
        connection = talk.connection(app["title"])
        for action in talk.actions(app["title"]):
            if action["key"] == "fields_fail":
                continue
            body: Any = {"data": {"authentication": connection, "inputs": {}}}
            judge(talk.http.post(f"/v2/actions/{action['id']}/inputs", json=body))
            judge(talk.http.post(f"/v2/actions/{action['id']}/outputs", json=body))
            judged += 1
    assert judged > 50


def test_choices_a_run_and_a_step_test_are_as_declared(talk: Talk) -> None:
    judge(talk.form("Contacts", "create_contact", "inputs/owner/choices"))
    judge(talk.form("Formatter", "calculate", "test", formula="1+1"))
    judge(talk.form("Formatter", "calculate", "test", formula="1/0"))
    started = talk.start("Formatter", "calculate", {"formula": "2*3"})
    judge(started)
    run_id = started.json()["data"]["id"]
    judge(talk.poll(run_id))
    talk.end(run_id)
    judge(talk.poll(run_id))


def test_run_errors_are_as_declared(talk: Talk) -> None:
    for code in ("user", "authentication", "partner", "system", "throttled", "system_throttled",
                 "hydration"):  # fmt: skip
        started = talk.start("Fault Lab", f"error_{code}", {"delay": "45"})
        talk.end(started.json()["data"]["id"])
        judge(talk.poll(started.json()["data"]["id"]))


def test_a_created_connection_is_as_declared(talk: Talk) -> None:
    data = {"title": "Mine", "app": talk.app_id("Mail"), "authentication_fields": {"key": "1"}}
    judge(talk.http.post("/v2/authentications", json={"data": data}))


def test_refusals_are_as_declared(talk: Talk) -> None:
    judge(httpx.get(f"{talk.address.url}/v2/apps"))
    judge(talk.get("/v2/apps", limit="many"))
    judge(talk.get("/v2/actions"))
    judge(talk.http.post("/v2/action-runs", content=b"{"))
    judge(talk.start("Fault Lab", "run_409", {}))
    judge(talk.start("Fault Lab", "run_429", {}))
    judge(talk.start("Fault Lab", "run_503", {}))


def test_the_referee_notices_a_wrong_answer(talk: Talk) -> None:
    response = talk.get("/v2/apps")
    broken = unwrapped(response.json())
    del broken["data"][0]["hex_color"]
    with pytest.raises(jsonschema.ValidationError):
        judge(httpx.Response(200, json=[broken], request=response.request))
