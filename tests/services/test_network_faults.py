"""Bad certificates, old encryption, filters and sign-in pages of networks, over real sockets."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from pathlib import Path

import pytest
import trustme

from tests.api.secure_server import (
    listening,
    secure_server,
    server_context,
)
from tests.services.routes_desk import (
    not_sent,
    read,
    routing,
    run,
    sent,
)
from zapdesk.errors import Failed, Side, ZapdeskError


def test_a_private_authority_is_trusted_only_where_its_file_is_chosen(
    ca_file: str, certified: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with secure_server(certified) as server:
            address = f"https://127.0.0.1:{server.port}"
            assert (await sent(routing(ca_file=ca_file), address)).bytes_left
            error = await not_sent(routing(), address)
            assert error.title.startswith("The certificate of 127.0.0.1 is not accepted: ")
            assert "name the file with its certificate in Settings" in error.detail

    run(scenario())


@pytest.mark.parametrize("text", ["", "hello", None])
def test_a_file_of_certificates_that_cannot_be_used_is_told_and_nothing_was_sent(
    tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "authority.pem"
    if text is not None:
        path.write_text(text)
    error = asyncio.run(not_sent(routing(ca_file=str(path))))
    assert error.title.startswith("The file of certificates ")
    assert error.side is Side.COMPUTER


def test_expired_certificate(authority: trustme.CA, ca_file: str) -> None:
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    old = server_context(authority.issue_cert("127.0.0.1", not_after=past))
    error = asyncio.run(_at(old, ca_file))
    assert "certificate has expired" in error.title
    assert "clock" in error.detail


def test_certificate_of_another_host(authority: trustme.CA, ca_file: str) -> None:
    other = server_context(authority.issue_cert("other.example"))
    error = asyncio.run(_at(other, ca_file))
    assert "mismatch" in error.title
    assert "not set up for this name" in error.detail


def test_self_signed_certificate(ca_file: str) -> None:
    error = asyncio.run(_at(server_context(trustme.CA().issue_cert("127.0.0.1")), ca_file))
    assert "The certificate of 127.0.0.1 is not accepted" in error.title


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("15030100020246", id="alert: protocol version"),
        pytest.param("160301002a020000260301" + "2a" * 32 + "00002f00", id="TLS 1.0"),
    ],
)
def test_server_that_speaks_tls_1_0_only(answer: str) -> None:
    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(bytes.fromhex(answer))
        await writer.drain()
        await reader.read()

    async def scenario() -> None:
        async with listening(old) as port:
            error = await not_sent(routing(), f"https://127.0.0.1:{port}")
            assert error.title == "No encrypted connection to 127.0.0.1 was possible."
            assert "before TLS 1.2" in error.detail

    run(scenario())


def test_server_that_speaks_no_tls() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        await reader.read()

    async def scenario() -> None:
        async with listening(plain) as port:
            error = await not_sent(routing(), f"https://127.0.0.1:{port}")
            assert error.detail == "What answers there does not speak TLS."

    run(scenario())


@pytest.mark.parametrize("is_reset", [True, False])
def test_filter_that_cuts_the_connection_at_the_name_of_the_server(is_reset: bool) -> None:
    async def cuts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)  # the rest that was not read makes it a reset
        if not is_reset:
            await reader.read(65_536)

    async def scenario() -> None:
        async with listening(cuts) as port:
            error = await not_sent(routing(), f"https://127.0.0.1:{port}")
            assert error.title == (
                "The connection to 127.0.0.1 was cut off before anything was sent."
            )

    run(scenario())


def test_missing_file_of_ssl_cert_file(
    certified: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    error = asyncio.run(_at(certified, ""))
    assert error.detail == "SSL_CERT_FILE names certificates that are not there."


async def _at(context: ssl.SSLContext, ca_file: str) -> ZapdeskError:
    async with secure_server(context) as server:
        return await not_sent(routing(ca_file=ca_file), f"https://127.0.0.1:{server.port}")


# A network that wants to be signed in to


@pytest.mark.parametrize(
    ("head", "page", "title"),
    [
        ("HTTP/1.1 200 OK", b"<html>Welcome</html>", "A web page came instead of data."),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://portal.example/",
            b"",
            "127.0.0.1 sent us to another address, which is not followed.",
        ),
        (
            "HTTP/1.1 511 Network Authentication Required",
            b"<html>Sign in</html>",
            "This network wants you to sign in first.",
        ),
    ],
)
def test_captive_portal(
    head: str, page: bytes, title: str, ca_file: str, certified: ssl.SSLContext
) -> None:
    async def scenario() -> None:
        async with secure_server(certified, page, head) as server:
            address = f"https://127.0.0.1:{server.port}"
            chosen = routing(ca_file=ca_file)
            error = await read(chosen, address)
            assert isinstance(error, Failed)
            assert error.title.replace("The local server", "127.0.0.1") == title
            assert error.side is Side.NETWORK
            assert "sign in" in error.hint
            with pytest.raises(Failed) as caught:
                await chosen.test(address)
            assert caught.value.title == error.title

    run(scenario())
