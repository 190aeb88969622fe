"""Runs the real program in a process of its own, as a shell would."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.cli.fork_server import ForkServer

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "zapdesk")
_PLAIN = {"ZAPDESK_TOKEN", "ZAPDESK_BASE_URL", "ZAPDESK_CLIENT_SECRET"}
"""Variables that are not read while modules load."""
_PIPE_HOLDS = 16_384


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; fails where there is more or less than one."""
        return json.loads(self.out)


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ZAPDESK_")}
    return kept | {"ZAPDESK_HOME": str(home), "COLUMNS": "160"} | dict(more or {})


def zapdesk(
    home: Path,
    *arguments: str | bytes,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
    before: Sequence[str] = (),
) -> Done:
    """Run one command to its end. ``before`` is put in front of it, for example strace."""
    words = [os.fsdecode(argument) for argument in arguments]
    is_plain = set(env or ()) <= _PLAIN and len(stdin) < _PIPE_HOLDS
    if is_plain and not before and "sandbox" not in words:
        return _forked(words, environment(home, env), stdin, timeout_s)
    ended = subprocess.run(
        [*before, *COMMAND, *arguments],
        cwd=ROOT,
        env=environment(home, env),
        input=stdin.encode(),
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )
    return Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode("utf-8", "replace"))


def _forked(words: list[str], env: Mapping[str, str], stdin: str, timeout_s: float) -> Done:
    read, write = os.pipe()
    os.write(write, stdin.encode())
    os.close(write)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            code = _server().run(words, env, (read, out.fileno(), err.fileno()), timeout_s)
        finally:
            os.close(read)
        out.seek(0)
        err.seek(0)
        return Done(code, out.read().decode(), err.read().decode("utf-8", "replace"))


@cache
def _server() -> ForkServer:
    return ForkServer()


def started(
    home: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start one command and leave it running."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=environment(home, env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line_with(process: subprocess.Popen[str], text: str, timeout_s: float = 30.0) -> str:
    """The line of stderr that has ``text``; fails where the process ends or is too slow."""
    assert process.stderr is not None
    ends_at = time.monotonic() + timeout_s
    seen = []
    while time.monotonic() < ends_at:
        line = process.stderr.readline()
        seen.append(line)
        if text in line:
            return line
        if not line:
            break
    raise AssertionError(f"{text!r} never came: {''.join(seen)}")


def ended(process: subprocess.Popen[str], timeout_s: float = 30.0) -> Done:
    """Wait for a process that was started."""
    out, err = process.communicate(timeout=timeout_s)
    return Done(process.returncode, out, err)


def interrupt(process: subprocess.Popen[str]) -> None:
    """What Ctrl-C sends."""
    process.send_signal(signal.SIGINT)


def at_a_terminal(
    home: Path, *arguments: str, question: str = "", answer: str = ""
) -> tuple[int, str]:
    """The exit code and all that was said, with a person at stdin and stderr who gives
    ``answer`` to ``question``."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT, env=environment(home), stdin=theirs, stderr=theirs, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    try:
        while True:
            said += os.read(ours, 4096)
            if answer and question.encode() in said:
                os.write(ours, answer.encode())
                answer = ""
    except OSError:  # the other side is closed
        pass
    finally:
        os.close(ours)
    return process.wait(30), said.decode()
