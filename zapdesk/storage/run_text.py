"""Full-text search over runs: what is indexed of a run, and how typed words become a query.

Only the index is kept in it; ``rowid`` is the run's number. The tokenizer here and in the
table's definition are the same, so that a query never holds what the index cannot.
"""

from __future__ import annotations

import re

import apsw

from zapdesk.storage.packing import storable, unpack

CUT_RESULTS = 64 * 1024
"""Characters of a result that are indexed; the rest of a long one is not found by its words."""

_CUT_INPUTS = 256 * 1024
_MOST_WORDS = 32
_TOKENIZER = ("unicode61", ["remove_diacritics", "2"])
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")


def index(connection: apsw.Connection, number: int) -> None:
    """Index run ``number`` as its rows are now, in the caller's transaction."""
    row = connection.execute(
        "SELECT app_title, action_title, authentication_title, action_key, run_id, headline,"
        " labels, errors, report, inputs, results"
        " FROM runs JOIN run_bodies ON run = number WHERE number = ?",
        (number,),
    ).fetchone()
    if row is None:
        return
    *plain, labels, errors, report, inputs, results = row
    texts = [text for text in plain if text]
    texts += [_words_of(text) for text in (labels, errors, report) if text]
    texts.append(_words_of(_text(inputs, _CUT_INPUTS)))
    if results is not None:
        texts.append(_words_of(_text(results, CUT_RESULTS)))
    connection.execute(
        "INSERT OR REPLACE INTO run_text (rowid, text) VALUES (?, ?)",
        (number, storable("\n".join(texts))),
    )


def query(connection: apsw.Connection, text: str) -> str:
    """The query for runs that hold every word of ``text``, each as the beginning of a word.

    Empty where ``text`` has no words. No sign in it means anything but itself.
    """
    tokenize = connection.fts5_tokenizer(*_TOKENIZER)
    found = tokenize(storable(text).encode(), apsw.FTS5_TOKENIZE_QUERY, None, include_offsets=False)
    words = dict.fromkeys(word for variants in found for word in variants)
    return " ".join(f'"{word}"*' for word in list(words)[:_MOST_WORDS])


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
