"""The TLS settings: the system's certificates, TLS 1.2 or newer, names always checked.

Nobody else builds an ``SSLContext``. ``ssl.create_default_context`` is not used because it writes
session keys to the file that ``SSLKEYLOGFILE`` names.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from zapdesk.errors import Side, Unreachable


def client_context(ca_file: str = "") -> ssl.SSLContext:
    """A context for talking to servers. Takes some 20 ms: call it off the GUI thread.

    The system's store is used because it is what the person or their company trusts. Where
    OpenSSL finds none (some Python builds on macOS), certifi's list stands in for it. The
    certificates in ``ca_file`` are trusted besides; raises Unreachable where there are none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if not _has_certificates(context):
        import certifi

        context.load_verify_locations(certifi.where())
    if ca_file:
        _trust(context, ca_file)
    return context


def _trust(context: ssl.SSLContext, ca_file: str) -> None:
    path = Path(ca_file).expanduser()
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        what = "holds no certificate"
        detail = f"It must be a PEM file with the certificate of an authority: {path}"
    except OSError as error:
        what, detail = "cannot be read", f"{error.strerror}: {path}"
    else:
        return
    raise Unreachable(
        f"The file of certificates {what}.",
        detail,
        side=Side.COMPUTER,
        hint="Choose another one, or none, in Settings, Network.",
    )


def missing_store() -> str:
    """What ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names that is not there; OpenSSL says nothing."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        place = os.environ.get(name, "")
        if place and not Path(place).exists():
            return name
    return ""


def _has_certificates(context: ssl.SSLContext) -> bool:
    if context.cert_store_stats()["x509_ca"]:
        return True
    # A folder of certificates is read only when one of them is needed.
    folder = ssl.get_default_verify_paths().capath
    try:
        return bool(folder) and any(Path(folder).iterdir())
    except OSError:
        return False


def public_context() -> ssl.SSLContext:
    """As ``client_context``, but only public authorities are trusted, none of this computer's."""
    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    return context


def unproved_context() -> ssl.SSLContext:
    """Takes any certificate. For looking at one that was not accepted; nothing is sent over it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
