"""Forks commands of a process that has loaded the command line already: loading it takes four
fifths of a short command's time. Each is a process of its own, with the descriptors, environment
and end that it would have; what loading itself does is left to those that are started anew.

Run as a program it is that process: one JSON line asks for a command, with the descriptors beside
it, one line says its id, and one how it ended.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class ForkServer:
    """The process, as tests see it."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.fork_server", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        self._ours.close()
        self._process.wait(10)

    def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        files: Sequence[int],
        timeout_s: float,
    ) -> int:
        """Run ``zapdesk`` with ``files`` as its stdin, stdout and stderr; the exit code. Raises
        TimeoutError where it takes longer, after ending it."""
        asked = json.dumps({"arguments": list(arguments), "environment": dict(environment)})
        socket.send_fds(self._ours, [b"-"], list(files))
        self._ours.sendall(asked.encode() + b"\n")
        pid = int(self._line())
        if not select.select([self._ours], [], [], timeout_s)[0]:
            os.kill(pid, signal.SIGKILL)
            self._line()  # the next command's answers come after this one's
            raise TimeoutError(f"{list(arguments)} took more than {timeout_s:.0f} seconds")
        return int(self._line())

    def _line(self) -> bytes:
        return _line(self._ours)


def _line(connection: socket.socket) -> bytes:
    """One line and not a byte more, so that what follows is still to be waited for."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise EOFError("the other side has ended")
        line += byte
    return line


def _serve(connection: socket.socket) -> list[str]:
    """Answer until a command is asked for in this, a forked, process: its arguments."""
    while True:
        data, files, _, _ = socket.recv_fds(connection, 1, 3)
        if not data:
            sys.exit()
        line = b""
        while not line.endswith(b"\n"):
            line += connection.recv(65_536)
        if pid := os.fork():
            for file in files:
                os.close(file)
            connection.sendall(f"{pid}\n".encode())
            _, status = os.waitpid(pid, 0)
            connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            continue
        connection.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        asked = json.loads(line)
        os.environ.clear()
        os.environ.update(asked["environment"])
        time.tzset()
        return list(asked["arguments"])


if __name__ == "__main__":
    from zapdesk.__main__ import main
    from zapdesk.cli import main as _loaded  # noqa: F401  # what every command needs

    sys.exit(main(_serve(socket.socket(fileno=int(sys.argv[1])))))
