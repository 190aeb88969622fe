"""Reading of request bodies: bounded, strict JSON, and the shapes each dialect takes."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from starlette.requests import Request

from zapdesk.sandbox.definitions import Json
from zapdesk.sandbox.envelopes import ApiError, Dialect, invalid, parse_error, required

MAX_BODY = 6 * 1024 * 1024
"""Bytes: the platform's ceiling for the inputs of an action."""


async def read_body(request: Request) -> bytes:
    """The whole body. Raises ``ApiError`` 413 as soon as it is known to be too large."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise ApiError(413, "too_large", "RequestTooLarge", "A body has 6 MB at most.")
        chunks.append(chunk)
    return b"".join(chunks)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(literal)
    return number


def parse(body: bytes) -> Json:
    """A JSON object. Raises ``ApiError`` (``parse_error``) for everything else."""
    try:
        value = json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise parse_error("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise parse_error("The body is not a JSON object.")
    return value


def data_of(body: bytes) -> Json:
    """What stands under ``data``, where every v2 body but a guide's run keeps its values."""
    data = parse(body).get("data")
    if not isinstance(data, dict):
        raise parse_error("The body has no object “data”.")
    return data


def run_of(body: bytes, dialect: Dialect) -> tuple[Json, str, str]:
    """Values of a run, the pointer they stand at and the name of its inputs.

    Each dialect takes its own shape alone. Raises ``ApiError`` (``parse_error``) for the others.
    """
    whole = parse(body)
    name = "inputs" if dialect == "spec" else "input"
    other = "input" if dialect == "spec" else "inputs"
    data = whole if dialect == "guide" else whole.get("data")
    wrapped_wrongly = (dialect == "guide") == ("data" in whole)
    if wrapped_wrongly or not isinstance(data, dict) or (other in data and name not in data):
        raise parse_error("The body does not have the shape of a run.")
    return data, "" if dialect == "guide" else "/data", name


def text_at(data: Json, key: str, pointer: str = "/data") -> str:
    """A required text."""
    if key not in data:
        raise required(key, f"{pointer}/{key}")
    value = data[key]
    if not isinstance(value, str) or not value:
        raise invalid(f"{key}: A text is required.", pointer=f"{pointer}/{key}")
    return value


def object_at(data: Json, key: str, pointer: str = "/data", *, nullable: bool = False) -> Json:
    """A required object; null counts as empty where ``nullable``."""
    if key not in data:
        raise required(key, f"{pointer}/{key}")
    value = data[key]
    if value is None and nullable:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"{key}: An object is required.", pointer=f"{pointer}/{key}")
    return value


def authentication_at(data: Json, pointer: str = "/data") -> str | None:
    """The required key ``authentication``: a text or null."""
    if "authentication" not in data:
        raise required("authentication", f"{pointer}/authentication")
    value = data["authentication"]
    if value is not None and not isinstance(value, str):
        raise invalid(
            "authentication: A text or null is required.", pointer=f"{pointer}/authentication"
        )
    return value


def whole_at(data: Json, key: str, default: int | None, least: int) -> int | None:
    """An optional whole number or null."""
    value: Any = data.get(key, default)
    if value is None or (type(value) is int and value >= least):
        return value
    raise invalid(f"{key}: A whole number of {least} or more is required.", pointer=f"/data/{key}")
