"""The self-test: what is broken fails, what stands on it is skipped, and all else is looked at."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from tests.api.fault_server import free_port
from tests.failures.certificates import Authority
from tests.services.diagnosis_desk import (
    REFUSAL,
    TOKEN,
    Desk,
    Front,
    Said,
    failures,
    fronted,
    states,
)
from tests.services.full_disk import disk_that_takes_nothing
from zapdesk.api import probes
from zapdesk.domain.diagnosis import CHECKS, Finding, State, verdict, worst
from zapdesk.domain.profiles import ServerKind, SignInKind
from zapdesk.domain.scopes import USUAL
from zapdesk.errors import SandboxUnavailable, StorageUnusable
from zapdesk.services import network
from zapdesk.services.diagnosis import report
from zapdesk.services.ways import Way

ALL = [known.id for known in CHECKS]


def _tested(desk: Desk, front: Front, *only: str) -> dict[str, Finding]:
    """What the test finds out about a desk whose server is ``front``."""

    async def scenario() -> dict[str, Finding]:
        async with fronted(front) as port:
            desk.base_url = f"http://127.0.0.1:{port}"
            return await desk.test(*only)

    return asyncio.run(scenario())


def test_where_all_is_well_every_check_is_made_and_nothing_is_run(tmp_path: Path) -> None:
    front = Front()
    found = _tested(Desk(tmp_path), front)
    assert list(found) == ALL
    assert failures(found) == states(found, State.WARNING) == []
    assert states(found, State.SKIPPED) == ["sandbox", "dns", "tls"]
    assert verdict(found) == "Everything works."
    assert front.asked
    assert all(line.startswith("GET ") for line in front.asked)


@pytest.mark.parametrize(
    ("ahead_s", "state", "words"),
    [
        (3_600.0, State.FAILED, "60 minutes behind"),
        (-3_600.0, State.FAILED, "60 minutes ahead of"),
        (90.0, State.WARNING, " seconds behind"),
        (2.0, State.PASSED, "agrees"),
        (None, State.SKIPPED, "did not tell"),
    ],
)
def test_server_clock_that_differs(
    tmp_path: Path, ahead_s: float | None, state: State, words: str
) -> None:
    found = _tested(Desk(tmp_path), Front(clock_s=ahead_s))
    assert found["clock"].state is state
    assert words in found["clock"].summary
    assert failures(found) == (["clock"] if state is State.FAILED else [])


PAGE = b"<html><body>Welcome to Hotel WiFi</body></html>"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://wifi.example/login\r\n",
        b"HTTP/1.1 511 Network Authentication Required\r\nContent-Type: text/html\r\n",
    ],
    ids=["200 HTML", "302", "511"],
)
def test_captive_portal(tmp_path: Path, head: bytes) -> None:
    raw = head + f"Content-Length: {len(PAGE)}\r\nConnection: close\r\n\r\n".encode() + PAGE
    found = _tested(Desk(tmp_path), Front(page=raw))
    assert failures(found) == ["reach"]
    assert found["reach"].summary == "This network wants a sign-in page."
    assert "browser" in found["reach"].fix
    assert states(found, State.SKIPPED)[-4:] == ["clock", "token", "scopes", "beta"]


def test_port_that_refuses(tmp_path: Path) -> None:
    desk = Desk(tmp_path, f"http://127.0.0.1:{free_port()}")
    found = asyncio.run(desk.test())
    assert failures(found) == ["reach"]
    assert "refused the connection" in found["reach"].summary


def test_name_that_is_not_found(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "https://nothing-is-here.invalid")
    found = asyncio.run(desk.test())
    assert failures(found) == ["dns"]
    assert found["reach"].summary == "Not tried: Name of the server comes first."


def test_server_that_says_nothing_is_given_up_in_time(tmp_path: Path) -> None:
    async def scenario() -> dict[str, Finding]:
        async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await ended.wait()
            writer.close()

        ended = asyncio.Event()
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await Desk(tmp_path, f"http://127.0.0.1:{port}", deadline_s=1.0).test()
        finally:
            ended.set()
            server.close()
            await server.wait_closed()

    begun = time.monotonic()
    found = asyncio.run(scenario())
    assert time.monotonic() - begun < 4
    assert failures(found) == ["reach"]
    assert found["reach"].summary == "No answer within 1 seconds."


@pytest.mark.parametrize(
    ("said", "failing", "words"),
    [
        ({"/v1/profiles/me": (401, {"detail": "x"})}, ["token"], "does not accept"),
        ({"/v2/authentications": (403, REFUSAL)}, ["scopes"], "lacks connection:read"),
        ({"/v2/apps": (403, REFUSAL)}, ["scopes"], "lacks zap"),
        ({"/v2/action-runs/": (403, REFUSAL)}, ["beta"], "not open to this account"),
        ({"/v1/categories": (500, {})}, ["reach"], "has trouble answering"),
        ({"/v1/categories": (403, REFUSAL)}, [], "answers (status 403)"),
        ({"/v1/profiles/me": (403, REFUSAL)}, [], "token is accepted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_server_that_refuses(
    tmp_path: Path, said: dict[str, Said], failing: list[str], words: str
) -> None:
    found = _tested(Desk(tmp_path), Front(said))
    assert failures(found) == failing
    assert any(words in one.summary for one in found.values())


def test_scopes_that_were_not_granted_at_the_sign_in(tmp_path: Path) -> None:
    more = {"granted": ("profile", "zap", "connection:read", "action:run")}
    found = _tested(Desk(tmp_path, profile_more=more), Front())
    assert failures(found) == ["scopes"]
    assert found["scopes"].summary == "The token lacks zap:write and connection:write."
    assert "No form can be opened." in found["scopes"].meaning


def test_scopes_that_were_all_granted_are_known(tmp_path: Path) -> None:
    found = _tested(Desk(tmp_path, profile_more={"granted": USUAL}), Front())
    assert found["scopes"].summary == "Everything that zapdesk needs was granted."


def test_account_without_a_token(tmp_path: Path) -> None:
    found = _tested(Desk(tmp_path, token=None), Front())
    assert failures(found) == ["token"]
    assert found["scopes"].state is found["beta"].state is State.SKIPPED


def test_client_id_alone_is_told_not_failed(tmp_path: Path) -> None:
    more = {"sign_in": SignInKind.CLIENT_ID, "client_id": "id-1"}
    found = _tested(Desk(tmp_path, token=None, profile_more=more), Front())
    assert failures(found) == []
    assert found["token"].state is State.WARNING


def test_what_cannot_be_known_about_the_beta_is_said(tmp_path: Path) -> None:
    front = Front()
    found = _tested(Desk(tmp_path), front)
    assert "cannot be known" in found["beta"].meaning
    assert not any("POST" in line for line in front.asked)


# Encryption


def _encrypted(desk: Desk, pem: Path, front: Front) -> dict[str, Finding]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    async def scenario() -> dict[str, Finding]:
        async with fronted(front, context) as port:
            desk.base_url = f"https://127.0.0.1:{port}"
            return await desk.test()

    return asyncio.run(scenario())


def test_self_signed_certificate(tmp_path: Path) -> None:
    front = Front()
    found = _encrypted(Desk(tmp_path), Authority(tmp_path, "127.0.0.1").own(), front)
    assert failures(found) == ["tls"]
    assert "not accepted" in found["tls"].summary
    assert ("Issued by", "127.0.0.1") in found["tls"].details
    assert front.asked == []  # nothing was said on a connection that nobody vouches for
    assert found["token"].state is State.SKIPPED


def test_certificate_that_has_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path, "Our CA")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_file))
    found = _encrypted(Desk(tmp_path), authority.issue("127.0.0.1", days=-10), Front())
    assert failures(found) == ["tls"]
    assert "expired" in found["tls"].summary
    assert ("Issued by", "Our CA") in found["tls"].details
    assert "clock" in found["tls"].meaning


def test_certificate_for_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path, "Our CA")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_file))
    found = _encrypted(Desk(tmp_path), authority.issue("10.1.1.1"), Front())
    assert failures(found) == ["tls"]
    assert "mismatch" in found["tls"].summary
    assert ("Issued by", "Our CA") in found["tls"].details


@pytest.mark.parametrize("is_trusted", [True, False])
def test_proxy_that_opens_the_encryption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_trusted: bool
) -> None:
    authority = Authority(tmp_path, "Zscaler Intermediate Root CA")
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_file))
    found = _encrypted(Desk(tmp_path), authority.issue("127.0.0.1"), Front())
    assert found["tls"].state is (State.WARNING if is_trusted else State.FAILED)
    assert "Zscaler" in f"{found['tls'].summary} {found['tls'].meaning}"
    assert failures(found) == ([] if is_trusted else ["tls"])


@pytest.mark.parametrize("kind", [ServerKind.ZAPIER, ServerKind.CUSTOM])
def test_private_authority_is_told_of_where_zapier_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: ServerKind
) -> None:
    authority = Authority(tmp_path, "Big Company CA")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_file))
    found = _encrypted(Desk(tmp_path, kind=kind), authority.issue("127.0.0.1"), Front())
    assert failures(found) == []
    assert ("Chain", "127.0.0.1 ← Big Company CA") in found["tls"].details
    is_zapier = kind is ServerKind.ZAPIER
    assert found["tls"].state is (State.WARNING if is_zapier else State.PASSED)
    assert "Big Company CA" in found["tls"].summary


def test_certificate_that_ends_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path, "Our CA")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_file))
    found = _encrypted(Desk(tmp_path), authority.issue("127.0.0.1", days=3), Front())
    assert found["tls"].state is State.WARNING
    assert "ends on" in found["tls"].summary


def test_port_that_speaks_no_tls_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "WITHIN_S", 0.3)

    async def scenario() -> dict[str, Finding]:
        async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await ended.wait()
            writer.close()

        ended = asyncio.Event()
        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await Desk(tmp_path, f"https://127.0.0.1:{port}").test()
        finally:
            ended.set()
            server.close()
            await server.wait_closed()

    found = asyncio.run(scenario())
    assert failures(found) == ["tls"]
    assert found["tls"].meaning == "There was no answer in time."


# This computer


def _locked() -> None:
    raise KeyringLocked("made up")


def _hangs() -> None:
    time.sleep(0.6)


@pytest.mark.parametrize(
    ("fault", "words"),
    [(_locked, "is locked"), (_hangs, "does not answer")],
    ids=["locked", "frozen"],
)
def test_keyring_that_cannot_be_used(tmp_path: Path, fault: object, words: str) -> None:
    desk = Desk(tmp_path)
    desk.backend.fault = fault
    found = asyncio.run(desk.test("keyring"))
    assert failures(found) == ["keyring"]
    assert words in found["keyring"].summary
    assert found["keyring"].fix


def test_keyring_is_left_as_it_was(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert asyncio.run(desk.test("keyring"))["keyring"].state is State.PASSED
    assert desk.backend.kept == {}


def test_disk_that_is_full(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with disk_that_takes_nothing():
        found = asyncio.run(desk.test("disk"))
    assert failures(found) == ["disk"]
    assert "runs and settings" in found["disk"].summary


def test_folder_for_temporary_files_that_is_not_there(tmp_path: Path) -> None:
    found = asyncio.run(Desk(tmp_path, temporary=tmp_path / "gone").test("disk"))
    assert failures(found) == ["disk"]
    assert "temporary files" in found["disk"].summary
    assert "gone" in found["disk"].meaning


def test_log_that_cannot_be_opened_fails_alone(tmp_path: Path) -> None:
    trouble = StorageUnusable("zapdesk has no place to keep its files.", "Read-only file system.")
    desk = Desk(tmp_path, log_trouble=trouble)
    found = _tested(desk, Front(), "database", "reach", "token")
    assert failures(found) == ["database"]
    assert "nothing is sent" in found["database"].meaning


def test_log_that_is_damaged(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    asyncio.run(desk.test("database"))
    file = tmp_path / "data" / "zapdesk.db"
    raw = bytearray(file.read_bytes())
    raw[8192:12288] = b"\xff" * 4096
    file.write_bytes(raw)

    async def look() -> object:
        from zapdesk.storage.health import health

        class Closed:
            read_only_reason = ""

        return await health(Closed(), file, full=False)  # type: ignore[arg-type]  # all it reads

    desk.look_at_log = look  # type: ignore[assignment]  # as above
    found = asyncio.run(desk.test("database"))
    assert failures(found) == ["database"]


def test_sandbox_that_does_not_start_leaves_nothing_to_look_at(tmp_path: Path) -> None:
    async def fails() -> Way:
        raise SandboxUnavailable("The sandbox did not start.", "port taken", hint="Try again.")

    desk = Desk(tmp_path, kind=ServerKind.SANDBOX, find_way=fails)
    found = asyncio.run(desk.test())
    assert failures(found) == ["sandbox"]
    assert found["token"].state is State.SKIPPED


# The test itself


def test_offline_the_computer_is_tested_and_the_network_is_not(tmp_path: Path) -> None:
    front = Front()
    network.switch(True)
    try:
        found = _tested(Desk(tmp_path), front)
    finally:
        network.switch(False)
    assert front.asked == []
    assert failures(found) == []
    assert found["disk"].state is found["database"].state is State.PASSED
    assert found["reach"].summary == "zapdesk is offline."
    assert verdict(found) == "What could be tested works."
    assert states(found, State.SKIPPED)[-5:] == ["reach", "clock", "token", "scopes", "beta"]


def test_one_check_is_made_again_with_those_it_needs(tmp_path: Path) -> None:
    heard: list[tuple[str, bool]] = []

    async def scenario() -> None:
        async with fronted(Front()) as port:
            desk = Desk(tmp_path, f"http://127.0.0.1:{port}")
            await desk.diagnosis().run(
                ["token"], lambda name, found: heard.append((name, found is not None))
            )

    asyncio.run(scenario())
    assert {name for name, _ in heard} == {"proxy", "dns", "tls", "reach", "token"}
    assert heard[-2:] == [("token", False), ("token", True)]


def test_report_can_be_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    front = Front({"/v1/profiles/me": (401, {"detail": f"Bearer {TOKEN} is bad"})})
    found = _tested(Desk(tmp_path, temporary=tmp_path / "gone"), front)
    text = report(found, "Mine", "127.0.0.1")
    assert str(tmp_path) not in text
    assert "~/gone" in text
    assert TOKEN not in text
    assert "[failed] Sign-in" in text
    assert "2 checks failed" in text
    assert worst(found.values()) is State.FAILED
