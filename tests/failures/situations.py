"""What may come back, and which rule explains it. Bodies have the shapes that the API's documents
and its gateway give them; an empty rule means that none knows the answer.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.api.fault_server import hangs, resets
from tests.failures.documents import Failure
from tests.services.script_server import Behaviour, Reply, accepted, reply_bytes, sends
from zapdesk.domain.catalog import ActionKey
from zapdesk.domain.exchanges import Exchange
from zapdesk.domain.runs import ActionRun, RunKind, RunRecord, RunStatus
from zapdesk.errors import ErrorReport, Side

Case = tuple[str, str, Reply | Behaviour]

PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Hotel Wi-Fi</body></html>"


def envelope(
    status: int, code: str, title: str, detail: str, pointer: str = "", source: str = "ZAPIER"
) -> Reply:
    """A refusal as the API words it."""
    return status, {
        "errors": [
            {
                "status": status,
                "code": code,
                "title": title,
                "detail": detail,
                "source": {"pointer": pointer} if pointer else None,
                "meta": {"source": source, "full_details": {"message": detail, "code": code}},
            }
        ]
    }


def flat(status: int, code: str, detail: str) -> Reply:
    """A refusal as the gateway words it."""
    return status, {"code": code, "detail": detail}


def page(status: int, *headers: str, body: bytes = PAGE) -> Behaviour:
    return sends(reply_bytes(status, body, "Content-Type: text/html", *headers))


def text(status: int, body: bytes, *headers: str) -> Behaviour:
    return sends(reply_bytes(status, body, *headers))


ANSWERS: list[Case] = [
    # Access
    ("401 in the API's shape", "token-refused",
     envelope(401, "unauthenticated", "User Not Authenticated", "You must be authenticated.")),
    ("401 with nothing", "token-refused", text(401, b"")),
    ("401 in the first API's shape", "token-refused", (401, {"errors": ["client_id is missing"]})),
    ("401 as OAuth words it", "token-refused",
     (401, {"error": "invalid_token", "error_description": "The access token expired"})),
    ("403 of the gateway for a bad header", "token-malformed",
     flat(403, "authentication_failed", "Invalid token header. No credentials provided.")),
    ("403 of the gateway for an old token", "token-refused",
     flat(403, "authentication_failed", "The token has expired.")),
    ("403 with the code in the API's shape", "token-refused",
     envelope(403, "not_authenticated", "NotAuthenticated", "Credentials were not provided.")),
    ("403 that names the scope", "scope-missing",
     envelope(403, "permission_denied", "PermissionDenied",
              "The token does not have the scope “action:run” that this needs.")),
    ("403 for the beta", "beta",
     envelope(403, "permission_denied", "PermissionDenied", "Not on the allow-list.")),
    ("403 that says nothing", "beta-or-scope",
     envelope(403, "permission_denied", "PermissionDenied",
              "You do not have permission to perform this action.")),
    ("403 for the plan", "plan",
     envelope(403, "forbidden", "Forbidden", "Upgrade your plan to run actions.")),
    ("402", "plan", flat(402, "not_covered", "This is not covered.")),
    ("429 with a wait", "rate-limited",
     text(429, b'{"errors":[{"code":"throttled","title":"Throttled","detail":"Too many."}]}',
          "Retry-After: 42", "X-RateLimit-Remaining: 0")),
    ("429 that is a page", "rate-limited", page(429)),
    # What was sent
    ("400 parse_error", "body-refused",
     envelope(400, "parse_error", "ParseError", "Malformed request.")),
    ("400 without a code that points at the top", "body-refused",
     (400, {"errors": [{"status": "400", "title": "Bad Request", "detail": "Missing inputs.",
                        "source": {"pointer": "/data/inputs"}}]})),
    ("400 for an id that was used", "action-id-used",
     envelope(400, "invalid", "ValidationError",
              "action: This id was used for a run already; look the action up again.",
              "/data/action")),
    ("404 for the action", "action-not-known",
     envelope(404, "not_found", "NotFound", "There is no such action.")),
    ("400 for the connection", "connection-not-usable",
     envelope(400, "invalid", "ValidationError", "authentication: this value is not usable here.",
              "/data/authentication")),
    ("400 for the connection, in words only", "connection-not-usable",
     envelope(400, "invalid", "ValidationError", "This authentication has expired.")),
    ("400 for one input", "input-refused",
     envelope(400, "invalid", "ValidationError", "The note is too long.", "/data/inputs/note")),
    ("422 for one input", "input-refused",
     envelope(422, "blank", "ValidationError", "This field may not be blank.", "/input/name")),
    ("413", "too-large", envelope(413, "too_large", "RequestTooLarge", "6 MB at most.")),
    ("405", "not-spoken",
     envelope(405, "method_not_allowed", "MethodNotAllowed", 'Method "POST" not allowed.')),
    ("415", "not-spoken",
     envelope(415, "unsupported_media_type", "UnsupportedMediaType", "Unsupported media type.")),
    ("409", "conflict", envelope(409, "conflict", "Conflict", "Another request does this.")),
    ("400 that nobody foresaw", "", envelope(400, "moon_phase", "MoonPhase", "Wrong moon.")),
    ("418 in the shape of messages", "", (418, {"messages": [{"detail": "I am a teapot."}]})),
    # Doubts
    ("302 to the same server", "redirected", text(302, b"", "Location: /v2/action-runs/")),
    ("307 to another server", "redirected", text(307, b"", "Location: https://x.example/")),
    ("302 to a sign-in page", "captive-redirect",
     text(302, b"", "Location: http://login.hotel.example/?from=api")),
    ("200 that is a page", "page-as-success", page(200)),
    ("407", "proxy-sign-in-answer", page(407, 'Proxy-Authenticate: Basic realm="office"')),
    ("511", "captive-portal", page(511)),
    ("403 that is a page", "refusal-unreadable", page(403)),
    ("404 that is plain text", "", text(404, b"nope")),
    ("408", "server-time-out", envelope(408, "timeout", "RequestTimeout", "It took too long.")),
    ("425", "too-early", envelope(425, "too_early", "TooEarly", "Too early.")),
    ("500 in the API's shape", "server-trouble",
     envelope(500, "error", "APIException", "A server error occurred.")),
    ("501 with an empty object", "server-trouble", (501, {})),
    ("502 that is a page", "gateway-trouble", page(502, body=b"<html>Bad gateway</html>")),
    ("503 with a wait", "server-overloaded", text(503, b"", "Retry-After: 30")),
    ("504", "server-time-out", envelope(504, "timeout", "GatewayTimeout", "It timed out.")),
    ("200 with nothing", "accepted-without-id", text(200, b"")),
    ("201 without an id", "accepted-without-id", (201, {"data": {"type": "run"}})),
    ("200 with a number as id", "accepted-without-id", accepted(7)),
    ("a reset", "broken-while-sending", resets),
    ("silence", "no-answer-in-time", hangs),
    ("hanging up", "broken-while-sending", sends(b"")),
    ("half an answer", "answer-cut-off",
     sends(reply_bytes(200, b'{"data":{"id":"run-1"}}')[:-5])),
    ("another protocol", "answer-not-http", sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")),
    ("a coding nobody asked for", "answer-too-large",
     text(200, b"xx", "Content-Encoding: br")),
]  # fmt: skip

LOOKED_UP: list[Case] = [
    ("looking up: 401", "token-refused",
     envelope(401, "unauthenticated", "User Not Authenticated", "You must be authenticated.")),
    ("looking up: 403", "not-allowed",
     envelope(403, "permission_denied", "PermissionDenied", "You may not.")),
    ("looking up: 404", "read-not-found", envelope(404, "not_found", "NotFound", "Not found.")),
    ("looking up: 429", "rate-limited",
     text(429, b'{"errors":[{"code":"throttled","detail":"Too many."}]}', "Retry-After: 600")),
    ("looking up: 500", "server-trouble-before",
     envelope(500, "error", "APIException", "A server error occurred.")),
    ("looking up: a page", "page-before", page(200)),
    ("looking up: 511", "captive-portal-before", page(511)),
    ("looking up: sent to a sign-in page", "captive-redirect-before",
     text(302, b"", "Location: http://login.hotel.example/")),
    ("looking up: sent elsewhere", "redirected-before",
     text(308, b"", "Location: https://elsewhere.example/v2/actions")),
    ("looking up: a reset", "broken-before-sending", resets),
    ("looking up: packed oddly", "unreadable-before", text(200, b"xx", "Content-Encoding: br")),
]  # fmt: skip

TESTS: list[Case] = [
    ("a test: the app refuses", "test-failed",
     envelope(400, "test_failed", "ActionTestError",
              "Error during execution: Error from Tidepool: page_locked", source="THIRD_PARTY")),
    ("a test: the app finds nothing", "not-there",
     envelope(400, "test_failed", "ActionTestError",
              "Error during execution: channel_not_found", source="THIRD_PARTY")),
    ("a test: the scope is missing", "scope-missing",
     envelope(403, "permission_denied", "PermissionDenied", "Needs the scope zap:write.")),
]  # fmt: skip


def error(code: str, title: str, detail: str = "", delay: int | None = None) -> dict[str, Any]:
    """One error of a run that ended."""
    shown: dict[str, Any] = {"code": code, "title": title, "detail": detail}
    return shown | ({} if delay is None else {"delay": delay})


RUN_ERRORS: list[tuple[str, str, list[dict[str, Any]]]] = [
    ("user", "inputs-not-accepted",
     [error("user", "Wrong input", "Tidepool says: the page is locked.")]),
    ("authentication", "connection-refused-by-app",
     [error("authentication", "Account refused", "Tidepool no longer accepts this account.")]),
    ("partner", "app-failed", [error("partner", "Third party failed", "Tidepool fell over.")]),
    ("system", "zapier-failed", [error("system", "Fault at Zapier", "Lost in a queue.")]),
    ("throttled", "app-limits",
     [error("throttled", "Wait", "Tidepool allows 5 writes a minute.", 45)]),
    ("system_throttled", "zapier-limits",
     [error("system_throttled", "Too many runs", "Zapier limits how many runs go at once.")]),
    ("hydration", "file-not-fetched",
     [error("hydration", "File not fetched", "The file could not be downloaded.")]),
    ("a code nobody knows", "", [error("quota_of_moons", "Moons", "In no document.")]),
    ("no errors at all", "error-without-a-reason", []),
    ("words: 429", "app-limits", [error("partner", "Failed", "API error (429): retry later.")]),
    ("words: 401", "connection-refused-in-words",
     [error("user", "Failed", "Got 401 calling POST https://api.tidepool.example/pages")]),
    ("words: a token", "connection-refused-in-words",
     [error("partner", "Failed", "invalid_grant: token has been revoked")]),
    ("words: 403", "connection-may-not",
     [error("user", "Failed", "Insufficient permissions for this workspace.")]),
    ("words: nobody listens", "address-not-reached",
     [error("partner", "No answer", "http://127.0.0.1:1/: All connection attempts failed")]),
    ("words: a time-out", "app-time-out",
     [error("partner", "Failed", "The request timed out after 30 seconds.")]),
    ("words: 503", "app-down", [error("partner", "Failed", "Tidepool answered 503.")]),
    ("words: not found", "not-there",
     [error("user", "Failed", "Could not find the channel: it was archived.")]),
    ("words: a duplicate", "already-there",
     [error("user", "Failed", "A contact with this address already exists.")]),
    ("words: missing", "input-missing", [error("user", "Failed", "Email is required.")]),
    ("words: too long", "input-too-large",
     [error("user", "Failed", "The subject is too long: at most 255 characters.")]),
    ("words: the plan", "plan-used-up",
     [error("system", "Held", "Your account has reached its task limit.")]),
    ("two errors", "inputs-not-accepted",
     [error("user", "Wrong colour", "Blue is no colour."), error("partner", "And", "fell over")]),
]  # fmt: skip

LOOKS: list[Case] = [
    ("looking: 401", "look-sign-in",
     envelope(401, "unauthenticated", "User Not Authenticated", "You must be authenticated.")),
    ("looking: 403 of the gateway", "look-sign-in",
     flat(403, "authentication_failed", "The token has expired.")),
    ("looking: 403", "look-not-allowed",
     envelope(403, "permission_denied", "PermissionDenied", "You may not.")),
    ("looking: 429", "look-limited",
     text(429, b'{"errors":[{"code":"throttled","detail":"Too many."}]}', "Retry-After: 600")),
    ("looking: 404 at once", "look-not-yet",
     envelope(404, "not_found", "NotFound", "There is no such run.")),
    ("looking: a page", "look-page", page(200)),
    ("looking: sent elsewhere", "look-redirected",
     text(302, b"", "Location: http://login.hotel.example/")),
    ("looking: 500", "look-server-trouble",
     envelope(500, "error", "APIException", "A server error occurred.")),
    ("looking: a reset", "look-network", resets),
]  # fmt: skip


def _written(
    name: str, rule: str, failure: str, title: str = "api.zapier.example cannot be reached."
) -> Failure:
    """What a library would have said where the network cannot be broken that way in a test."""
    run = ActionRun(
        id="0" * 32, profile_id="test", kind=RunKind.RUN, status=RunStatus.NOT_SENT,
        action=ActionKey("app-1", "WRITE", "act"), app_title="Some App", action_title="Do It",
        authentication_id=None, authentication_title="", created_ms=1_000,
    )  # fmt: skip
    report = ErrorReport(title, "", Side.NETWORK.value, "", failure)
    exchange = Exchange("actions", "GET", "https://api.zapier.example/v2/actions", failure=failure)
    return Failure(
        name, rule, RunRecord(run, b"{}", report=report), (dataclasses.replace(exchange),)
    )


WRITTEN = [
    _written("a header that cannot be written", "request-unwritable",
             "LocalProtocolError: Illegal header value b'a\\nb'"),
    _written("a number that is none", "inputs-unwritable", "", "NaN is not a JSON number."),
    _written("a proxy wants a sign-in", "proxy-sign-in",
             "ProxyError: 407 Proxy Authentication Required"),
    _written("a proxy refuses to connect", "proxy-refused", "ProxyError: 403 Forbidden"),
    _written("a server that is too old", "tls-too-old",
             "ConnectError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version"
             " (_ssl.c:1006)"),
    _written("a revoked certificate", "tls-certificate",
             "ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed:"
             " certificate revoked (_ssl.c:1006)"),
]  # fmt: skip
