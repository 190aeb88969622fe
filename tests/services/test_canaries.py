"""Canaries: secrets that a server repeats in every spelling, in every part of its answers, and that
are found afterwards in no file, log, database, crash report, export or program that was started."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.cli.program import COMMAND, ROOT, environment
from tests.services.canaries import files, found, planted, values
from tests.services.desk import desk, exports_of, order
from tests.services.dossiers import exchanges, record
from tests.services.script_server import Script, reply_bytes, scripted, sends
from zapdesk import log
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import RunError, RunEvent, RunFilter, RunRecord, RunStatus
from zapdesk.errors import ErrorItem, ErrorReport, InvalidInput
from zapdesk.redaction import REDACTOR, Redactor
from zapdesk.services import polling
from zapdesk.services.dossiers import dossier
from zapdesk.services.exports.formats import Format, written

TOKEN = "tok-canary/77+aa.01~b2=c3"  # made up
PASSWORD = "Pass word\"with'quotes&<signs>\\/ 100%"  # made up

secrets = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x4FF, codec="utf-8"), min_size=10, max_size=24
).filter(lambda s: s.isprintable() and not s.isdigit() and len(set(s)) > 5)


@settings(max_examples=15)
@given(secret=secrets)
@example(secret=PASSWORD)
@example(secret=TOKEN)
@example(secret="response_h")
@example(secret="default_va")  # hides a part of the form's own words, which then is no form
def test_a_secret_planted_in_every_part_of_a_run_is_in_no_export(secret: str) -> None:
    redactor = Redactor()
    redactor.register(secret)
    run, asked = _full_of(secret)
    told = dossier(run, asked, redactor=redactor)
    for format in Format:
        try:
            text = written(told, format).text
        except InvalidInput:
            continue  # no command is made of inputs of which a part is hidden
        if secret not in written(dossier(record(), exchanges()), format).text:  # as a key may be
            assert found(secret, [(format.value, text.encode())]) == []


def _full_of(secret: str) -> tuple[RunRecord, tuple[Exchange, ...]]:
    """A run that has ``secret`` in every spelling wherever a server or a person can put text."""
    every = planted(secret)
    text = " ".join(every.values())
    body = json.dumps({"echo": every, "list": [secret], secret: 1}).encode()
    kept = record(headline=text, server_status=text, resolution_note=text, action_title=text)
    asked = exchanges()[0]
    return (
        replace(
            kept,
            inputs=json.dumps({"note": text, "every": every}).encode(),
            results=body,
            errors=(RunError(text, text, text),),
            report=ErrorReport(text, text, "app", text, text, (ErrorItem(text, text, text),)),
            labels={"note": text, "every": {"a": text}},
            events=(RunEvent(1, RunStatus.ERROR, text),),
        ),
        (
            replace(
                asked,
                url=f"https://api.zapier.com/v2/action-runs?echo={every['in an address']}",
                request_headers=(("X-Echo", text),),
                request_body=body,
                response_headers=(("X-Echo", text), ("Set-Cookie", secret)),
                response_body=body + text.encode(),
                failure=text,
            ),
            replace(asked, response_body=b"\xff" + text.encode()),
        ),
    )


@pytest.fixture
def everything_logged(home: Path) -> Iterator[None]:
    """The log file of the program, with every logger at its most talkative."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore", "asyncio", "zapdesk")]
    levels = [logger.level for logger in loggers]
    (home / "log").mkdir(parents=True, exist_ok=True)
    log.set_up(home / "log", level=1)
    for logger in loggers:
        logger.setLevel(1)
    try:
        yield
    finally:
        for handler in root.handlers[:]:
            if handler not in handlers:
                root.removeHandler(handler)
                handler.close()
        root.setLevel(level)
        for logger, before in zip(loggers, levels, strict=True):
            logger.setLevel(before)


@pytest.mark.usefixtures("everything_logged")
def test_canary_token_and_password_are_in_no_log_database_or_export(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "POLLS_S", (0.01,))
    sent = order(
        inputs={"note": "n", "password": PASSWORD, "keys": [PASSWORD + "2"]},
        secret_ids=frozenset({"password", "keys"}),
    )
    ends = {
        "an echo": _echoes(),
        "an error": {"on_poll": [_ended("error")]},
        "a refusal": {"on_run": [_refusal(400)]},
        "no usable answer": {"on_run": [sends(reply_bytes(502, _text().encode(), _headers()))]},
        "a refusal to sign in": {"on_run": [_refusal(401)]},
        "a broken look": {
            "on_poll": [sends(reply_bytes(500, _text().encode())), _ended("success")]
        },
    }

    async def scenario() -> None:
        for name, script in ends.items():
            async with scripted(**script) as server, desk(home, server.url, TOKEN) as made:
                ended = await made.ended(replace(sent, nonce=name))
                assert TOKEN in str(server.asked), "the server had the token"
                assert any(PASSWORD.encode() in _unescaped(a.body) for a in server.posts)
                logging.getLogger("zapdesk.test").info("what somebody logs: %s", _text())
                logging.getLogger("httpx").info("HTTP Request: GET %s?t=%s", server.url, _text())
                service = exports_of(made)
                for format in Format:
                    shown = await service.copy_as(ended.run.id, format)
                    (tmp_path / f"{name}.{format}").write_text(shown.text, "utf-8")
                _assert_nowhere(_open(home))  # with what is in -wal
        async with desk(home, "http://127.0.0.1:9", TOKEN) as made:
            assert len(await made.log.page(RunFilter())) == len(ends)
            service = exports_of(made)
            pieces = [p async for p, _ in service.many(RunFilter(), Format.JSON)]
            (tmp_path / "many.json").write_text("".join(pieces), "utf-8")

    asyncio.run(scenario())
    logged = (home / "log" / log.FILE_NAME).read_text("utf-8")
    assert "httpx: HTTP Request" in logged
    assert "httpcore" in logged
    _assert_nowhere(_open(home))
    _assert_nowhere(files(tmp_path))


