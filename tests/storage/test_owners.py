"""Who lives: told by locks, which no way of dying can leave behind."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.storage.making import python
from zapdesk.errors import StorageUnusable
from zapdesk.storage.owners import Owner, census

if TYPE_CHECKING:
    from pathlib import Path

HOLD = (
    "import sys\n"
    "from pathlib import Path\n"
    "from zapdesk.storage.owners import Owner\n"
    "owner = Owner.acquire(Path(sys.argv[1]))\n"
    "print(owner.id, flush=True)\n"
    "sys.stdin.readline()\n"
    "owner.release()\n"
)


def test_an_owner_lives_until_it_lets_go(tmp_path: Path) -> None:
    folder = tmp_path / "owners"
    first, second = Owner.acquire(folder), Owner.acquire(folder)
    assert Owner.living(folder) == {first.id, second.id}
    first.release()
    first.release()
    assert Owner.living(folder) == {second.id}
    second.release()
    assert list(folder.iterdir()) == []
    assert Owner.living(tmp_path / "nowhere") == set()


def test_a_killed_process_is_dead_and_a_stopped_one_lives(tmp_path: Path) -> None:
    process = python(HOLD, tmp_path)
    assert process.stdout is not None
    owner_id = process.stdout.readline().strip()
    try:
        assert Owner.living(tmp_path) == {owner_id}
        os.kill(process.pid, signal.SIGSTOP)
        assert Owner.living(tmp_path) == {owner_id}
    finally:
        process.kill()
        process.communicate()
    found = census(tmp_path)
    assert (found.living, found.dead) == (set(), {owner_id})
    assert list(tmp_path.iterdir()) == []


def test_looking_at_a_living_lock_again_and_again_never_takes_it(tmp_path: Path) -> None:
    process = python(HOLD, tmp_path)
    assert process.stdout is not None
    owner_id = process.stdout.readline().strip()
    for _ in range(200):
        assert Owner.living(tmp_path) == {owner_id}
    process.communicate("\n", timeout=10)
    assert Owner.living(tmp_path) == set()


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "owners").write_text("a file")
    with pytest.raises(StorageUnusable, match="cannot mark its runs"):
        Owner.acquire(tmp_path / "owners")
