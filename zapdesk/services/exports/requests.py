"""What a snippet has to send: a run of a dossier, as it would be sent again.

PASSWORD values and those of sensitive fields are not there; each is a variable of the environment.
An action id is good for one run, so that every snippet fetches a new one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.payload import HIDDEN_PASSWORD, read_json, write_json
from zapdesk.domain.profiles import ZAPIER_URL, BodyShape
from zapdesk.domain.runs import RunKind
from zapdesk.errors import InvalidInput
from zapdesk.redaction import HIDDEN
from zapdesk.services.dossiers import Dossier, without_marks

TOKEN = "ZAPIER_TOKEN"  # the name of a variable
ADDRESS = "ZAPIER_URL"
_INPUT = "ZAPIER_INPUT_"
_TEST_PAGE = {"limit": 10, "offset": 0}  # as zapdesk sends it


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that is not in the snippet: the variable of the environment that has it."""

    name: str


@dataclass(frozen=True, slots=True)
class Request:
    """A run to be sent. ``address`` is the server's, empty where it changes with every start
    (the sandbox); ``inputs`` holds JSON values, and Variables in the place of secret ones."""

    title: str
    profile_id: str
    address: str
    action: ActionKey
    kind: RunKind
    shape: BodyShape
    authentication_id: str | None
    inputs: Mapping[str, Any]

    @property
    def variables(self) -> tuple[str, ...]:
        """Every variable of the environment that has to be set."""
        named = (value.name for value in self.inputs.values() if isinstance(value, Variable))
        return (TOKEN, *(() if self.address else (ADDRESS,)), *named)

    def body(self, action_id: Any) -> dict[str, Any]:
        """The body as a value; ``action_id`` stands where the fresh id belongs."""
        key = "inputs" if self.shape is BodyShape.SPEC or self.kind is RunKind.TEST else "input"
        data = {"authentication": self.authentication_id, key: self.inputs}
        if self.kind is RunKind.TEST:
            return {"data": data | _TEST_PAGE}
        data = {"action": action_id, **data}
        return data if self.shape is BodyShape.GUIDE else {"data": data}

    def body_pieces(self, action_id: Variable) -> list[str | Variable]:
        """The body as the text that zapdesk sends, cut where a variable's value, as JSON, goes."""
        whole = self.body(action_id)
        text = write_json(_replaced(whole, dict.fromkeys(_variables(whole), ""))).decode()
        word = next(w for n in count() if (w := f"<{n}>") not in text)  # that no value holds
        places = {variable: f"{word}{i}" for i, variable in enumerate(_variables(whole))}
        by_place = {write_json(place).decode(): variable for variable, place in places.items()}
        text = write_json(_replaced(whole, places)).decode()
        pieces = re.split("|".join(f"({re.escape(place)})" for place in by_place), text)
        return [by_place.get(piece, piece) for piece in pieces if piece]


def _variables(value: Any) -> list[Variable]:
    if isinstance(value, Variable):
        return [value]
    items = value.values() if isinstance(value, Mapping) else ()
    return [variable for item in items for variable in _variables(item)]


def _replaced(value: Any, places: Mapping[Variable, str]) -> Any:
    if isinstance(value, Variable):
        return places[value]
    if isinstance(value, Mapping):
        return {name: _replaced(item, places) for name, item in value.items()}
    return value


def request(dossier: Dossier) -> Request:
    """What sends the run of ``dossier`` again.

    Raises InvalidInput where the inputs are not all there, because a part of one was hidden.
    """
    run = dossier.record.run
    inputs = read_json(without_marks(dossier.record.inputs))
    if HIDDEN in write_json(inputs).decode():
        raise InvalidInput(
            "This cannot be written as a command: a part of its inputs is hidden.",
            "They hold something that looks like a token or a key.",
            hint="Mark that field as sensitive; its whole value becomes a variable then.",
        )
    return Request(
        title=f"{run.app_title} › {run.action_title}",
        profile_id=run.profile_id,
        address="" if run.is_in_sandbox else _address(dossier),
        action=run.action,
        kind=run.kind,
        shape=_shape(dossier),
        authentication_id=run.authentication_id,
        inputs=_with_variables(inputs),
    )


def comment(text: str) -> str:
    """``text`` as a comment of one line, in which nothing is hidden from the eye."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _with_variables(inputs: Mapping[str, Any]) -> dict[str, Any]:
    taken: set[str] = set()
    filled: dict[str, Any] = {}
    for name, value in inputs.items():
        if value != HIDDEN_PASSWORD:
            filled[name] = value
            continue
        base = _INPUT + (re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "VALUE")
        variable = next(v for n in range(1, 10_000) if (v := base + f"_{n}" * (n > 1)) not in taken)
        taken.add(variable)
        filled[name] = Variable(variable)
    return filled


def _address(dossier: Dossier) -> str:
    for exchange in dossier.exchanges:
        parts = urlsplit(exchange.url)
        before, found, _ = parts.path.partition("/v2/")
        if found and parts.scheme in {"http", "https"}:
            return f"{parts.scheme}://{parts.netloc}{before}"
    return ZAPIER_URL


def _shape(dossier: Dossier) -> BodyShape:
    """The shape that the server took, or was sent last."""
    for exchange in reversed(dossier.exchanges):
        if exchange.method == "POST" and urlsplit(exchange.url).path.endswith("/v2/action-runs"):
            try:
                body = read_json(without_marks(exchange.request_body))
            except InvalidInput:
                break  # longer than what is kept
            if not isinstance(body, dict):
                break
            if "data" not in body:
                return BodyShape.GUIDE
            return BodyShape.MIXED if "input" in body["data"] else BodyShape.SPEC
    return BodyShape.SPEC
