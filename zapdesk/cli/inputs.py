r"""``--input`` and ``--inputs``: what was typed becomes values of a form.

``K=V`` is text (K ends at the first ``=`` that is not escaped as ``\=``), ``K:=JSON`` any JSON,
``K=`` the empty text. The same K several times makes a list.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zapdesk.domain.payload import read_json
from zapdesk.domain.pieces import Mapped, interpreted_within
from zapdesk.domain.values import from_texts
from zapdesk.errors import InvalidInput

if TYPE_CHECKING:  # it brings the HTTP library, which the commands for the log do not need
    from zapdesk.services.forms import FormSession

_LARGEST = 32 * 1024 * 1024


@dataclass(slots=True)
class Inputs:
    """What the command line gave: texts (several for a list) and JSON values, by field id."""

    texts: dict[str, list[Mapped | str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Every field id that was given something."""
        return [*self.values, *(name for name in self.texts if name not in self.values)]


def parse(pairs: Sequence[str], file: str | None = None, *, resolve: bool = False) -> Inputs:
    """Read ``--input`` pairs and the JSON object in ``file`` (``-`` is standard input).

    A pair wins over the file. ``resolve`` takes ``{{…}}`` in texts as pieces that are worked
    out; otherwise it stays as it is written. Raises InvalidInput naming the pair that cannot be
    read.
    """
    inputs = Inputs(values=dict(_object(file)) if file is not None else {})
    for pair in pairs:
        name, is_json, text = _split(pair)
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
    if resolve:
        return Inputs(interpreted_within(inputs.texts), interpreted_within(inputs.values))
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


async def fill(form: FormSession, inputs: Inputs, *, fetches: bool = True) -> None:
    """Put ``inputs`` into a loaded form, fetching it again where a value brings other fields
    (``fetches`` false: as far as it goes without the server).

    A field is filled after the ones it depends on. Raises InvalidInput for ids that the form
    does not have once everything else is filled in, and what kept the form from being fetched.
    """
    pending = set(inputs.names)
    while pending:
        ready = form.state.in_order(pending)
        if not ready:
            if fetches:
                await form.settle()
                if form.trouble is not None:
                    raise form.trouble
            if not form.state.in_order(pending):
                form.state.field(next(name for name in inputs.names if name in pending))
            continue
        for name in ready:
            pending.discard(name)
            if name in inputs.texts:
                form.edit(name, from_texts(form.state.field(name), inputs.texts[name]))
            else:
                form.edit(name, inputs.values[name])
    if fetches:
        await form.settle()
    else:
        await form.prepare()
