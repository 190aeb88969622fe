"""`zapdesk log`, `backup` and `restore`, on a log that no server is needed for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import zapdesk
from tests.storage.making import filled, plain


@pytest.fixture
def home(tmp_path: Path) -> Path:
    filled(tmp_path / "home" / "data", 5)
    return tmp_path / "home"


def test_the_log_is_told_backed_up_and_brought_back(home: Path, tmp_path: Path) -> None:
    told = zapdesk(home, "log", "--check", "--json")
    assert told.code == 0
    assert told.json["log"]["runs"] == 5
    assert told.json["log"]["problems"] == []
    assert told.json["log"]["checked_at"]
    in_words = zapdesk(home, "log")
    assert "zapdesk.db" in in_words.out
    assert "Per run" in in_words.out

    copy = tmp_path / "copy.db"
    made = zapdesk(home, "backup", str(copy), "--json")
    assert (made.code, made.json["backup"]["runs"]) == (0, 5)
    again = zapdesk(home, "backup", str(copy), "--json")
    assert again.code == 2
    assert "already" in again.json["error"]["title"]

    plain(home / "data" / "zapdesk.db", "DELETE FROM runs WHERE number > 2")
    back = zapdesk(home, "restore", str(copy), "--json")
    assert back.code == 0, back.err
    assert back.json["restored"] is True
    assert "kept as" in back.json["notices"][0]
    assert len(zapdesk(home, "runs", "--json").json["runs"]) == 5
    (kept,) = (home / "data").glob("*before-restore*")
    assert plain(kept, "SELECT count(*) FROM runs") == [(2,)]
    copies = zapdesk(home, "log", "--json").json["log"]["copies"]
    assert [entry["path"] for entry in copies] == [str(kept)]


def test_what_is_no_backup_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    refused = zapdesk(home, "restore", str(tmp_path / "text"), "--json")
    assert refused.code == 2
    assert "not a backup" in refused.json["error"]["title"]
    assert len(zapdesk(home, "runs", "--json").json["runs"]) == 5
