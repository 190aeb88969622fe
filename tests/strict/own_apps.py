"""Two apps of our own with what the collected real forms lack: chains, secrets, odd ids.

The shape is that of the real definitions, so that one reader serves both.
"""

from __future__ import annotations

from typing import Any


def _input(id: str, value_type: str = "STRING", **more: Any) -> dict[str, Any]:
    return {
        "type": "input_field",
        "id": id,
        "title": more.pop("title", id),
        "description": "",
        "placeholder": "",
        "value_type": value_type,
        "default_value": "",
        "depends_on": [],
        "invalidates_input_fields": False,
        "is_required": False,
        **more,
    }


def _action(key: str, fields: list[dict[str, Any]] | None, **more: Any) -> dict[str, Any]:
    action = {
        "key": key,
        "title": key.replace("_", " ").title(),
        "description": "",
        "action_type": "WRITE",
        **more,
    }
    return action if fields is None else {**action, "fields": fields}


def _items(*choices: tuple[str, str | None]) -> dict[str, Any]:
    return {
        "dynamic": False,
        "items": [{"id": id, "label": label, "value": f"v:{id}"} for id, label in choices],
    }


_REGION = _input(
    "region", format="SELECT", is_required=True, invalidates_input_fields=True, title="Region"
)
_HARBOUR = _input(
    "harbour", format="SELECT", is_required=True, depends_on=["region"], title="Harbour"
)
_BERTH = _input("berth", format="SELECT", is_required=True, depends_on=["harbour"], title="Berth")

_CHANNEL = _input("channel", format="SELECT", is_required=True, invalidates_input_fields=True)
_MAIL = [_CHANNEL, _input("address", is_required=True), _input("subject")]
_PHONE = [_CHANNEL, _input("number", "INTEGER", is_required=True), _input("subject")]

_TIDEPOOL: dict[str, Any] = {
    "app": {
        "id": "0f5a2b52-7d0e-4f1b-9f58-3b1f0a77c001",
        "title": "Tidepool Notes",
        "needs_authentication": True,
        "action_types": ["READ", "WRITE", "SEARCH", "SEARCH_OR_WRITE"],
    },
    "actions": [
        _action(
            "book_berth",
            [_REGION, _HARBOUR, _BERTH, _input("note", format="MULTILINE")],
            choices={
                "region": {"dynamic": True, "count": 3},
                "harbour": {"dynamic": True, "count": 130},
                "berth": {"dynamic": True, "count": 12},
            },
        ),
        _action(
            "send_word",
            [_CHANNEL, _input("subject")],
            choices={"channel": _items(("mail", "By mail"), ("phone", "By phone"))},
            variants=[
                {"when": {"channel": "mail"}, "any_value": False, "fields": _MAIL},
                {"when": {"channel": "phone"}, "any_value": False, "fields": _PHONE},
            ],
        ),
        _action(
            "log_tide",
            [
                {"type": "info_field", "id": "hint", "description": "Times are *local*."},
                _input("shown", format="READONLY", default_value="not an input"),
                _input("height", "NUMBER", is_required=True),
                _input("readings", "INTEGER", default_value="3"),
                _input("at", format="DATETIME", is_required=True),
                _input("calm", "BOOLEAN", default_value="no"),
                _input("windy", "BOOLEAN", format="SELECT", default_value="yes"),
            ],
            choices={"windy": _items(("True", "Yes"), ("False", "No"))},
        ),
        _action(
            "run_script",
            [
                _input("code", format="CODE", is_required=True, default_value="a = 1\n  b = 2\n"),
                _input("key", format="PASSWORD", is_required=True),
                _input("chart", format="FILE"),
            ],
        ),
        _action(
            "tag_page",
            [
                _input("tags", "ARRAY", items={"type": "STRING"}, is_required=True),
                _input("moods", "ARRAY", items={"type": "STRING"}, format="SELECT"),
                _input("extra", "OBJECT"),
                _input("rows", "ARRAY", items={"type": "OBJECT"}),
            ],
            choices={"moods": _items(("1", "Same"), ("2", "Same"), ("3", None))},
        ),
        _action(
            "order_lines",
            [
                {
                    "type": "fieldset",
                    "id": "lines",
                    "title": "Lines",
                    "fields": [
                        _input("item", "ARRAY", items={"type": "STRING"}, is_required=True),
                        _input("quantity", "ARRAY", items={"type": "INTEGER"}),
                    ],
                },
                {
                    "type": "fieldset",
                    "id": "extras",
                    "title": "Extras",
                    "fields": [_input("gift note")],
                },
            ],
        ),
        _action(
            "odd_ids",
            [
                _input("crew[0].name", is_required=True),
                _input("place/quay?no#1", format="SELECT", is_required=True),
                _input("größe 100%", format="SELECT"),
            ],
            choices={
                "place/quay?no#1": {"dynamic": True, "count": 4},
                "größe 100%": {"dynamic": True, "count": 2},
            },
        ),
        _action(
            "default_labels",
            [
                _input("size", format="SELECT", default_value="Large"),
                _input(
                    "mode", format="SELECT", default_value="Fast", invalidates_input_fields=True
                ),
                _input("none", format="SELECT", default_value="", is_required=True),
                _input("kept", format="SELECT", default_value="an old choice"),
            ],
            choices={
                "size": _items(("s", "Small"), ("l", "Large")),
                "mode": _items(("m1", "Slow"), ("m2", "Fast")),
                "none": _items(("", "No colour"), ("red", "Red")),
                "kept": _items(("new", "A new choice")),
            },
        ),
        _action("ring_bell", None),
        _action("page", [_input("title", is_required=True)], action_type="SEARCH"),
        _action(
            "page",
            [_input("title", is_required=True), _input("body", format="MULTILINE")],
            action_type="SEARCH_OR_WRITE",
        ),
        _action(
            "empty_list",
            [_input("crate", format="SELECT"), _input("text", is_required=True)],
            choices={"crate": {"dynamic": True, "count": 0}},
        ),
    ],
}

_SUNDIAL: dict[str, Any] = {
    "app": {
        "id": "0f5a2b52-7d0e-4f1b-9f58-3b1f0a77c002",
        "title": "Sundial",
        "needs_authentication": False,
        "action_types": ["SEARCH", "WRITE"],
    },
    "actions": [
        _action("now", [], action_type="SEARCH"),
        _action("set_alarm", [_input("when", format="DATETIME", is_required=True)]),
    ],
}

OWN_APPS = (_TIDEPOOL, _SUNDIAL)
