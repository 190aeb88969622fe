"""Where files go, and who may look into them."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from zapdesk.paths import Paths, private_folder, resource

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_variable_puts_all_state_in_one_place(home: Path) -> None:
    paths = Paths.find()
    every = (paths.data, paths.cache, paths.logs, paths.database, paths.settings, paths.sandbox)
    assert all(path.is_relative_to(home) for path in every)


def test_a_relative_or_tilde_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("state", "~/state"):
        monkeypatch.setenv("ZAPDESK_HOME", given)
        assert Paths.find().data.is_absolute()
        assert "~" not in str(Paths.find().data)


def test_without_the_variable_the_platform_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZAPDESK_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if sys.platform == "linux":
        assert Paths.find().data == tmp_path / "data" / "zapdesk"
    assert Paths.find().data.name == "zapdesk"


@posix_only
def test_every_folder_is_its_owners_alone_even_under_an_open_umask(home: Path) -> None:
    before = os.umask(0)
    try:
        paths = Paths.find().create()
    finally:
        os.umask(before)
    assert {mode(p) for p in (paths.data, paths.cache, paths.logs, paths.owners)} == {0o700}


@posix_only
def test_a_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    assert mode(private_folder(folder)) == 0o700


def test_a_file_in_the_place_of_a_folder_is_an_os_error(home: Path) -> None:
    home.mkdir()
    (home / "data").write_text("in the way")
    with pytest.raises(OSError, match="data"):
        Paths.find().create()


def test_resources_are_found_in_the_checkout() -> None:
    assert resource("themes", "light.toml").is_file()
    assert resource("migrations").is_dir()
