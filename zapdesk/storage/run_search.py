"""Pages of runs; one of those that are found by words is there soon, however many hold them.

The index has a list in order for each word, and for beginnings of words up to three letters. For a
longer beginning it first merges the lists of all words that begin so, which takes long where nearly
every run holds one. There the first three letters are asked for instead, and each run that has them
is looked at, newest first, until the page is full. The sizes of the lists tell beforehand which way
is faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from zapdesk.storage import run_text
from zapdesk.storage.run_queries import page_query

if TYPE_CHECKING:
    import apsw

    from zapdesk.domain.runs import RunCursor, RunFilter

_INDEXED = 3  # letters of the longest beginning that has a list of its own
_MANY = 50_000  # runs; to merge the lists of fewer takes less than 10 ms
_TESTS_FOR_MERGE = 500  # lists of so many runs are merged while one run is looked at
_PAGE_BYTES = 4_050  # of the index, which takes about a byte for a run that is close to the next
_PATIENCE = 3  # so many times more runs than expected are looked at
_NUMBER = 0  # of RUN_COLUMNS
_SURE_END = r"[\x00-/:-@\[-`{-\x7f]"  # ASCII but letters and digits


def rows(
    connection: apsw.Connection, wanted: RunFilter, after: RunCursor | None, limit: int
) -> Sequence[Any]:
    """The rows of a page, in the order of its statement."""
    if wanted.text.strip() and not (wanted.pinned or wanted.label):
        found = _walked(connection, wanted, after, limit)
        if found is not None:
            return found
    query = page_query(connection, wanted, after, limit)
    return [] if query is None else connection.execute(query.sql, query.bindings).fetchall()


def _walked(
    connection: apsw.Connection, wanted: RunFilter, after: RunCursor | None, limit: int
) -> list[Any] | None:
    """The page by looking at runs; ``None`` where that is not the faster way."""
    words = run_text.words(connection, wanted.text)
    long = [word for word in words if len(word) > _INDEXED and word.isascii()]
    frequent = {word: n for word in long if (n := _runs_with(connection, "0", word)) >= _MANY}
    if not frequent:
        return None
    tests = float(limit)
    for word, count in frequent.items():
        beginning = _runs_with(connection, str(_INDEXED), word[:_INDEXED])
        tests *= max(1.0, beginning / count)
    if tests * _TESTS_FOR_MERGE > sum(frequent.values()):
        return None
    loose = run_text.query([word[:_INDEXED] if word in frequent else word for word in words])
    query = page_query(connection, wanted, after, -1, loose)
    if query is None:
        return []
    patterns = [re.compile(rf"(?:^|{_SURE_END}){re.escape(word)}") for word in frequent]
    found: list[Any] = []
    left = int(_PATIENCE * tests)
    for row in connection.execute(query.sql, query.bindings):
        if left == 0:
            return None
        left -= 1
        if _holds(connection, row[_NUMBER], frequent, patterns):
            found.append(row)
            if len(found) == limit:
                break
    return found


def _holds(
    connection: apsw.Connection,
    number: int,
    words: Iterable[str],
    patterns: Iterable[re.Pattern[str]],
) -> bool:
    """Whether the index has run ``number`` under words that begin so."""
    text = run_text.text_of(connection, number)
    low = text.lower()
    if all(pattern.search(low) for pattern in patterns):
        return True
    # Other alphabets and signs above letters are for the index's own rules.
    if text.isascii():
        return False
    tokens = run_text.tokens(connection, text)
    return all(any(token.startswith(word) for token in tokens) for word in words)


def _runs_with(connection: apsw.Connection, kind: str, beginning: str) -> int:
    """About how many runs have a word that begins so, by the pages of the index that tell of them:
    in each of its parts the pages from the one that may hold the first such word to the next one
    that begins with a later word. ``kind`` is 0 for words, else the length of beginnings."""
    first = f"{kind}{beginning}".encode()
    behind = first[:-1] + bytes([first[-1] + 1])
    pages, part = 0, -1
    ask = connection.execute
    while True:
        part = ask("SELECT min(segid) FROM run_text_idx WHERE segid > ?", (part,)).get
        if part is None:
            return pages * _PAGE_BYTES
        low = ask(_LAST_PAGE_BEFORE, (part, first)).get
        high = ask(_FIRST_PAGE_BEHIND, (part, behind)).get
        if low is not None and high is not None:
            pages += max(0, high - low - 1)


_LAST_PAGE_BEFORE = (
    "SELECT pgno / 2 FROM run_text_idx WHERE segid = ? AND term <= ? ORDER BY term DESC LIMIT 1"
)
_FIRST_PAGE_BEHIND = (
    "SELECT pgno / 2 FROM run_text_idx WHERE segid = ? AND term >= ? ORDER BY term LIMIT 1"
)
