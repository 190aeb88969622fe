"""Importing Qt without what its Python side does anew at each start. Before the first frame.

PySide keeps a dozen of its own modules as source text and compiles them whenever it is imported:
a tenth of the start. What that compiling gave is kept in the cache folder, as Python keeps its
``.pyc`` files: found by the text itself and by the Python version. Whatever is wrong with that
file, Qt is imported as if it were not there.
"""

from __future__ import annotations

import builtins
import marshal
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path
from types import CodeType
from typing import Any

_FILE = "qt-modules.bin"
_HASH_BYTES = 8


def import_qt(cache: Path) -> None:
    """Import Qt's widgets. Raises ``ImportError`` where a library of the system is missing.

    From then on imports work as Python does them: PySide's ``__import__`` reads the source of
    every module that comes after it, looking for a switch that zapdesk does not use.
    """
    with _kept_code(cache / _FILE):
        import PySide6.QtWidgets  # noqa: F401  # for what it does
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


@contextmanager
def _kept_code(file: Path) -> Iterator[None]:
    compile_anew: Callable[..., Any] = builtins.compile
    kept = _read(file)
    used: dict[bytes, CodeType] = {}

    def compile_once(source: Any, filename: Any, mode: str, *rest: Any, **more: Any) -> Any:
        if not isinstance(source, bytes) or mode != "exec" or rest or more:
            return compile_anew(source, filename, mode, *rest, **more)
        key = source_hash(f"{filename}\n".encode() + source)
        code = kept.get(key)
        if code is None:
            code = compile_anew(source, filename, mode)
        used[key] = code
        return code

    builtins.compile = compile_once
    try:
        yield
    finally:
        builtins.compile = compile_anew
    if not used.keys() <= kept.keys():
        _write(file, used)


def _read(file: Path) -> dict[bytes, CodeType]:
    with suppress(OSError, ValueError, EOFError, TypeError):
        content = file.read_bytes()
        body = content[_HASH_BYTES:]
        # Damaged code would not be refused by marshal: it could end the process.
        if content[:_HASH_BYTES] == source_hash(MAGIC_NUMBER + body):
            found = marshal.loads(body)
            if isinstance(found, dict):
                return found
    return {}


def _write(file: Path, codes: dict[bytes, CodeType]) -> None:
    body = marshal.dumps(codes)
    temporary = file.with_suffix(f".{os.getpid()}.new")
    with suppress(OSError):
        temporary.write_bytes(source_hash(MAGIC_NUMBER + body) + body)
        temporary.replace(file)
