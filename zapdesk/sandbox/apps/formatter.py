"""Formatter: text, numbers and dates, worked out here. It needs no connection."""

from __future__ import annotations

import ast
import operator
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext
from typing import Any

from zapdesk.sandbox.definitions import Action, App, Call, Choice, Json, RunFailure
from zapdesk.sandbox.forms import info, select, text

_TEXT = "text"
_TRANSFORMS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "upper": ("Upper case", str.upper),
    "lower": ("Lower case", str.lower),
    "title": ("Title Case", str.title),
    "trim": ("Trim white space", str.strip),
    "length": ("Length", len),
    "slug": ("URL slug", lambda value: _slug(value)),
    "replace": ("Replace", str),
    "split": ("Split", str),
}


def _slug(value: str) -> str:
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _text_fields(call: Call) -> Sequence[Json]:
    nodes = [
        select("transform", "Transform", required=True, default="upper", invalidates=True),
        text(_TEXT, "Text", form="MULTILINE", required=True, description="The text to change."),
    ]
    match call.text("transform"):
        case "replace":
            nodes += [
                text("find", "Find", required=True),
                text("replacement", "Replace with", placeholder="nothing"),
            ]
        case "split":
            nodes.append(text("separator", "Separator", default=",", required=True))
    return nodes


def _change_text(call: Call) -> Sequence[Json]:
    source, transform = call.text(_TEXT), call.text("transform")
    if transform not in _TRANSFORMS:
        raise RunFailure("user", "Unknown transform", f"There is no transform “{transform}”.")
    if transform == "replace":
        output: Any = source.replace(call.text("find"), call.text("replacement"))
    elif transform == "split":
        output = source.split(call.text("separator"))
    else:
        output = _TRANSFORMS[transform][1](source)
    return [{"output": output}]


_OPERATORS: dict[type[ast.AST], Callable[..., Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_LONGEST_FORMULA = 500
_MOST_DIGITS = 300


def _calculate(call: Call) -> Sequence[Json]:
    formula = call.text("formula")
    try:
        if len(formula) > _LONGEST_FORMULA:
            raise ValueError
        with localcontext(prec=40):
            value = _value(ast.parse(formula.strip(), mode="eval").body, formula.strip())
            if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
                raise ValueError
            output = format(value.normalize(), "f") if value else "0"
    except (DivisionByZero, ZeroDivisionError):
        raise RunFailure("user", "Division by zero", f"“{formula}” divides by zero.") from None
    except (SyntaxError, ValueError, InvalidOperation, ArithmeticError, RecursionError):
        raise RunFailure(
            "user", "Not a formula", "Use numbers, + - * / % and brackets, at most 500 characters."
        ) from None
    return [{"output": output}]


def _value(node: ast.AST, formula: str) -> Decimal:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            # The text of the number, since its float has lost digits.
            return Decimal((ast.get_source_segment(formula, node) or "").replace("_", ""))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand, formula))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, formula), _value(right, formula))
    raise ValueError


def _format_number(call: Call) -> Sequence[Json]:
    try:
        number = Decimal(call.text("number"))
        places = int(call.text("decimals") or "2")
        if not number.is_finite() or abs(number) >= Decimal(10) ** 100 or not 0 <= places <= 20:
            raise ValueError
    except (InvalidOperation, ValueError):
        raise RunFailure(
            "user", "Not a number", "A number below 10^100 with 0 to 20 decimals is needed."
        ) from None
    with localcontext(prec=130):
        plain = f"{number:,.{places}f}"
    swap = {
        "comma": str.maketrans("", ""),
        "point": str.maketrans(",.", ".,"),
        "space": str.maketrans(",", "\N{NARROW NO-BREAK SPACE}"),
    }
    return [{"output": plain.translate(swap.get(call.text("grouping"), swap["comma"]))}]


_PATTERNS = {
    "iso": ("2026-03-29T14:05:00+00:00", ""),
    "date": ("2026-03-29", "%Y-%m-%d"),
    "european": ("29.03.2026", "%d.%m.%Y"),
    "american": ("03/29/2026", "%m/%d/%Y"),
    "long": ("Sunday, 29 March 2026", "%A, %d %B %Y"),
    "week": ("Week of the year", "%G-W%V"),
    "unix": ("Seconds since 1970", ""),
}


