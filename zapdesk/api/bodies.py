"""Reading an answer's body without letting it take the memory: bounded bytes, bounded inflating."""

from __future__ import annotations

import zlib

MAX_BODY = 32 * 1024 * 1024
"""Bytes of a body, both as transferred and unpacked."""

_MAX_RATIO = 100
_RATIO_FROM = 1024 * 1024
_STEP = 64 * 1024

_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class BodyTrouble(Exception):
    """A body that is too large, packed as nobody asked for, or broken. The text says which."""


class BodyReader:
    """Collects one body. ``data`` holds what could be read, also after ``BodyTrouble``."""

    def __init__(self, content_encoding: str) -> None:
        self.data = bytearray()
        self._received = 0
        self._encoding = content_encoding.strip().lower()
        wbits = _WBITS.get(self._encoding)
        self._unpacker = zlib.decompressobj(wbits) if wbits else None
        self._wbits = wbits or 0

    def feed(self, part: bytes) -> None:
        """Take the next part as transferred. Raises BodyTrouble."""
        if self._encoding not in {"", "identity", *_WBITS}:
            raise BodyTrouble(f"it is packed as {self._encoding[:40]}, which was not asked for")
        self._received += len(part)
        if self._received > MAX_BODY:
            self._keep(part[:_STEP] if self._unpacker is None else b"")
            raise BodyTrouble("it is longer than 32 MiB")
        if self._unpacker is None:
            self._keep(part)
        else:
            self._unpack(part)

    def finish(self) -> bytes:
        """The whole body. Raises BodyTrouble where the packed data stops early."""
        if self._unpacker is not None and self._received and not self._unpacker.eof:
            raise BodyTrouble("its packed data is cut off")
        return bytes(self.data)

    def _unpack(self, part: bytes) -> None:
        assert self._unpacker is not None
        try:
            while part:
                if self._unpacker.eof:  # gzip may come in several members
                    self._unpacker = zlib.decompressobj(self._wbits)
                self._keep(self._unpacker.decompress(part, _STEP))
                part = self._unpacker.unconsumed_tail or self._unpacker.unused_data
            while not self._unpacker.eof:
                # Output can be left inside after the input is used up.
                rest = self._unpacker.decompress(b"", _STEP)
                if not rest:
                    break
                self._keep(rest)
        except zlib.error as error:
            raise BodyTrouble(f"its packed data is broken ({error})") from None

    def _keep(self, data: bytes) -> None:
        self.data += data
        if len(self.data) > MAX_BODY:
            del self.data[MAX_BODY:]
            raise BodyTrouble("it is longer than 32 MiB")
        if len(self.data) > max(_RATIO_FROM, _MAX_RATIO * self._received):
            raise BodyTrouble("it unpacks to more than a hundred times its size")
