"""What a client may do: the meaning of its requests, their order and their pace.

Every wrong thing becomes one sentence in ``violations``. The judge never answers a request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.strict.definitions import ActionDefinition, AppDefinition, all_apps
from tests.strict.kinds import Place, required_faults, value_faults
from tests.strict.requests import Request
from tests.strict.tokens import FormCall, Issued, Plan, Run, Token

POLL_AFTER_S = (1, 2, 3, 5, 8, 13, 20, 30, 60)
JITTER = 0.2
CALLS_A_MINUTE = 50
CLOCK_GRAIN_S = 0.05
ON_THE_WAY_S = 0.25
"""How long requests that left before an answer came may still arrive."""
UNDER_WAY = 3
"""So many fetches of one form may arrive in another order than they left in."""
NO_HURRY_S = 0.3
"""The least wait before a failed read is asked again."""
_SIGN_IN = re.compile(rb'"(authentication_failed|not_authenticated)"')
_SHAPE = re.compile(rb'"parse_error"|"pointer": "/(data|data/inputs|input|action)"')
SHAPES = {
    "data.inputs": ("data", "inputs"),
    "input": ("", "input"),
    "data.input": ("data", "input"),
}


class Judge:
    """Collects violations."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.judged = 0
        self.apps: dict[str, AppDefinition] = {app.id: app for app in all_apps()}

    def complain(self, request: Request, *sentences: str) -> None:
        where = f"{request.method} {request.target[:90]}"
        self.violations += [f"{where}: {sentence}" for sentence in sentences]

    def find(self, app_id: str, name: str) -> ActionDefinition:
        """The action ``TYPE:key`` of an app."""
        return next(action for action in self.apps[app_id].actions if action.name == name)

    # Pace

    def pace(self, request: Request, token: Token) -> None:
        """Calls a minute, and the waits that earlier answers asked for."""
        key = f"{request.method} {request.target}"
        told_at, until = token.not_before.pop(key, (0.0, 0.0))
        if request.at < until - CLOCK_GRAIN_S:
            early = until - request.at
            self.complain(request, f"it came {early:.2f} s before the wait it was told was over")
        if not token.is_rated:
            return
        for asked, (told_at, until) in token.not_before.items():
            if told_at + ON_THE_WAY_S < request.at < until - CLOCK_GRAIN_S:
                self.complain(request, f"it came while {asked} had been told to wait")
        token.calls.append(request.at)
        while token.calls[0] < request.at - 60 + 2 * ON_THE_WAY_S:
            token.calls.popleft()
        if len(token.calls) > CALLS_A_MINUTE:
            self.complain(request, f"it is call number {len(token.calls)} within a minute")

    def poll(self, request: Request, run: Run) -> None:
        """A look at a run: not too early, and not after its end."""
        if run.plan.is_ended:
            self.complain(request, "the run had ended, and the client had been told")
        if run.looked_at < run.accepted_at:  # the first look
            since, least = run.accepted_at, POLL_AFTER_S[0] * (1 - JITTER)
        else:
            since = run.looked_at
            step = POLL_AFTER_S[min(run.answers, len(POLL_AFTER_S) - 1)]
            least = NO_HURRY_S if run.is_failed_look else step * (1 - JITTER)
        if request.at - since < least - CLOCK_GRAIN_S:
            self.complain(
                request, f"it came after {request.at - since:.2f} s; {least:.2f} s were due"
            )

    # Forms

    def action(self, request: Request, token: Token, id: str) -> Issued | None:
        """The action an id stands for."""
        issued = token.issued.get(id)
        if issued is None:
            self.complain(request, f"the action id {id!r} was never given to this person")
        return issued

    def authentication(
        self, request: Request, token: Token, action: ActionDefinition, value: Any
    ) -> None:
        app = self.apps[action.app_id]
        owned = {connection.id: connection for connection in token.connections(app)}
        if not app.needs_authentication:
            if value is not None:
                self.complain(request, "an authentication was sent to an app that needs none")
        elif value is None:
            self.complain(request, "the app needs an authentication, and null was sent")
        elif value not in owned:
            self.complain(request, f"the authentication {value!r} is not of this person and app")
        elif owned[value].is_expired:
            self.complain(request, "the authentication is expired")

    def form_call(self, request: Request, token: Token, action: ActionDefinition) -> None:
        """A call of /inputs, /choices or /outputs: only what some form of it had asked for."""
        memory = token.form(action)
        inputs = request.data.get("inputs") or {}
        if request.endpoint == "inputs" and not memory.calls and inputs:
            self.complain(request, "the first call of a form was not made with empty inputs")
        place = Place(action, inputs, memory.said)
        for id, value in inputs.items():
            if id not in memory.fields:
                self.complain(request, f"no form had asked for {id!r}")
            elif not any(value == node["default_value"] != "" for node in memory.fields[id]):
                # What a default means may not be known before the choices have been asked for.
                self.complain(request, *value_faults(place, memory.fields[id], value))

    def remember_form(self, request: Request, token: Token, action: ActionDefinition) -> None:
        """Keep what a form asked for, after it was answered."""
        memory = token.form(action)
        inputs = request.data["inputs"]
        memory.calls.append(FormCall(request.data["authentication"], inputs))
        for id, nodes in action.input_fields(inputs).items():
            known = memory.fields.setdefault(id, [])
            known += [node for node in nodes if node not in known]

    def choices(
        self, request: Request, token: Token, action: ActionDefinition, field_id: str
    ) -> None:
        """Choices are asked for a field that has them, when what it depends on is filled."""
        memory = token.form(action)
        nodes = memory.fields.get(field_id)
        if not nodes:
            self.complain(request, f"choices of {field_id!r}, which no form had asked for")
            return
        if not any(n.get("format") == "SELECT" or n["value_type"] == "BOOLEAN" for n in nodes):
            self.complain(request, f"choices of {field_id!r}, which is no SELECT")
        inputs = request.data.get("inputs") or {}
        for id in nodes[-1].get("depends_on") or ():
            if id in memory.fields and inputs.get(id) in (None, "", []):
                self.complain(request, f"choices of {field_id!r} before {id!r} was filled")
        page = dict(request.query).get("page", "1")
        if page == "1":
            return
        begun = memory.choice_page.get(field_id, {})
        due = begun.get(json.dumps(request.json, sort_keys=True))
        if due is None and page in begun.values():
            self.complain(request, "a later page of choices was asked for with another body")
        elif page != due:
            self.complain(request, f"page {page!r} was asked for; the page due was {due!r}")

    # Runs

    def run_body(
        self, request: Request, token: Token
    ) -> tuple[str, ActionDefinition, dict[str, Any]] | None:
        """Read the body of a run; None where it has none of the documented shapes."""
        for shape, (wrapper, name) in SHAPES.items():
            inner = request.data if wrapper else request.json
            outer_is_right = not wrapper or set(request.json) == {"data"}
            keys = {"action", "authentication", name}
            if isinstance(inner, dict) and set(inner) == keys and outer_is_right:
                issued = self.action(request, token, inner["action"])
                if issued is None or not isinstance(inner[name], dict):
                    return None
                self._shape(request, token, shape)
                self.authentication(request, token, issued.action, inner["authentication"])
                return shape, issued.action, inner[name]
        self.complain(request, "the body has none of the documented shapes")
        return None

    def _shape(self, request: Request, token: Token, shape: str) -> None:
        if token.accepted_shape:
            if shape != token.accepted_shape:
                self.complain(request, f"shape {shape}, though {token.accepted_shape} had worked")
        elif shape in token.refused_shapes:
            self.complain(request, f"shape {shape} again, which had been refused")
        elif shape != "data.inputs" and not token.refused_shapes:
            self.complain(request, f"shape {shape}, though the first had not been refused")

    def run(
        self,
        request: Request,
        token: Token,
        action: ActionDefinition,
        action_id: str,
        authentication: Any,
        inputs: Mapping[str, Any],
    ) -> Plan | None:
        """A run or a step test that is about to be accepted. The plan it belongs to, if any."""
        memory = token.form(action)
        plan = token.plan_for(action, request.endpoint == "test")
        issued_at = token.issued[action_id].at
        if action_id in token.used_ids:
            self.complain(request, "the action id had been used before")
        token.used_ids.add(action_id)
        if issued_at < memory.last_at:
            self.complain(request, "the action id is older than the form it was filled in with")
        if plan is None:
            self.complain(request, "nobody had ordered it")
        else:
            self._repeat(request, plan)
            since = plan.posts[-1].at if plan.posts else plan.made_at
            if issued_at < since:
                self.complain(request, "the action id is older than the order or the last attempt")
            if plan.inputs is not None and _text(plan.inputs) != _text(inputs):
                self.complain(request, "the inputs are not those that were ordered")
            plan.posts.append(request)
        self.complain(request, *self._filled(token, action, authentication, inputs))
        return plan

    def _filled(
        self,
        token: Token,
        action: ActionDefinition,
        authentication: Any,
        inputs: Mapping[str, Any],
    ) -> list[str]:
        memory = token.form(action)
        asked = action.input_fields(inputs)
        place = Place(action, inputs, memory.said)
        found = []
        for id, value in inputs.items():
            if id not in asked:
                found.append(f"the form for these values does not ask for {id!r}")
            else:
                found += value_faults(place, asked[id], value)
        found += required_faults(place)
        if not memory.calls:
            return [*found, "the form was never fetched"]
        if memory.calls[-1].authentication != authentication:
            found.append("the form had been fetched for another authentication")
        for id, nodes in asked.items():
            invalidates = any(node["invalidates_input_fields"] for node in nodes)
            # One that was overtaken may have come last: two of them are under way at a time.
            fetched = (_text(call.inputs.get(id)) for call in memory.calls[-UNDER_WAY:])
            if invalidates and _text(inputs.get(id)) not in fetched:
                found.append(f"{id!r} changed, and the form was not fetched again")
        return found

    def _repeat(self, request: Request, plan: Plan) -> None:
        """Only a refusal of the token or of the body's shape lets a POST be sent once more."""
        if not plan.posts:
            return
        reasons = [_reason_to_repeat(post) for post in plan.posts]
        if reasons[-1] not in {"token", "shape"} or len(reasons) > len(set(reasons)):
            self.complain(request, f"it was sent again after {plan.posts[-1].status or 'silence'}")


def _reason_to_repeat(post: Request) -> str:
    if post.status == 401 or (post.status == 403 and _SIGN_IN.search(post.answer)):
        return "token"
    if post.status == 400 and _SHAPE.search(post.answer):
        return "shape"
    return str(post.status)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
