"""Refresh tokens as Zapier has them: one use each, and a second use revokes the whole family."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from keyring.backend import KeyringBackend


class Shared(KeyringBackend):
    """A keyring that several processes share: one file for each secret, replaced whole."""

    priority = 1.0

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's is not typed
        self._folder = folder

    def _file(self, name: str) -> Path:
        return self._folder / name.encode().hex()

    def get_password(self, service: str, username: str) -> str | None:
        file = self._file(username)
        return file.read_text() if file.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        draft = self._file(username).with_suffix(f".{threading.get_ident()}")
        draft.write_text(password)
        draft.replace(self._file(username))

    def delete_password(self, service: str, username: str) -> None:
        self._file(username).unlink()


class Family:
    """Counts what the token endpoint was asked."""

    def __init__(self) -> None:
        self.number = 1
        self.refreshes = 0
        self.replays = 0
        self._lock = threading.Lock()
        self.arrived = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.is_lost_before_it_counts = False

    def answer(self, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            if form["refresh_token"] != [f"refresh-{self.number}"]:
                self.replays += 1
                return 400, {"error": "invalid_grant"}
            self.refreshes += 1
            self.number += 1
            return 200, {
                "access_token": f"access-{self.number}",
                "refresh_token": f"refresh-{self.number}",
                "expires_in": 36000,
            }


@contextmanager
def token_server(family: Family) -> Iterator[str]:
    """Its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            is_lost = family.is_lost_before_it_counts
            family.is_lost_before_it_counts = False
            status, answer = (500, {}) if is_lost else family.answer(form)
            family.arrived.set()
            family.may_answer.wait(30)
            data = json.dumps(answer).encode()
            with suppress(OSError):  # whoever asked is dead by now
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def one_of_many(folder: Path, address: str) -> None:
    """A process that renews the same token as others, each time it is told which one failed."""
    import asyncio

    from zapdesk.api.oauth import OAuthClient, OAuthServer, TokenEndpoint
    from zapdesk.services.entries import Entries
    from zapdesk.services.tokens import TokenKeeper
    from zapdesk.vault import Vault

    async def serve() -> None:
        endpoint = TokenEndpoint(OAuthServer.of(address), OAuthClient("id", "client-secret"))
        entries = Entries("access", "refresh", "secret")
        keeper = TokenKeeper(entries, Vault(Shared(folder)), folder / "turn", endpoint.refresh)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(await keeper.renew(line.strip()), flush=True)
        await endpoint.aclose()

    asyncio.run(serve())


if __name__ == "__main__":
    one_of_many(Path(sys.argv[1]), sys.argv[2])
