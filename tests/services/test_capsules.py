"""Run capsules: the same run gives the same bytes, they come back as they were, and whatever a
file that calls itself one may hold, it ends in a sentence."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.desk import PROFILE, desk, exports_of, order
from tests.services.dossiers import exchanges, record
from zapdesk.domain.runs import Resolution, RunFilter, RunStatus
from zapdesk.errors import InvalidInput
from zapdesk.redaction import HIDDEN, Reason
from zapdesk.services import capsules
from zapdesk.services.dossiers import dossier
from zapdesk.services.exports.formats import Format
from zapdesk.storage.deletions import Deletions

NOBODY = "http://127.0.0.1:9"


def made(**changes: Any) -> bytes:
    return capsules.write(dossier(record(**changes), exchanges()))


RAW = made()


def test_a_capsule_holds_everything_and_the_same_run_gives_the_same_bytes() -> None:
    assert made() == RAW
    told = capsules.read(RAW)
    kept = told.dossier.record
    whole = dossier(record(), exchanges())
    assert kept == replace(record(), run=replace(record().run, number=0, is_mine=False))
    assert told.dossier.outcome == whole.outcome
    assert [one.purpose for one in told.dossier.exchanges] == ["start run", "run", "run"]
    assert told.dossier.exchanges[1].response_body == b"\xff\xfe\x00binary"
    assert told.dossier.exchanges[1].repeated == 3
    assert told.made_by.startswith("zapdesk ")
    assert told.raw == RAW


def test_what_was_hidden_is_told_and_is_not_there() -> None:
    hidden = capsules.read(RAW).hidden
    assert ("inputs", Reason.PASSWORD, 1) in hidden
    assert ("exchanges", Reason.HEADER, 2) in hidden
    assert b"abcdef123456" not in RAW
    assert HIDDEN.encode() in RAW


def test_a_capsule_that_was_read_is_written_as_it_was() -> None:
    assert (
        capsules.write(capsules.read(RAW).dossier).replace(b"\n", b"")[:2000]
        == RAW.replace(b"\n", b"")[:2000]
    )


def _changed(path: str, value: Any) -> bytes:
    document = json.loads(RAW)
    place: Any = document
    *steps, last = path.split(".")
    for step in steps:
        place = place[int(step)] if step.isdigit() else place[step]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(document).encode()


def _zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd", b"0" * 1_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (b"", "is not a run capsule"),
        (b"hello", "is not a run capsule"),
        (b"[]", "is not a run capsule"),
        (b"\xff\xfe\x00", "is not a run capsule"),
        (b'{"name": "package", "format": "x"}', "is not a run capsule"),
        (b'{"format": true, "run": {}}', "is not a run capsule"),
        (b"{" * 3_000, "is not a run capsule"),
        (_zip_bomb(), "a ZIP archive, not a run capsule"),
        (gzip.compress(RAW), "a compressed file, not a run capsule"),
        (RAW[: len(RAW) // 2], "damaged or was cut off"),
        (RAW[:-3], "damaged or was cut off"),
        (RAW.replace(b'"format": 1', b'"format": NaN'), "damaged or was cut off"),
        (RAW.replace(b'"format": 1', b'"format": 7'), "made by a newer zapdesk"),
        (b" " * (capsules.LARGEST + 1), "larger than a run capsule can be"),
        (b'{"format": 1, "run": [' + b"[]," * 300_000 + b"[]]}", "more parts than"),
        (_changed("run", []), "run is no object"),
        (_changed("run.created_ms", "now"), r"run\.created_ms is no whole number"),
        (_changed("run.created_ms", True), r"run\.created_ms is no whole number"),
        (_changed("run.created_ms", 10**30), r"run\.created_ms is no whole number"),
        (_changed("run.created_ms", -5), "no time that a calendar has"),
        (_changed("run.created_ms", 2**52), "no time that a calendar has"),
        (_changed("run.status", "exploded"), "a word that is not known"),
        (_changed("run.app_title", "x" * 20_000), "too long a text"),
        (_changed("inputs", {"base64": "***"}), "inputs is no base64"),
        (_changed("inputs", "\ud800"), "inputs is text that cannot be written"),
        (_changed("labels", {"a": 1}), "labels is no labels"),
        (_changed("events", {}), "events is no list of objects"),
        (_changed("events.0.at_ms", None), "events.at_ms is no whole number"),
        (_changed("exchanges.0.request_headers", [["a"]]), "no list of pairs"),
        (_changed("exchanges.0.url", "https://[::1/v2"), r"exchanges\.url is no web address"),
        (_changed("exchanges.0.sent_ms", 1e300), "too large a number"),
        (_changed("definition", "[1]"), "its definition is no form"),
        (_changed("definition", json.dumps([{"type": "info_field", "id": 5, "description": 1}])),
         "its definition is no form"),
        (_changed("hidden", None), "hidden is no list of objects"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_sound_capsule_is_refused_in_a_sentence(
    file: bytes, sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        capsules.read(file)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def _places(value: Any, path: str = "") -> list[str]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for name, item in pairs:
        place = f"{path}.{name}".lstrip(".")
        found.append(place)
        if isinstance(item, dict | list):
            found += _places(item, place)
    return found


@given(st.sampled_from(_places(json.loads(RAW))), json_values)
def test_whatever_stands_in_its_place_a_capsule_is_read_or_refused(path: str, value: Any) -> None:
    try:
        told = capsules.read(_changed(path, value))
    except InvalidInput:
        return
    capsules.write(told.dossier)


@given(st.integers(0, len(RAW)), st.binary(max_size=3))
def test_damaged_bytes_are_read_or_refused(at: int, instead: bytes) -> None:
    with suppress(InvalidInput):
        capsules.read(RAW[:at] + instead + RAW[at + len(instead) :])


def test_an_imported_run_is_foreign_and_comes_out_byte_for_byte(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with desk(tmp_path, NOBODY) as made:
            service = exports_of(made)
            run, is_new = await service.take_in(RAW)
            assert is_new
            assert run.is_foreign
            assert not run.is_mine
            assert run.status is RunStatus.SUCCESS
            assert await service.take_in(RAW) == (run, False)
            await Deletions(made.database).delete([run.id], 1)
            assert await made.log.get(run.id) is None
            assert await service.take_in(RAW) == (run, True)
            assert (await service.copy_as(run.id, Format.CAPSULE)).text.encode() == RAW
            kept = await made.record(run.id)
            original = capsules.read(RAW).dossier
            assert replace(kept, run=record().run) == replace(original.record, run=record().run)
            back = await made.runs.exchanges(run.id)
            assert tuple(replace(e, id=0) for e in back) == tuple(
                replace(e, last_ms=e.last_ms or e.started_ms) for e in original.exchanges
            )
            found = await made.log.page(RunFilter(text="subject hyperlink"))
            assert [one.id for one in found] == [run.id]

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [RunStatus.WAITING, RunStatus.SUBMITTING, RunStatus.UNKNOWN])
def test_an_imported_run_is_never_watched_changed_or_counted_as_sent(
    status: RunStatus, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with desk(tmp_path, NOBODY) as made:
            service = exports_of(made)
            file = capsules.write(
                dossier(record(status=status, profile_id=PROFILE, ended_ms=None), ())
            )
            run, _ = await service.take_in(file)
            await made.runs.recover()
            made.runs.watch(run)
            assert made.runs.next_poll_s(run.id) is None
            assert await made.log.move(run.id, RunStatus.SUCCESS, at_ms=1) is None
            with pytest.raises(InvalidInput, match="imported"):
                await made.log.resolve(run.id, Resolution.HAPPENED, "", 1)
            assert await made.log.get(run.id) == run
            # Its inputs again are no second time of it.
            sent = order(inputs=json.loads(record().inputs))
            assert await made.log.like(sent, record().inputs, 0) is None

    asyncio.run(scenario())
