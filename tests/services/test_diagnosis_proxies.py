"""The self-test behind a proxy: what stands in the way is named, and looked at through it."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from tests.api.fault_server import free_port
from tests.api.secure_server import HOST, Server, proxy_server, server_context, socks_server
from tests.services.diagnosis_desk import Desk, Front, failures, fronted, states
from zapdesk.domain.diagnosis import Finding, State
from zapdesk.domain.profiles import ServerKind
from zapdesk.settings import Settings


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, str]:
    """A company's own authority, and the file with its certificate."""
    made = trustme.CA(organization_name="Zscaler Inc.")
    file = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    return made, str(file)


def _tested(
    folder: Path,
    context: ssl.SSLContext,
    settings: Settings,
    *,
    answer: str = "200 OK",
    login: str = "",
    front: Front | None = None,
) -> tuple[dict[str, Finding], Server]:
    front = front or Front()

    async def scenario() -> tuple[dict[str, Finding], Server]:
        async with (
            fronted(front, context) as port,
            proxy_server(port, answer=answer, login=login) as proxy,
        ):
            chosen = settings._replace(proxy=f"http://127.0.0.1:{proxy.port}")
            desk = Desk(folder, f"https://{HOST}", ServerKind.CUSTOM, settings=chosen)
            return await desk.test(), proxy

    return asyncio.run(scenario())


def test_everything_is_looked_at_through_the_proxy(
    tmp_path: Path, authority: tuple[trustme.CA, str]
) -> None:
    ca, ca_file = authority
    context = server_context(ca.issue_cert(HOST))
    front = Front()
    found, proxy = _tested(tmp_path, context, Settings(ca_file=ca_file), front=front)
    assert failures(found) == []
    assert "lets zapdesk through" in found["proxy"].summary
    assert found["dns"].summary == "The proxy looks it up."
    assert found["tls"].state is State.WARNING
    assert "Zscaler" in found["tls"].summary
    assert found["reach"].state is found["token"].state is State.PASSED
    assert all(head.startswith(f"CONNECT {HOST}:443") for head in proxy.heads)
    assert front.asked


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("407 Proxy Authentication Required", "asks for a name and a password"),
        ("403 Forbidden", "does not let zapdesk through (status 403)"),
        ("nonsense", "cannot be used"),
    ],
)
def test_proxy_that_declines_fails_alone(
    tmp_path: Path, authority: tuple[trustme.CA, str], answer: str, words: str
) -> None:
    ca, ca_file = authority
    context = server_context(ca.issue_cert(HOST))
    found, _ = _tested(tmp_path, context, Settings(ca_file=ca_file), answer=answer)
    assert failures(found) == ["proxy"]
    assert words in found["proxy"].summary
    assert found["dns"].summary == "Not tried: Proxy comes first."
    assert states(found, State.SKIPPED)[-5:] == ["reach", "clock", "token", "scopes", "beta"]


def test_proxy_that_is_not_there(tmp_path: Path) -> None:
    settings = Settings(proxy=f"http://127.0.0.1:{free_port()}")
    found = asyncio.run(Desk(tmp_path, f"https://{HOST}", settings=settings).test())
    assert failures(found) == ["proxy"]
    assert "cannot be used" in found["proxy"].summary


def test_proxy_with_an_address_that_is_none(tmp_path: Path) -> None:
    settings = Settings(proxy="gopher://x")
    found = asyncio.run(Desk(tmp_path, f"https://{HOST}", settings=settings).test())
    assert failures(found) == ["proxy"]


def test_socks_proxy_is_left_to_the_requests(
    tmp_path: Path, authority: tuple[trustme.CA, str]
) -> None:
    ca, ca_file = authority

    async def scenario() -> dict[str, Finding]:
        context = server_context(ca.issue_cert(HOST))
        async with fronted(Front(), context) as port, socks_server(port) as proxy:
            settings = Settings(proxy=f"socks5://127.0.0.1:{proxy.port}", ca_file=ca_file)
            return await Desk(tmp_path, f"https://{HOST}", settings=settings).test()

    found = asyncio.run(scenario())
    assert failures(found) == []
    assert found["tls"].state is State.SKIPPED
    assert found["reach"].state is State.PASSED


def test_certificate_file_of_the_settings_that_holds_none(
    tmp_path: Path, authority: tuple[trustme.CA, str]
) -> None:
    ca, _ = authority
    (tmp_path / "empty.pem").write_text("nothing")

    async def scenario() -> dict[str, Finding]:
        context = server_context(ca.issue_cert("127.0.0.1"))
        async with fronted(Front(), context) as port:
            settings = Settings(ca_file=str(tmp_path / "empty.pem"))
            return await Desk(tmp_path, f"https://127.0.0.1:{port}", settings=settings).test()

    found = asyncio.run(scenario())
    assert failures(found) == ["tls"]
    assert "holds no certificate" in found["tls"].summary


def test_certificates_of_the_environment_that_are_not_there(
    tmp_path: Path, authority: tuple[trustme.CA, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ca, _ = authority
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))

    async def scenario() -> dict[str, Finding]:
        context = server_context(ca.issue_cert("127.0.0.1"))
        async with fronted(Front(), context) as port:
            return await Desk(tmp_path, f"https://127.0.0.1:{port}").test()

    found = asyncio.run(scenario())
    assert failures(found) == ["tls"]
    assert "SSL_CERT_FILE" in found["tls"].meaning
