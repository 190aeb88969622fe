r"""``--input`` and ``--inputs``: what was typed becomes values of a form.

``K=V`` is text (K ends at the first ``=`` that is not escaped as ``\=``), ``K:=JSON`` any JSON,
``K=`` the empty text. The same K several times makes a list.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zapdesk.domain.form import from_texts
from zapdesk.domain.payload import read_json
from zapdesk.errors import InvalidInput
from zapdesk.services.forms import FormSession

_LARGEST = 32 * 1024 * 1024


@dataclass(slots=True)
class Inputs:
    """What the command line gave: texts (several for a list) and JSON values, by field id."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Every field id that was given something."""
        return [*self.values, *(name for name in self.texts if name not in self.values)]


def parse(pairs: Sequence[str], file: str | None = None) -> Inputs:
    """Read ``--input`` pairs and the JSON object in ``file`` (``-`` is standard input).

    A pair wins over the file. Raises InvalidInput naming the pair that cannot be read.
    """
    inputs = Inputs(values=dict(_object(file)) if file is not None else {})
    for pair in pairs:
        name, is_json, text = _split(pair)
        _check_text(name)
        _check_text(text)
        if is_json:
            if name in inputs.texts:
                raise InvalidInput(f"'{name}' is given both as text and as JSON.")
            try:
                inputs.values[name] = read_json(text)
            except InvalidInput as error:
                raise InvalidInput(f"The value of '{name}' is not JSON.", error.detail) from None
        else:
            inputs.texts.setdefault(name, []).append(text)
    for name in inputs.texts:
        inputs.values.pop(name, None)
    return inputs


def _split(pair: str) -> tuple[str, bool, str]:
    start = 0
    while (at := pair.find("=", start)) != -1:
        if at == 0 or pair[at - 1] != "\\":
            name = pair[:at]
            is_json = name.endswith(":")
            name = (name[:-1] if is_json else name).replace("\\=", "=")
            if name:
                return name, is_json, pair[at + 1 :]
            break
        start = at + 1
    raise InvalidInput(
        f"'{pair}' is not a field with a value.",
        hint="Write --input field=text, or --input field:=JSON.",
    )


def _check_text(text: str) -> None:
    # Bytes that are no UTF-8 reach us as lone surrogates; they could not be sent as meant.
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput("An input is not valid UTF-8 text.") from None


def _object(file: str) -> Mapping[str, Any]:
    name = "standard input" if file == "-" else file
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                raw = opened.read(_LARGEST + 1)
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read.", error.strerror or "") from None
    if len(raw) > _LARGEST:
        raise InvalidInput(f"{name} is larger than any run's inputs may be.")
    try:
        value = read_json(raw.removeprefix(b"\xef\xbb\xbf"))
    except InvalidInput as error:
        raise InvalidInput(f"{name} does not hold a JSON object.", error.detail) from None
    if not isinstance(value, dict):
        raise InvalidInput(f"{name} does not hold a JSON object, from field ids to values.")
    return value


async def fill(form: FormSession, inputs: Inputs) -> None:
    """Put ``inputs`` into a loaded form, fetching it again where a value brings other fields.

    A field is filled after the ones it depends on. Raises InvalidInput for ids that the form
    does not have once everything else is filled in.
    """
    pending = set(inputs.names)
    while pending:
        ready = _ready(form, pending)
        if not ready:
            await form.settle()
            if not _ready(form, pending):
                name = next(n for n in inputs.names if n in pending)
                form.state.field(name)
                raise InvalidInput(f"'{name}' cannot be filled in.")
            continue
        for name in ready:
            pending.discard(name)
            if name in inputs.texts:
                form.edit(name, from_texts(form.state.field(name), inputs.texts[name]))
            else:
                form.edit(name, inputs.values[name])
    await form.settle()


def _ready(form: FormSession, pending: set[str]) -> list[str]:
    """The pending fields that the form has now, those that others depend on first."""
    fields = form.state.fields
    rest = [name for name in fields if name in pending]
    ordered: list[str] = []
    while rest:
        free = [n for n in rest if not any(d in rest and d != n for d in fields[n].depends_on)]
        taken = free or rest[:1]  # in a cycle somebody has to be first
        ordered += taken
        rest = [name for name in rest if name not in taken]
    return ordered
