"""The TLS settings: the system's certificates, TLS 1.2 or newer, names always checked.

Nobody else builds an ``SSLContext``. ``ssl.create_default_context`` is not used because it writes
session keys to the file that ``SSLKEYLOGFILE`` names.
"""

from __future__ import annotations

import ssl
from pathlib import Path


def client_context() -> ssl.SSLContext:
    """A context for talking to servers. Takes some 20 ms: call it off the GUI thread.

    The system's store is used because it is what the person or their company trusts. Where
    OpenSSL finds none (some Python builds on macOS), certifi's list stands in for it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if not _has_certificates(context):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


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


def pinned_context(certificate: bytes) -> ssl.SSLContext:
    """Takes this one certificate (DER), whatever its names are. As ``unproved_context``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    return context
