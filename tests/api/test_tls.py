"""Whom we trust, and what a bad certificate looks like to a person."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.api.clients import SHORT, Account
from zapdesk.api import tls
from zapdesk.api.client import SendWitness, ZapierClient
from zapdesk.api.routes import Route
from zapdesk.errors import Side, Unreachable


def _certificate(folder: Path, host: str, days: int) -> Path:
    """A self-signed certificate for ``host``, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    try:
        subject: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        subject = x509.DNSName(host)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([subject]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def _send(path: Path, context: ssl.SSLContext, witness: SendWitness) -> str:
    """Start a run at a server that shows the certificate in ``path``."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(path)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"data":{"id":"r"}}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context)
    port = server.sockets[0].getsockname()[1]
    route = Route(ssl_context=context, patience=SHORT)

    async def find_route(_: str) -> Route:
        return route

    transport = Account().transport(f"https://127.0.0.1:{port}", find_route=find_route)
    try:
        return await ZapierClient(transport).start_run("core:1", None, {}, witness=witness)
    finally:
        await transport.aclose()
        server.close()
        await server.wait_closed()


def test_a_trusted_certificate_is_accepted(tmp_path: Path) -> None:
    path = _certificate(tmp_path, "127.0.0.1", 30)
    context = tls.client_context()
    context.load_verify_locations(path)
    assert asyncio.run(_send(path, context, SendWitness())) == "r"


@pytest.mark.parametrize(
    ("host", "days", "is_trusted", "reason"),
    [
        ("127.0.0.1", 30, False, "self-signed"),
        ("127.0.0.1", -30, True, "expired"),
        ("other.example", 30, True, "IP address mismatch"),
    ],
)
def test_a_certificate_that_is_not_accepted_means_that_nothing_was_sent(
    tmp_path: Path, host: str, days: int, is_trusted: bool, reason: str
) -> None:
    path = _certificate(tmp_path, host, days)
    context = tls.client_context()
    if is_trusted:
        context.load_verify_locations(path)
    witness = SendWitness()
    with pytest.raises(Unreachable, match=r"certificate of 127\.0\.0\.1 is not accepted") as caught:
        asyncio.run(_send(path, context, witness))
    assert reason in str(caught.value)
    assert caught.value.side is Side.NETWORK
    assert not witness.bytes_left


def test_session_keys_are_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    path = _certificate(tmp_path, "127.0.0.1", 30)
    context = tls.client_context()
    context.load_verify_locations(path)
    asyncio.run(_send(path, context, SendWitness()))
    assert not keys.exists()


def test_names_and_certificates_are_checked_with_tls_1_2_or_newer() -> None:
    context = tls.client_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_without_a_system_store_certifi_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = ssl.DefaultVerifyPaths("", "", "", "", "", "")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert tls.client_context().cert_store_stats()["x509_ca"] > 100
