"""What kept a connection from coming about, in words: names, proxies, certificates, encryption.

Nothing was sent in any of these cases. There is no way to go on in spite of a bad certificate.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx

from zapdesk.api import tls
from zapdesk.redaction import REDACTOR

if TYPE_CHECKING:
    from zapdesk.api.refusals import Server

_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21})
_OUT_OF_TIME = frozenset({9, 10})
"""OpenSSL's numbers of what is wrong with a certificate."""
_LOCKED = "{} asks for a name and a password."


def network_words(error: BaseException, server: Server) -> tuple[str, str]:
    """Title and detail of the error that kept ``server`` from being reached."""
    reached = server.reached
    for cause in causes(error):
        match cause:
            case httpx.ProxyError():
                return _proxy_words(str(cause), server)
            case ssl.SSLCertVerificationError():
                return _certificate_words(cause, server)
            case ConnectionResetError() | ssl.SSLEOFError() | ssl.SSLSyscallError():
                return (
                    f"The connection to {server.host} was cut off before anything was sent.",
                    "A firewall or a filter in this network may not allow it.",
                )
            case ssl.SSLError():
                return f"No encrypted connection to {server.host} was possible.", _tls_words(cause)
            case socket.gaierror(errno=socket.EAI_AGAIN):
                return f"The address of {reached} was not found in time.", ""
            case socket.gaierror():
                return f"The address of {reached} was not found.", ""
            case ConnectionRefusedError():
                return f"{_capital(reached)} refused the connection.", ""
            case TimeoutError() | httpx.ConnectTimeout():
                return f"{_capital(reached)} did not answer in time.", ""
    return f"{_capital(reached)} cannot be reached.", ""


def _proxy_words(said: str, server: Server) -> tuple[str, str]:
    """``said`` is the status and reason with which a proxy declined, or words about SOCKS."""
    proxy = f"The proxy {server.proxy}"
    match said.partition(" ")[0]:
        case "407":
            return _LOCKED.format(proxy), "Enter them in Settings, Network."
        case "403" | "405":
            return f"{proxy} does not allow connections to {server.host}.", ""
        case "502" | "503" | "504":
            return f"{proxy} could not reach {server.host}.", f"It answered with status {said}."
    if said.startswith("Requested "):  # the way of signing in that the HTTP library proposed
        return _LOCKED.format(proxy), "Enter them in Settings, Network."
    if said.startswith("Invalid username"):
        return f"{proxy} does not accept the name and password.", "Look at Settings, Network."
    return f"{proxy} did not lead to {server.host}.", f"It said: {REDACTOR.text(said)[:200]}"


def _certificate_words(cause: ssl.SSLCertVerificationError, server: Server) -> tuple[str, str]:
    reason = cause.verify_message or "it cannot be verified"
    missing = tls.missing_store()
    if cause.verify_code in _UNKNOWN_ISSUER and missing:
        detail = f"{missing} names certificates that are not there."
    elif cause.verify_code in _UNKNOWN_ISSUER:
        detail = (
            "Someone may be listening in. If it is your own network or server, name the file with"
            " its certificate in Settings, Network."
        )
    elif cause.verify_code in _OUT_OF_TIME:
        detail = "It is out of date, or this computer's clock is wrong."
    else:
        detail = "Someone may be listening in, or the server is not set up for this name."
    return f"The certificate of {server.host} is not accepted: {reason}.", detail


def _tls_words(cause: ssl.SSLError) -> str:
    if cause.reason in {
        "UNSUPPORTED_PROTOCOL",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "WRONG_SSL_VERSION",
    }:
        return "It offers only encryption that is too old to be safe (before TLS 1.2)."
    if cause.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"}:
        return "What answers there does not speak TLS."
    return ""


def _capital(words: str) -> str:
    return f"T{words[1:]}" if words.startswith("the ") else words


def causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and all that led to it."""
    found, seen = [error], set[int]()
    while found:
        cause = found.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            found.extend(cause.exceptions)
        found.extend(c for c in (cause.__cause__, cause.__context__) if c is not None)
