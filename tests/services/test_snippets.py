"""Snippets do what they say: each is run by its own program, and the sandbox receives the bytes
that zapdesk itself sent, whatever stands in the inputs."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox_server import Address, running_sandbox
from tests.services.desk import desk, exports_of, order
from tests.services.fault_proxy import told
from zapdesk.domain.payload import ExactNumber
from zapdesk.domain.runs import RunKind
from zapdesk.services import polling
from zapdesk.services.exports.formats import Format

FIELD_ZOO = "4c6e8a0b-2d4f-5a6c-8e0b-1d3f5a7ca005"
PASSWORD = 'it\'s "so" secret\\ $HOME `id` \n пароль'  # made up

HOSTILE = {
    "quote": "'; touch pwned #",
    "double": '"; touch pwned; "',
    "command": "$(touch pwned) `touch pwned` ${HOME} %PATH% !ls",
    "lines": "one\ntwo\r\nthree\ttab\x00\x01\x7f",
    "braces": "{{now}} {name} %s %d \\n \\ ${x} `${y}`",
    "signs": "пароль 日本 🦊 \u202edesrever\u202c \u2028 \xa0",
    "markup": "</script><!-- -->",
    "-x": "-rf",
    "a=b": "c=d",
    "ends:": "x",
    "": "no name",
}
KINDS: dict[str, dict[str, Any]] = {
    "hostile texts": HOSTILE,
    "values": {
        "n": None, "yes": True, "whole": 12, "list": ["a", "b c"], "map": {"k": "v", "deep": [1]},
        "empty": "", "no items": [], "no keys": {}, "objects": [{"x": "1"}, {"x": "2"}],
        "long": "x" * 300, "many": [str(n) for n in range(40)],
    },
    "what languages change": {
        "price": ExactNumber("0.10"), "huge": ExactNumber("99999999999999999999"),
        "10": "ten", "2": "two", "__proto__": "p", "lone": "\ud83d", "beyond": 2**53 + 1,
    },
    "more than an argument holds": {"text": "xyz '$ " * 30_000},
}  # fmt: skip

PROGRAMS = {
    Format.CURL: (("sh", "curl", "jq"), ["sh"]),
    Format.PYTHON: ((), [sys.executable]),
    Format.JAVASCRIPT: (("node",), ["node"]),
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as address:
        yield address


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.03,))


def _run(
    format: Format, text: str, folder: Path, sandbox: Address, **more: str
) -> subprocess.CompletedProcess[str]:
    needed, command = PROGRAMS[format]
    for program in needed:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here")
    folder.mkdir(exist_ok=True)
    file = folder / f"snippet{'.mjs' if format is Format.JAVASCRIPT else ''}"
    file.write_text(text, "utf-8", newline="")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [*command, file.name],
        cwd=folder,
        env=kept | {"ZAPIER_TOKEN": sandbox.token} | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def _sent(
    sandbox: Address, home: Path, format: Format, inputs: dict[str, Any], **more: Any
) -> tuple[str, str]:
    """What the sandbox received of a run, and the run as a snippet."""
    async with desk(home, sandbox.url, sandbox.token) as made:
        await made.catalog.load()
        record = await made.ended(order(FIELD_ZOO, "every_type", inputs, **more))
        shown = await exports_of(made).copy_as(record.run.id, format)
        received = (await told(sandbox, "received"))[-1]["body"]
    return received, shown.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("format", PROGRAMS)
def test_what_a_snippet_sends_is_what_zapdesk_sent(
    format: Format, kind: str, sandbox: Address, tmp_path: Path
) -> None:
    async def scenario() -> None:
        before, text = await _sent(sandbox, tmp_path / "home", format, KINDS[kind])
        assert sandbox.token not in text
        ended = await asyncio.to_thread(_run, format, text, tmp_path / "place", sandbox)
        assert ended.returncode == 0, ended.stderr
        assert '"run"' in ended.stdout
        after = (await told(sandbox, "received"))[-1]["body"]
        _assert_same(before, after)

    asyncio.run(scenario())
    assert [entry.name for entry in (tmp_path / "place").iterdir()] in (
        ["snippet"], ["snippet.mjs"],
    ), "something else ran"  # fmt: skip


def _assert_same(before: str, after: str) -> None:
    ids = [json.loads(body)["data"]["action"] for body in (before, after)]
    assert ids[0] != ids[1], "an action id is good for one run"
    assert after == before.replace(json.dumps(ids[0]), json.dumps(ids[1]))


@pytest.mark.parametrize("format", PROGRAMS)
def test_a_password_is_a_variable_of_the_environment(
    format: Format, sandbox: Address, tmp_path: Path
) -> None:
    async def scenario() -> None:
        inputs = {"user": "ada", "string_password": PASSWORD, "last": "z"}
        secret_ids = frozenset({"string_password"})
        before, text = await _sent(
            sandbox, tmp_path / "home", format, inputs, secret_ids=secret_ids
        )
        assert "пароль" not in text
        assert "ZAPIER_INPUT_STRING_PASSWORD" in text
        given = {"ZAPIER_INPUT_STRING_PASSWORD": PASSWORD}
        ended = await asyncio.to_thread(_run, format, text, tmp_path, sandbox, **given)
        assert ended.returncode == 0, ended.stderr
        _assert_same(before, (await told(sandbox, "received"))[-1]["body"])

    asyncio.run(scenario())


@pytest.mark.parametrize("format", PROGRAMS)
def test_a_step_test_is_sent_as_one(format: Format, sandbox: Address, tmp_path: Path) -> None:
    async def scenario() -> None:
        before, text = await _sent(
            sandbox, tmp_path / "home", format, {"a": "b"}, kind=RunKind.TEST
        )
        ended = await asyncio.to_thread(_run, format, text, tmp_path, sandbox)
        assert ended.returncode == 0, ended.stderr
        received = (await told(sandbox, "received"))[-2:]
        assert [entry["kind"] for entry in received] == ["test", "test"]
        assert received[-1]["body"] == before

    asyncio.run(scenario())
