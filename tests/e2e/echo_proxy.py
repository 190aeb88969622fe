"""Stands between a client and the sandbox, and repeats every secret that it is sent in its answers.

A server may do so: in a header, in an error, in a member that nobody knows. What was asked is kept.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.sandbox_server import Address

_NOT_PASSED_ON = {"host", "accept-encoding", "connection", "content-length", "transfer-encoding"}


class Echo:
    """Where it listens, and what passed through it."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[bytes] = []
        self.answered: list[bytes] = []

    def tokens(self, kind: str) -> set[str]:
        """Every ``access_token`` or ``refresh_token`` that was given out."""
        found = set()
        for body in self.answered:
            with suppress(ValueError):
                told = json.loads(body)
                if isinstance(told, dict) and isinstance(told.get(kind), str):
                    found.add(told[kind])
        return found


@contextmanager
def echoing(sandbox: Address) -> Iterator[Echo]:
    """A proxy in front of ``sandbox``."""
    echo = Echo()
    real = urlsplit(sandbox.url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = {k: v for k, v in self.headers.items() if k.lower() not in _NOT_PASSED_ON}
            echo.asked.append(f"{self.path} {sent}".encode() + body)
            far = http.client.HTTPConnection(real.hostname or "", real.port or 0, timeout=30)
            far.request(self.command, self.path, body or None, sent)
            answer = far.getresponse()
            data = answer.read().replace(sandbox.url.encode(), echo.url.encode())
            echo.answered.append(data)
            # A token's answer is read to the letter, and repeats enough.
            if "token" not in self.path:
                data = _repeating(data, f"{sent.get('Authorization', '')} {body.decode()}")
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("X-Echo", sent.get("Authorization", ""))
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            far.close()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    echo.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield echo
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _repeating(body: bytes, said: str) -> bytes:
    try:
        told = json.loads(body)
    except ValueError:
        return body
    if isinstance(told, dict):
        told["you_said"] = said
        for error in told.get("errors") or ():
            if isinstance(error, dict):
                error["detail"] = f"{error.get('detail', '')} You said: {said}"
    return json.dumps(told).encode()
