"""The self-test against the strict server: every request as documented, and nothing but reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import zapdesk
from tests.strict.dialect import DIALECTS
from tests.strict.server import strict_zapier
from tests.strict.tokens import EVERY_SCOPE

TOKEN = "tok-strict-9911ee"  # made up


@pytest.mark.parametrize(
    ("dialect", "lacking", "failing"),
    [
        ("openapi", (), []),
        ("odd", (), []),
        ("guides", ("action:run",), ["beta"]),
        ("openapi", ("connection:read", "authentication"), ["scopes"]),
    ],
    ids=["everything", "odd answers", "no action:run", "no connection:read"],
)
def test_what_is_asked_is_documented_and_read_only(
    tmp_path: Path, dialect: str, lacking: tuple[str, ...], failing: list[str]
) -> None:
    with strict_zapier() as server:
        server.add_token(TOKEN, dialect=DIALECTS[dialect], scopes=EVERY_SCOPE - set(lacking))
        env = {"ZAPDESK_BASE_URL": server.base_url, "ZAPDESK_TOKEN": TOKEN}
        done = zapdesk(tmp_path, "doctor", "--json", env=env)
        checks = done.json["diagnosis"]["checks"]
        assert [check["id"] for check in checks if check["state"] == "failed"] == failing
        # One run is asked for that cannot exist: that it is not known is the good answer.
        others = [words for words in server.violations if "no such run" not in words]
        assert (others, len(server.violations) <= 1) == ([], True)
        assert {request.method for request in server.requests} == {"GET"}