def _moment(call: Call) -> datetime:
    raw = call.text("date").strip()
    if raw.casefold() == "now":
        return datetime.fromtimestamp(call.now, UTC)
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise RunFailure(
            "user", "Not a date", f"“{raw}” is no ISO date; “now” is understood too."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(moment: datetime, pattern: str) -> str:
    if pattern == "iso" or pattern not in _PATTERNS:
        return moment.isoformat()
    if pattern == "unix":
        return str(int(moment.timestamp()))
    return moment.strftime(_PATTERNS[pattern][1])


def _format_date(call: Call) -> Sequence[Json]:
    return [{"output": _written(_moment(call), call.text("pattern"))}]


def _add_time(call: Call) -> Sequence[Json]:
    units = {"minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}
    unit = call.text("unit") or "days"
    if unit not in units:
        raise RunFailure("user", "Unknown unit", f"There is no unit “{unit}”.")
    try:
        moment = _moment(call) + timedelta(seconds=float(call.text("amount")) * units[unit])
    except (ValueError, OverflowError):
        raise RunFailure("user", "Out of range", "That date is beyond the calendar.") from None
    return [{"output": _written(moment, call.text("pattern"))}]


def _patterns(_: Call) -> Sequence[Choice]:
    return [Choice(key, example) for key, (example, _) in _PATTERNS.items()]


_DATE = text(
    "date", "Date", form="DATETIME", required=True, default="now",
    description="An ISO 8601 date, or `now`.",
)  # fmt: skip
_PATTERN = select("pattern", "Write it as", default="iso")

FORMATTER = App(
    id="7b0a4f0e-3f52-5a0c-9f0b-5d1a86c0f001",
    key="SandboxFormatter",
    title="Formatter",
    description="Changes text, works with numbers and dates. Needs no connection.",
    hex_color="5b5bd6",
    categories=("developer-tools", "productivity"),
    actions=(
        Action(
            "text",
            "Change Text",
            "Upper or lower case, trim, replace, split, length, slug.",
            "WRITE",
            _change_text,
            _text_fields,
            {
                "transform": lambda _: [
                    Choice(key, label) for key, (label, _) in _TRANSFORMS.items()
                ]
            },
            sample={"output": "HELLO"},
        ),
        Action(
            "calculate",
            "Calculate",
            "Works out a formula with exact decimals.",
            "WRITE",
            _calculate,
            lambda _: (
                info("help", "Use `+ - * / %` and brackets: `(2 + 3) * 1.5`."),
                text("formula", "Formula", required=True, placeholder="(2 + 3) * 1.5"),
            ),
            sample={"output": "7.5"},
        ),
        Action(
            "format_number",
            "Format Number",
            "Groups thousands and rounds to a number of decimals.",
            "WRITE",
            _format_number,
            lambda _: (
                text("number", "Number", kind="NUMBER", required=True),
                text("decimals", "Decimals", kind="INTEGER", default="2"),
                select("grouping", "Grouping", default="comma"),
            ),
            {
                "grouping": lambda _: (
                    Choice("comma", "1,234.50"),
                    Choice("point", "1.234,50"),
                    Choice("space", "1 234.50"),
                )
            },
            sample={"output": "1,234.50"},
        ),
        Action(
            "format_date",
            "Format Date",
            "Writes a date in another way.",
            "WRITE",
            _format_date,
            lambda _: (_DATE, _PATTERN),
            {"pattern": _patterns},
            sample={"output": "2026-03-29"},
        ),
        Action(
            "add_time",
            "Add or Subtract Time",
            "Moves a date by minutes, hours, days or weeks.",
            "WRITE",
            _add_time,
            lambda _: (
                _DATE,
                text(
                    "amount",
                    "Amount",
                    kind="NUMBER",
                    required=True,
                    default="1",
                    description="Negative goes back.",
                ),
                select("unit", "Unit", required=True, default="days"),
                _PATTERN,
            ),
            {
                "unit": lambda _: [
                    Choice(unit, unit.title()) for unit in ("minutes", "hours", "days", "weeks")
                ],
                "pattern": _patterns,
            },
            sample={"output": "2026-03-30T14:05:00+00:00"},
        ),
    ),
)
