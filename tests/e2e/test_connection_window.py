"""A person's day with connections, in the real window over the real sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.connection_stories import KEY
from tests.e2e.test_window import Window
from tests.e2e.test_window import sandbox_ends as sandbox_ends

pytestmark = pytest.mark.qt


@pytest.mark.usefixtures("sandbox_ends")
def test_connections_are_made_and_renewed_in_the_browser_and_by_key_and_nothing_typed_is_lost(
    home: Path,
) -> None:
    window = Window("look_after_connections")
    assert window.line() == {
        "empty": True,
        "said": "Harbour crew is connected.",
        "marked": "Harbour crew",
    }
    renewed = window.line()
    assert "Sign in as Contacts of the studio to reconnect Contacts" in renewed.pop("waiting")
    assert renewed == {
        "said": "Contacts of the studio works again.",
        "same form": True,
        "typed": "Ada Lovelace",
        "connection": "contacts-1",
        "combo": "Contacts of the studio",
    }
    by_key = window.line()
    assert by_key["problem"] == "Contacts does not accept this api_key."
    assert set(by_key["shown"]) == {"●"}
    assert by_key["made"] == "Contacts"
    assert window.end() == 0
    for file in home.rglob("*"):
        if file.is_file():
            assert KEY.encode() not in file.read_bytes(), file
