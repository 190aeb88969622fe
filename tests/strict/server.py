"""A server of the Workflow API that answers as documented and judges every request.

It shares nothing with zapdesk: it was written from the published description alone. It runs in
threads of the test's process; ``violations`` must be empty when a test is over.
"""

from __future__ import annotations

import gzip
import json
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.strict.dialect import OPENAPI, Dialect
from tests.strict.endpoints import Endpoints, Reply
from tests.strict.judge import Judge
from tests.strict.kinds import Said
from tests.strict.oauth import OAuthSide
from tests.strict.requests import Request, header_faults, read_body, target_faults
from tests.strict.tokens import EVERY_SCOPE, SCOPES, Fault, Plan, Script, Token

OAUTH = {"authorize", "token", "connect_page"}
METHODS = {
    "apps": "GET",
    "actions": "GET",
    "authentications": "GET",
    "create_authentication": "POST",
    "inputs": "POST",
    "choices": "POST",
    "outputs": "POST",
    "test": "POST",
    "create_run": "POST",
    "run": "GET",
    "categories": "GET",
    "me": "GET",
}


@dataclass(slots=True)
class StrictZapier:
    """The server's state. Use ``strict_zapier``."""

    base_url: str = ""
    judge: Judge = field(default_factory=Judge)
    requests: list[Request] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)
    oauth: OAuthSide = field(default_factory=lambda: OAuthSide(""))
    _by_oauth: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def violations(self) -> list[str]:
        return self.judge.violations

    @property
    def host(self) -> str:
        return self.base_url.removeprefix("http://")

    def add_token(
        self,
        text: str,
        *,
        dialect: Dialect = OPENAPI,
        scopes: frozenset[str] = EVERY_SCOPE,
        is_rated: bool = True,
        person: str = "",
    ) -> Token:
        """Let a person in."""
        self.tokens[text] = Token(text, scopes, dialect, person, is_rated)
        return self.tokens[text]

    def expect(
        self,
        token: Token,
        app_id: str,
        action_name: str,
        *,
        inputs: Mapping[str, Any] | None = None,
        script: Script | None = None,
        is_test: bool = False,
    ) -> Plan:
        """A person orders a run of ``TYPE:key`` now; with ``inputs``: exactly these."""
        with self._lock:
            action = self.judge.find(app_id, action_name)
            plan = Plan(action, time.monotonic(), inputs, script or Script(), is_test)
            token.plans.append(plan)
            return plan

    def said(self, token: Token, app_id: str, action_name: str) -> Said:
        """What the person did on purpose in the form of ``TYPE:key``; to be added to."""
        with self._lock:
            return token.form(self.judge.find(app_id, action_name)).said

    def fail_next(self, token: Token, endpoint: str, *faults: Fault) -> None:
        """Answer the next requests for ``endpoint`` with these faults."""
        with self._lock:
            token.faults.setdefault(endpoint, deque()).extend(faults)

    def of(self, endpoint: str, token: Token | None = None) -> list[Request]:
        """The requests for an endpoint so far."""
        with self._lock:
            return [
                request
                for request in self.requests
                if request.endpoint == endpoint and (token is None or request.token == token.text)
            ]

    def answer(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            self.judge.judged += 1
            reply = self._answer(request)
            request.status = 0 if reply.cut else reply.status
            request.answer = reply.body
            request.answered_at = time.monotonic()
            return reply

    def _answer(self, request: Request) -> Reply:
        judge = self.judge
        request.endpoint = _endpoint(request)
        judge.complain(request, *self.oauth.leaks(request))
        if request.endpoint in OAUTH:
            return self._oauth_answer(request)
        judge.complain(request, *header_faults(request, self.host))
        text = " ".join(request.header("authorization")).removeprefix("Bearer ")
        token = self.tokens.get(text)
        judge.complain(request, *target_faults(request, token.next_links if token else set()))
        if METHODS.get(request.endpoint) != request.method:
            judge.complain(request, "there is no such endpoint")
            return Reply.of(OPENAPI, 404, OPENAPI.failure(404, "not_found", "NotFound", "No."))
        if token is None:
            if request.endpoint != "categories" or text:
                judge.complain(request, "it carries no token that was ever given out")
                body = OPENAPI.failure(401, "unauthenticated", "User Not Authenticated", "Who?")
                return Reply.of(OPENAPI, 401, body)
            token = Token("")
        request.token = token.text
        judge.pace(request, token)
        reply = self._fault_or_reply(request, token)
        wait = reply.headers.get("Retry-After", "")
        if wait.isdigit() and reply.status in {429, 503}:
            told = time.monotonic()
            token.not_before[f"{request.method} {request.target}"] = (told, told + int(wait))
        return reply

    def _oauth_answer(self, request: Request) -> Reply:
        side = self.oauth
        method, answer = {
            "authorize": ("GET", side.authorize),
            "connect_page": ("GET", side.connect_page),
            "token": ("POST", side.token),
        }[request.endpoint]
        if request.endpoint == "token":  # the others are asked for by a browser
            faults = header_faults(request, self.host)
            self.judge.complain(request, *(f for f in faults if "application/json" not in f))
        if request.method != method:
            self.judge.complain(request, "there is no such endpoint")
            return Reply(405)
        told = answer(request)
        self.judge.complain(request, *told.faults)
        for text in self.tokens.keys() - side.granted.keys() & self._by_oauth:
            del self.tokens[text]  # it was renewed: whoever uses it now is at fault
        for text, (person, scope) in side.granted.items():
            if text not in self.tokens:
                self._by_oauth.add(text)
                self.add_token(text, scopes=frozenset(scope.split()), person=person)
        headers = {"Location": told.location} if told.location else {}
        return Reply(told.status, headers, json.dumps(told.body).encode())

    def _fault_or_reply(self, request: Request, token: Token) -> Reply:
        waiting = token.faults.get(request.endpoint)
        fault = waiting.popleft() if waiting else None
        if request.method == "POST" and (wrong := read_body(request)):
            self.judge.complain(request, *wrong)
            body = token.dialect.failure(400, "parse_error", "ParseError", "Malformed request.")
            return Reply.of(token.dialect, 400, body)
        scope = SCOPES[request.endpoint]
        if scope and scope not in token.scopes:
            detail = f"The scope {scope} is missing."
            body = token.dialect.failure(403, "permission_denied", "PermissionDenied", detail)
            return Reply.of(token.dialect, 403, body)
        only_slow = fault is not None and not fault.status and not fault.cut
        has_effect = fault is None or fault.after or only_slow
        reply = Endpoints(self.judge, self.base_url, token, has_effect).reply(request)
        if fault is None:
            return reply
        if only_slow:
            reply.delay_s = fault.delay_s
            return reply
        return Reply(fault.status, dict(fault.headers), fault.body, fault.delay_s, fault.cut)


def _endpoint(request: Request) -> str:
    match request.segments:
        case ["v2", ("apps" | "actions" | "authentications") as name]:
            is_creation = name == "authentications" and request.method == "POST"
            return "create_authentication" if is_creation else name
        case ["v2", "authorize"]:
            return "authorize"
        case ["oauth", "token"] | ["oauth", "token", ""]:
            return "token"
        case ["to", _]:
            return "connect_page"
        case ["v2", "actions", _, ("inputs" | "outputs" | "test") as name]:
            return name
        case ["v2", "actions", _, "inputs", _, "choices"]:
            return "choices"
        case ["v2", "action-runs"]:
            return "create_run"
        case ["v2", "action-runs", _]:
            return "run"
        case ["v1", "categories"]:
            return "categories"
        case ["v1", "profiles", "me"]:
            return "me"
    return "unknown"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, state: StrictZapier) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = state

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            self.state.violations.append(f"the strict server itself failed: {error!r}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the judge speaks."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = Request(
            at=time.monotonic(),
            method=self.command,
            target=self.path,
            headers=tuple(self.headers.items()),
            body=body,
        )
        reply = self.server.state.answer(request)
        if reply.delay_s:
            time.sleep(reply.delay_s)
        if reply.cut:
            self.close_connection = True
            return
        content = reply.body
        accepted = ",".join(request.header("accept-encoding"))
        headers = {"Content-Type": "application/json", "Set-Cookie": "s=1; Path=/"}
        headers.update(reply.headers)
        if reply.is_compressed and "gzip" in accepted:
            content = gzip.compress(content, 1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve


@contextmanager
def strict_zapier() -> Iterator[StrictZapier]:
    """The server, as long as the block runs."""
    state = StrictZapier()
    server = _Server(state)
    state.base_url = state.oauth.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="strict-zapier")
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
