"""JMESPath over a result whose numbers keep their text. One function, for whatever process runs it.

The library tells types apart by the names of their classes, and its arithmetic by floats; both are
taught to take exact numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, DecimalException
from typing import Any

import jmespath
from jmespath import exceptions, functions

from zapdesk.domain.payload import ExactNumber, exact_integer, write_json
from zapdesk.domain.result_values import read_result
from zapdesk.errors import InvalidInput

MOST_BYTES = 32 * 1024 * 1024
"""Of what a filter may bring."""

_EXACT = ("ExactNumber", "Decimal")

for _name in _EXACT:
    functions.TYPES_MAP[_name] = "number"
functions.REVERSE_TYPES_MAP["number"] += _EXACT


class _Functions(functions.Functions):
    """Those functions of the library that would not know an exact number."""

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, arg: list[Any]) -> Any:
        return sum(map(Decimal, arg)) / len(arg) if arg else None

    @functions.signature({"types": []})
    def _func_to_string(self, arg: Any) -> str:
        return arg if isinstance(arg, str) else write_json(_writable(arg)).decode()

    @functions.signature({"types": []})
    def _func_to_number(self, arg: Any) -> Any:
        if isinstance(arg, str):
            try:
                return exact_integer(arg) if arg.lstrip("-").isdecimal() else ExactNumber(arg)
            except DecimalException:
                return None
        return arg if _is_number(arg) else None

    @functions.signature({"types": []})
    def _func_type(self, arg: Any) -> Any:
        names = {type(None): "null", bool: "boolean", str: "string", list: "array", dict: "object"}
        return names.get(type(arg), "number")


def apply_filter(raw: bytes, expression: str) -> bytes:
    """What ``expression`` finds in the result ``raw``, as JSON.

    Raises InvalidInput in words where it cannot be read or applied, or finds too much.
    """
    value = read_result(raw).value
    try:
        compiled = jmespath.compile(expression)
        _exact_literals(compiled.parsed)
        found = compiled.search(value, jmespath.Options(custom_functions=_Functions()))
        return _written(found)
    except exceptions.EmptyExpressionError:
        raise InvalidInput("The filter is empty.") from None
    except exceptions.IncompleteExpressionError:
        raise InvalidInput("The filter is not complete: something is missing at its end.") from None
    except (exceptions.ArityError, exceptions.VariadictArityError) as error:
        raise InvalidInput("The filter does not fit this result.", _one_line(error)) from None
    except exceptions.ParseError as error:
        at = expression[error.lex_position :][:20] or "its end"
        raise InvalidInput(
            f"The filter cannot be read from '{at}' on.",
            f"That is character {error.lex_position + 1}.",
            hint="It is written in JMESPath, for example [?active].name",
        ) from None
    except exceptions.UnknownFunctionError as error:
        raise InvalidInput(f"The filter uses a function that there is not. {error}.") from None
    except exceptions.JMESPathError as error:
        raise InvalidInput("The filter does not fit this result.", _one_line(error)) from None
    except RecursionError:
        raise InvalidInput("The filter is nested too deeply.") from None
    except MemoryError:
        raise _too_much() from None
    except (TypeError, ValueError, ArithmeticError) as error:
        # The library lets Python's own errors through, for example where texts and numbers mix.
        raise InvalidInput("The filter does not fit this result.", _one_line(error)) from None


def _exact_literals(node: Any) -> None:
    """Make numbers that are written in the expression as exact as those of the result."""
    nodes = [node]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if node.get("type") == "literal" and isinstance(node.get("value"), float):
                node["value"] = ExactNumber(repr(node["value"]))
            nodes += node.get("children", ())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _written(found: Any) -> bytes:
    size, parts = 0, []
    for part in _rows(found):
        size += len(part)
        if size > MOST_BYTES:
            raise _too_much()
        parts.append(part)
    return b"".join(parts)


def _rows(found: Any) -> Iterator[bytes]:
    """``found`` as JSON, in parts, so that too much of it is noticed before all is written."""
    if not isinstance(found, list):
        yield write_json(_writable(found))
        return
    yield b"["
    for number, row in enumerate(found):
        yield (b"," if number else b"") + write_json(_writable(row))
    yield b"]"


def _writable(value: Any) -> Any:
    """``value`` with the results of arithmetic as JSON numbers."""
    match value:
        case ExactNumber():
            return value
        case Decimal():
            return ExactNumber(f"{value:f}")
        case dict():
            return {name: _writable(item) for name, item in value.items()}
        case list():
            return [_writable(item) for item in value]
    return value


def _too_much() -> InvalidInput:
    return InvalidInput("The filter finds more than can be shown.", hint="Ask for a part of it.")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