def _open(home: Path) -> Iterator[tuple[str, bytes]]:
    yield from files(home)
    for database in home.rglob("*.db"):
        yield from values(database)


def _assert_nowhere(places: Iterator[tuple[str, bytes]]) -> None:
    every = list(places)
    assert every
    for secret in (TOKEN, PASSWORD, PASSWORD + "2"):
        assert "\n".join(found(secret, every)) == "", secret


def _text() -> str:
    return " ".join([*planted(TOKEN).values(), *planted(PASSWORD).values()])


def _headers() -> str:
    return f"X-Echo: {planted(TOKEN)['in an address']} {TOKEN} {planted(PASSWORD)['in base64']}"


def _ended(status: str) -> Any:
    told = [{"code": "user", "title": _text(), "detail": _text()}]
    results = [{"echo": planted(TOKEN), "and": planted(PASSWORD), PASSWORD: [TOKEN]}]
    data = {"type": "run", "status": status, "results": results, "errors": told}
    return 200, {"data": data}


def _echoes() -> dict[str, Any]:
    return {
        "on_poll": [
            (200, {"data": {"type": "run", "status": _text(), "results": [], "errors": []}}),
            _ended("success"),
        ]
    }


def _refusal(status: int) -> Any:
    entry = {"status": status, "code": "refused", "title": _text(), "detail": _text(),
             "source": {"pointer": f"/data/inputs/{PASSWORD}"}}  # fmt: skip
    return status, {"errors": [entry]}


def _unescaped(body: bytes) -> bytes:
    return str(json.loads(body)).encode().replace(b"\\\\", b"\\").replace(b"\\'", b"'")


def test_a_canary_in_a_traceback_is_in_no_crash_report(home: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from zapdesk.redaction import REDACTOR\n"
        "from zapdesk.ui.shell.crash_log import CrashLog\n"
        "secret, text = sys.argv[1:]\n"
        "REDACTOR.register(secret)\n"
        "log = CrashLog(Path.cwd())\n"
        "raise RuntimeError(text)\n"
    )
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", program, TOKEN, " ".join(planted(TOKEN).values())],
        cwd=home, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    kept = list(files(home))
    assert b"RuntimeError" in kept[0][1]
    assert found(TOKEN, kept) == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
def test_no_program_that_is_started_gets_the_token(home: Path) -> None:
    given = {"ZAPDESK_TOKEN": TOKEN}
    program = [*COMMAND, "--sandbox", "--json", "run", "Formatter", "text", "--input", "text=a"]
    done = subprocess.run(
        program, cwd=ROOT, env=environment(home, given), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    started = [p for p in Path("/proc").glob("[0-9]*") if str(home) in _read(p / "environ")]
    assert started, "the sandbox lives on for a while"
    for process in started:
        assert TOKEN not in _read(process / "environ") + _read(process / "cmdline")
    # The file with the sandbox's own address and token is not looked at: it is for joining it,
    # and opens nothing but the sandbox.
    _assert_nowhere(files(home, leave_out=lambda path: path.name == "address.json"))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_crash_leaves_no_core_dump(tmp_path: Path) -> None:
    program = (
        "import os, resource\n"
        "soft, hard = resource.getrlimit(resource.RLIMIT_CORE)\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))\n"
        "from zapdesk.__main__ import main\n"
        "main(['--version'])\n"
    )
    for end in ("os.abort()", "print(resource.getrlimit(resource.RLIMIT_CORE))"):
        done = subprocess.run(
            [sys.executable, "-c", program.replace("main(['--version'])\n", _tried(end))],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "ZAPDESK_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout.strip().splitlines()[-1] in {"(1, 1)", "(0, 0)"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("core")] == []


def _tried(end: str) -> str:
    return f"try:\n    main(['--version'])\nexcept SystemExit:\n    pass\n{end}\n"


@pytest.mark.parametrize(
    "token",
    ["tok-canary\nX-Evil: 1", "tok-canary-ü", "tok canary", "tok-canary\x00", "tok-💥canary"],
)
def test_a_token_with_a_newline_or_a_letter_beyond_ascii_goes_nowhere(
    token: str, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1)

    async def scenario() -> None:
        server: Script
        async with scripted() as server, desk(home, server.url, token) as made:
            ended = await made.ended(order())
            assert ended.run.status is RunStatus.NOT_SENT
            assert server.asked == []
            assert "canary" not in f"{ended} {caplog.text}"
            assert "token" in ended.run.headline.lower()

    asyncio.run(scenario())
    assert all(b"canary" not in data for _, data in _open(home))


def test_the_program_keeps_no_canary_when_it_has_ended() -> None:
    for secret in (TOKEN, PASSWORD, PASSWORD + "2"):
        REDACTOR.forget(secret)
    assert REDACTOR.exact(TOKEN) == TOKEN
