"""Certificates that are wrong in one way each, and a server that shows one."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.services.script_server import action, reply_bytes


class Authority:
    """Issues certificates; its own is in ``certificate_file``."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._count = 0
        self._certificate = self._issued(name, self._name, self._key, -400, 400, is_authority=True)
        self.certificate_file = folder / f"{name}.pem"
        self.certificate_file.write_bytes(_pem(self._certificate))

    def issue(self, host: str, *, days: int = 30, starts: int = -200, whole: bool = False) -> Path:
        """A certificate with its key, good from ``starts`` to ``days`` days from now; ``whole``
        adds the issuer's own to it."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = self._issued(host, name, key, starts, max(days, starts + 1))
        return self._kept(_pem(made) + (_pem(self._certificate) if whole else b""), key)

    def own(self) -> Path:
        """Its own certificate, with its key."""
        return self._kept(_pem(self._certificate), self._key)

    def _issued(
        self, host: str, name: x509.Name, key: ec.EllipticCurvePrivateKey, starts: int, ends: int,
        *, is_authority: bool = False,
    ) -> x509.Certificate:  # fmt: skip
        now = datetime.datetime.now(datetime.UTC)
        try:
            subject: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            subject = x509.DNSName(host.replace(" ", "-"))
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=starts))
            .not_valid_after(now + datetime.timedelta(days=ends))
            .add_extension(x509.SubjectAlternativeName([subject]), critical=False)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def _kept(self, certificates: bytes, key: ec.EllipticCurvePrivateKey) -> Path:
        self._count += 1
        path = self._folder / f"{self._name.rfc4514_string()}-{self._count}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificates
        )
        return path


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@asynccontextmanager
async def speaking_tls(pem: Path) -> AsyncIterator[int]:
    """A server that knows one action, on the port that is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply_bytes(200, repr([action("a")]).encode(), "Connection: close"))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
