"""Starts the real sandbox process for tests of every layer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PROGRAM = """
import json, sys
from zapdesk.sandbox.console import SandboxOptions, serve
sys.exit(serve(SandboxOptions(**json.loads(sys.argv[1]))))
"""
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a sandbox listens and what opens it."""

    url: str
    token: str
    client_id: str
    client_secret: str
    page: str
    partner: dict[str, str]
    process: subprocess.Popen[str]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def start_sandbox(home: Path, **options: Any) -> subprocess.Popen[str]:
    """Start the process with ``home`` as its state directory; ``options`` are SandboxOptions."""
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, json.dumps(options)],
        cwd=_ROOT,
        env={**os.environ, "ZAPDESK_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running_sandbox(home: Path, **options: Any) -> Iterator[Address]:
    """A sandbox that runs as long as the block does. Runs take 0.02 to 0.1 s if not said else."""
    options.setdefault("run_s", (0.02, 0.1))
    process = start_sandbox(home, **options)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            assert process.stderr is not None
            raise AssertionError(f"the sandbox did not start: {process.stderr.read()}")
        yield Address(**json.loads(line), process=process)
    finally:
        process.terminate()
        process.communicate(timeout=10)
