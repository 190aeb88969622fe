"""Where the lines of a large text begin, found a window at a time.

A line is a range of bytes of the text as it was received; nothing is copied or rewritten. JSON can
be laid out: a line then begins where a printer would begin one, and knows how far it is indented.
Lines that are too long to draw go on in the next one.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass

WINDOW = 32 * 1024
LONGEST = 400
"""Bytes in a line before it goes on in the next."""

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_SPACE = re.compile(rb"[ \t\r\n]*+")
_PIECE = re.compile(rb'(?:[^"\[\]{},]++|' + _STRING + rb")*+", re.DOTALL)
_STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_EMPTY = re.compile(rb"[\[{][ \t\r\n]*+[\]}]")
_NEWLINE = re.compile(rb"\n")
_QUOTE = ord('"')
_DEEPEST = 60  # further in, nothing would be left of a line


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its bytes, how far it is indented, and whether it goes on from the one before."""

    start: int
    end: int
    depth: int
    goes_on: bool


class LineIndex:
    """The lines of ``data``, laid out as JSON from byte ``json_from`` on (``None``: nowhere)."""

    def __init__(self, data: bytes, json_from: int | None = None) -> None:
        self._data = data
        self._json_from = len(data) if json_from is None else json_from
        self._starts = array("Q")
        self._marks = array("B")  # twice the depth, plus one where the line goes on
        self._position = 0
        self._line_start = 0
        self._depth = 0
        self._line_depth = 0
        self._in_string = False
        self._goes_on = False
        self.is_done = not data

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def read_bytes(self) -> int:
        return self._position

    def line(self, number: int) -> Line:
        """A line by its number, from 0. Raises ``IndexError``."""
        mark = self._marks[number]
        is_last = number + 1 == len(self._starts)
        end = self._line_start if is_last else self._starts[number + 1]
        return Line(self._starts[number], end, mark >> 1, bool(mark & 1))

    def line_at(self, offset: int) -> int:
        """The number of the line that holds byte ``offset``, as far as lines are known."""
        from bisect import bisect_right

        return max(bisect_right(self._starts, offset) - 1, 0)

    def text(self, number: int) -> str:
        """A line as text, without the white space that a laid-out line does not need."""
        line = self.line(number)
        text = self._data[line.start : line.end].decode("utf-8", "replace")
        if line.start >= self._json_from and not line.goes_on:
            return text.strip(" \t\r\n")
        return text.rstrip("\r\n")

    def step(self, window: int = WINDOW) -> None:
        """Look at the next ``window`` bytes."""
        size = len(self._data)
        if self.is_done:
            return
        limit = min(self._position + window, size)
        if self._position < self._json_from:
            limit = min(limit, self._json_from)
            self._plain(limit)
            if limit == self._json_from:
                self._end_line(limit)
        else:
            self._laid_out(limit)
        if self._position >= size:
            self._end_line(size)
            self.is_done = True

    def _plain(self, limit: int) -> None:
        for newline in _NEWLINE.finditer(self._data, self._position, limit):
            self._end_line(newline.end())
        self._position = limit
        if limit - self._line_start > WINDOW:
            self._end_line(limit, is_whole=False)

    def _laid_out(self, limit: int) -> None:
        data, size = self._data, len(self._data)
        while self._position < limit:
            if self._in_string:
                match = _STRING_REST.match(data, self._position, limit)
                self._position = match.end() if match else self._position
                if self._position < limit and data[self._position] == _QUOTE:
                    self._in_string = False
                    self._position += 1
                    continue
                if limit == size:
                    self._position = size
                break
            match = _PIECE.match(data, self._position, limit)
            self._position = here = match.end() if match else self._position
            if here >= limit:
                break
            byte = data[here]
            self._position = here + 1
            if byte == _QUOTE:
                self._in_string = True
            elif byte == 0x2C:
                self._end_line(here + 1)
            elif byte in b"{[":
                empty = _EMPTY.match(data, here, min(here + 256, size))
                if empty:
                    self._position = empty.end()
                else:
                    self._depth += 1
                    self._end_line(here + 1)
            else:
                if _end_of_space(data, self._line_start, here) < here:
                    self._end_line(here)
                self._depth = max(self._depth - 1, 0)
                self._line_depth = self._depth
        if self._position - self._line_start > WINDOW:
            self._end_line(self._position, is_whole=False)

    def _end_line(self, end: int, *, is_whole: bool = True) -> None:
        start = self._line_start
        if start >= end:
            return
        mark = min(self._line_depth, _DEEPEST) << 1
        goes_on = self._goes_on
        while end - start > LONGEST:
            self._starts.append(start)
            self._marks.append(mark | goes_on)
            goes_on = True
            start += LONGEST
            # Not in the middle of a character.
            for _ in range(3):
                if self._data[start] & 0xC0 == 0x80:
                    start -= 1
        if is_whole:
            self._starts.append(start)
            self._marks.append(mark | goes_on)
            start, goes_on = end, False
            self._line_depth = self._depth
        self._line_start, self._goes_on = start, goes_on


def _end_of_space(data: bytes, start: int, end: int) -> int:
    match = _SPACE.match(data, start, end)
    return match.end() if match else start
