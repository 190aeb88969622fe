"""Full-text search over runs: what is indexed of a run, and how typed words become a query.

Only the index is kept in it; ``rowid`` is the run's number. The tokenizer here and in the
table's definition are the same, so that a query never holds what the index cannot.

Beside its words a run has two signs in the index, its status and its place, so that words within
a few statuses or places are found by the index alone, however many runs hold the words. The signs
are of Unicode's private areas and are taken out of all text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import apsw

from zapdesk.domain.runs import RunStatus
from zapdesk.storage.packing import storable, unpack
from zapdesk.storage.run_rows import status_of

CUT_RESULTS = 64 * 1024
"""Characters of a result that are indexed; the rest of a long one is not found by its words."""

_CUT_INPUTS = 256 * 1024
_MOST_WORDS = 32
_TOKENIZER = ("unicode61", ["remove_diacritics", "2"])
# They stand in files: a new status gets the next one.
_STATUS_SIGNS = {
    RunStatus.SUBMITTING: "\ue000",
    RunStatus.WAITING: "\ue001",
    RunStatus.SUCCESS: "\ue002",
    RunStatus.ERROR: "\ue003",
    RunStatus.LOST: "\ue004",
    RunStatus.NOT_SENT: "\ue005",
    RunStatus.REFUSED: "\ue006",
    RunStatus.UNKNOWN: "\ue007",
}
_FIRST_PLACE_SIGN, _PLACE_SIGNS = 0xF0000, 0xFFF0
_SIGNS = re.compile("[\ue000-\ue0ff\U000f0000-\U000fffff]+")
_ROW_SQL = (
    "SELECT status, place, app_title, action_title, authentication_title, action_key, run_id,"
    " headline, note, runs.labels, run_bodies.labels, errors, report, inputs, results"
    " FROM runs JOIN run_bodies ON run = number WHERE number = ?"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")


def index(connection: apsw.Connection, number: int) -> None:
    """Index run ``number`` as its rows are now, in the caller's transaction."""
    row = connection.execute(_ROW_SQL, (number,)).fetchone()
    if row is None:
        return
    status, place, *rest = row
    signs = f"{_STATUS_SIGNS[status_of(status)]} {_place_sign(place)} "
    connection.execute(
        "INSERT OR REPLACE INTO run_text (rowid, text) VALUES (?, ?)",
        (number, signs + _text_of_row(rest)),
    )


def text_of(connection: apsw.Connection, number: int) -> str:
    """What is indexed of run ``number``, without its signs; empty where there is no such run."""
    row = connection.execute(_ROW_SQL, (number,)).fetchone()
    return "" if row is None else _text_of_row(row[2:])


def _text_of_row(row: Sequence[Any]) -> str:
    *plain, labels, chosen, errors, report, inputs, results = row
    texts = [text for text in plain if text]
    texts += [_words_of(text) for text in (labels, chosen, errors, report) if text]
    texts.append(_words_of(_text(inputs, _CUT_INPUTS)))
    if results is not None:
        texts.append(_words_of(_text(results, CUT_RESULTS)))
    return _SIGNS.sub(" ", storable("\n".join(texts)))


def index_all(connection: apsw.Connection) -> None:
    """Make the index anew, in the caller's transaction."""
    connection.execute("INSERT INTO run_text (run_text) VALUES ('delete-all')")
    sql = "SELECT number FROM runs ORDER BY number"
    numbers: list[Any] = connection.execute(sql).fetchall()
    for (number,) in numbers:
        index(connection, number)


def words(connection: apsw.Connection, text: str) -> list[str]:
    """The words of a search, as the index has them: in small letters, without signs above them.

    No sign in ``text`` means anything but itself.
    """
    found = tokens(connection, _SIGNS.sub(" ", storable(text)))
    return list(dict.fromkeys(found))[:_MOST_WORDS]


def tokens(connection: apsw.Connection, text: str) -> list[str]:
    """``text`` as the index takes it apart."""
    tokenize = connection.fts5_tokenizer(*_TOKENIZER)
    found = tokenize(text.encode(), apsw.FTS5_TOKENIZE_QUERY, None, include_offsets=False)
    return [str(word) for variants in found for word in variants]


def query(words: Iterable[str]) -> str:
    """The query for runs that hold every one of these words, each as the beginning of a word;
    empty where there are none."""
    return " ".join(f'"{word}"*' for word in words)


def within(match: str, statuses: Iterable[RunStatus], places: Iterable[int]) -> str:
    """``match`` in runs of one of these statuses and one of these places; none given: of any."""
    signs = [[_STATUS_SIGNS[status] for status in statuses], [_place_sign(n) for n in places]]
    alternatives = (" OR ".join(f'"{sign}"' for sign in of_kind) for of_kind in signs if of_kind)
    return " AND ".join([match.replace(" ", " AND "), *(f"({any_of})" for any_of in alternatives)])


def _place_sign(place: int) -> str:
    """One sign for each of the first 65,520 places; far ones share theirs, and rows tell."""
    return chr(_FIRST_PLACE_SIGN + place % _PLACE_SIGNS)


def _text(packed: bytes, cut: int) -> str:
    return unpack(packed)[: 4 * cut].decode(errors="replace")[:cut]


def _words_of(json_text: str) -> str:
    """JSON as it reads: escapes resolved, so that words next to them are found."""
    if "\\" not in json_text:
        return json_text
    return (
        _ESCAPE.sub(_resolve, json_text)
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )


def _resolve(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else " "
