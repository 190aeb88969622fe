"""A disk that loses its power: at any moment it can say what would be on it then.

Writes since the last sync of a file may have reached the disk or not, in any order and in pieces
of a sector, each by a coin. SQLite runs on it through a VFS, so the program under
test is the real one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass(slots=True)
class _File:
    """What is surely on the disk, and what was written since. ``None`` as data: cut to a length."""

    durable: bytearray
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def write(self, offset: int, data: bytes | None) -> None:
        self.pending.append((offset, data))

    def sync(self) -> None:
        for offset, data in self.pending:
            _apply(self.durable, offset, data)
        self.pending.clear()

    def after_a_cut(self, chance: random.Random) -> bytes:
        image = bytearray(self.durable)
        for offset, data in self.pending:
            fate = chance.random()
            if fate < 0.4:
                continue
            if data is None or fate < 0.8:
                _apply(image, offset, data)
                continue
            for start in range(0, len(data), SECTOR):
                if chance.random() < 0.5:
                    _apply(image, offset + start, data[start : start + SECTOR])
        return bytes(image)


def _apply(image: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del image[offset:]
        return
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


class FailingDisk:
    """The disk under every file that SQLite opens while it is in use. ``on_write`` is called
    before each change, on the thread that makes it."""

    def __init__(self, on_write: Callable[[], None]) -> None:
        self.files: dict[str, _File] = {}
        self._on_write = on_write
        self._vfs: _Vfs | None = None

    def __enter__(self) -> FailingDisk:
        self._vfs = _Vfs(self)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._vfs is not None
        self._vfs.unregister()

    def known(self, path: str) -> _File:
        if path not in self.files:
            self.files[path] = _File(bytearray(Path(path).read_bytes()))
        return self.files[path]

    def changed(self, path: str, offset: int, data: bytes | None) -> None:
        self._on_write()
        self.known(path).write(offset, data)

    def after_a_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Every file's name and bytes, had the power failed now."""
        return {
            Path(path).name: file.after_a_cut(chance) for path, file in sorted(self.files.items())
        }


class _Vfs(apsw.VFS):
    def __init__(self, disk: FailingDisk) -> None:
        self._disk = disk
        super().__init__("failing disk", "", makedefault=True)

    def xOpen(self, name: Any, flags: Any) -> apsw.VFSFile:
        return _VfsFile(self._disk, name, flags)


class _VfsFile(apsw.VFSFile):
    def __init__(self, disk: FailingDisk, name: Any, flags: Any) -> None:
        super().__init__("unix", name, flags)
        self._disk = disk
        text = name.filename() if isinstance(name, apsw.URIFilename) else name
        kept = flags[0] & (apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_WAL)
        self._path = text if kept and text else ""
        if self._path:
            disk.known(self._path)

    def xWrite(self, data: Any, offset: int) -> None:
        if self._path:
            self._disk.changed(self._path, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        if self._path:
            self._disk.changed(self._path, newsize, None)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        if self._path:
            self._disk.known(self._path).sync()
