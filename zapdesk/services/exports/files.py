"""Files that are exported: for their owner alone, and whole or not there at all."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from zapdesk.errors import InvalidInput, Side


async def save(path: Path, pieces: AsyncIterator[str] | Iterable[str | bytes]) -> None:
    """Write a file that only its owner can read. What was there stays until the new one is whole.

    Raises InvalidInput where it cannot be written.
    """
    part = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex[:8]}.part")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        descriptor = await asyncio.to_thread(os.open, part, flags, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from None
    file = os.fdopen(descriptor, "wb")
    try:
        if isinstance(pieces, AsyncIterator):
            async for piece in pieces:
                await asyncio.to_thread(file.write, _bytes(piece))
        else:
            await asyncio.to_thread(file.writelines, map(_bytes, pieces))
        await asyncio.to_thread(_finish, file)
        await asyncio.to_thread(os.replace, part, path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:  # closing waits for a disk that still writes
        await asyncio.to_thread(_clear_away, file, part)


def _finish(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()


def _clear_away(file: BinaryIO, part: Path) -> None:
    with suppress(OSError):
        file.close()
    with suppress(OSError):  # it is gone where all went well
        part.unlink()


def _bytes(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "backslashreplace")


def _unwritable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(f"{path.name} cannot be written.", error.strerror or "", side=Side.COMPUTER)


async def load(path: Path, largest: int) -> bytes:
    """The bytes of a file, at most one more than ``largest``. Raises InvalidInput."""

    def work() -> bytes:
        with path.open("rb") as file:
            return file.read(largest + 1)

    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read.", error.strerror or "") from None
