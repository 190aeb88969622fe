"""What is kept of Qt's import: used when it fits, ignored when it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Counts what is compiled while Qt is imported, and shows that Qt works afterwards.
COUNT = """
import builtins, sys
from pathlib import Path

compiled = []
plain = builtins.compile
def counting(*arguments, **named):
    if isinstance(arguments[0], bytes) and not Path(arguments[1]).is_absolute():  # PySide's own
        compiled.append(arguments[1])
    return plain(*arguments, **named)
builtins.compile = counting
from zapdesk.ui.shell.qt_loading import import_qt
import_qt(Path(sys.argv[1]))
assert builtins.compile is counting
from PySide6.QtCore import QSize
print(len(compiled), QSize(1, 2).height())
"""


def compiled(cache: Path) -> int:
    run = subprocess.run(
        [sys.executable, "-c", COUNT, str(cache)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    count, height = run.stdout.split()
    assert height == "2"
    return int(count)


def test_what_was_compiled_once_is_not_compiled_again(tmp_path: Path) -> None:
    first = compiled(tmp_path)
    assert first > 0
    assert compiled(tmp_path) == 0


@pytest.mark.parametrize("damage", ["empty", "cut", "changed", "a folder", "no folder"])
def test_what_is_kept_wrongly_is_as_if_it_were_not_there(tmp_path: Path, damage: str) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    first = compiled(cache)
    file = next(cache.iterdir())
    content = file.read_bytes()
    match damage:
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "changed":
            file.write_bytes(content[:5_000] + bytes(8) + content[5_008:])
        case _:
            file.unlink()
            (file.mkdir if damage == "a folder" else cache.rmdir)()
    assert compiled(cache) == first
