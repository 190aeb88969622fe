"""Bodies are bounded, packed or not."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zapdesk.api import bodies
from zapdesk.api.bodies import MAX_BODY, BodyReader, BodyTrouble


def _read(parts: list[bytes], encoding: str = "") -> bytes:
    reader = BodyReader(encoding)
    for part in parts:
        reader.feed(part)
    return reader.finish()


def _feed(reader: BodyReader, parts: list[bytes]) -> None:
    for part in parts:
        reader.feed(part)


def _parts(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@given(st.binary(max_size=5000), st.integers(1, 700), st.sampled_from(["gzip", "deflate", ""]))
def test_a_body_comes_out_whole_however_it_is_cut(data: bytes, size: int, encoding: str) -> None:
    packed = {"gzip": gzip.compress(data), "deflate": zlib.compress(data)}.get(encoding, data)
    assert _read(_parts(packed, size), encoding) == data


def test_gzip_in_several_members_is_one_body() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    for size in (1, 7, 1000):
        assert _read(_parts(packed, size), "gzip") == b"one two"


def test_an_empty_body_may_call_itself_gzip() -> None:
    assert _read([], "gzip") == b""


def test_a_body_of_more_than_32_mib_is_refused_and_its_start_is_kept() -> None:
    reader = BodyReader("")
    with pytest.raises(BodyTrouble, match="32 MiB"):
        _feed(reader, [b"x" * 65536] * 600)
    assert 0 < len(reader.data) <= MAX_BODY


def test_a_gzip_bomb_is_refused_before_it_takes_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    reader = BodyReader("gzip")
    with pytest.raises(BodyTrouble, match="hundred times"):
        _feed(reader, _parts(bomb, 65536))
    assert len(reader.data) < 8 * 1024 * 1024


def test_endless_empty_gzip_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY", 1024 * 1024)
    reader = BodyReader("gzip")
    with pytest.raises(BodyTrouble, match="longer than"):
        _feed(reader, [gzip.compress(b"") * 3000] * 20)
    assert reader.data == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_a_packing_nobody_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(BodyTrouble, match="not asked for"):
        _read([b"x"], encoding)


def test_packed_data_that_is_cut_off_is_refused() -> None:
    with pytest.raises(BodyTrouble, match="cut off"):
        _read([gzip.compress(b"hello world")[:-9]], "gzip")


def test_packed_data_that_is_broken_is_refused() -> None:
    with pytest.raises(BodyTrouble, match="broken"):
        _read([b"this is no gzip"], "gzip")
