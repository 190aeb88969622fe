"""A White Label partner over the sandbox: acting for end users, and letting them connect."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox_server import Address, running_sandbox
from tests.vault.stores import Memory
from zapdesk.domain.partner import Partner
from zapdesk.domain.profiles import SANDBOX, Profile, ServerKind, SignInKind, custom
from zapdesk.errors import InvalidInput, NotSignedIn, Unreachable
from zapdesk.services.access import profiles
from zapdesk.services.accounts import Accounts
from zapdesk.services.connect_links import ConnectLinks
from zapdesk.services.entries import Entries
from zapdesk.services.sandbox_process import SandboxProcess
from zapdesk.settings import Settings
from zapdesk.vault import Vault


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """A sandbox that is spoken to as a server of one's own."""
    with running_sandbox(tmp_path_factory.mktemp("server")) as address:
        yield address


class Office:
    """A partner's accounts over a store in memory."""

    def __init__(self, folder: Path, server: Address) -> None:
        self.backend = Memory()
        self.settings = folder / "settings.toml"
        self.folder = folder
        self.server = server
        self.pem = Path(server.partner["key_file"]).read_text()
        self.accounts = self.another()

    def another(self) -> Accounts:
        """As another process would have it."""
        return Accounts(Vault(self.backend), self.settings, self.folder)

    def profile(self, user: str, **changes: str) -> Profile:
        partner = Partner(
            self.server.partner["issuer"], self.server.partner["key_id"], "org_id", "crew", user
        )
        profile = replace(custom(self.server.url), client_id=self.server.client_id)
        return replace(profile, partner=replace(partner, **changes))

    async def act_for(self, user: str, **changes: str) -> Profile:
        outcome = await self.accounts.use_partner(
            self.profile(user, **changes), secret=self.server.client_secret, pem=self.pem
        )
        assert outcome.is_kept
        return outcome.profile

    def who(self, token: str | None) -> str:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{self.server.url}/v1/profiles/me", headers=headers)
        return str(answer.json()[0]["full_name"]) if answer.status_code == 200 else ""


@pytest.fixture
def office(tmp_path: Path, server: Address) -> Office:
    return Office(tmp_path, server)


def test_a_partner_acts_for_an_end_user_and_the_settings_hold_no_secret(office: Office) -> None:
    async def scenario() -> None:
        profile = await office.act_for("u-42", user_name="Marina Holt")
        assert profile.sign_in is SignInKind.PARTNER
        assert office.who(await (await office.accounts.keeper(profile)).token()) == "u-42"
        read = profiles(Settings.load(office.settings))[profile.id]
        assert (read.partner, read.acts_for) == (profile.partner, "Marina Holt")
        written = office.settings.read_text()
        for secret in (office.server.client_secret, office.pem.splitlines()[1]):
            assert secret not in written

    asyncio.run(scenario())


def test_another_end_user_gets_a_token_of_its_own_in_every_process(office: Office) -> None:
    async def scenario() -> None:
        marina = await office.act_for("marina")
        olaf = replace(marina, partner=replace(marina.partner, user="olaf"))
        for accounts in (office.accounts, office.another()):
            for profile, name in ((olaf, "olaf"), (marina, "marina")):
                assert office.who(await (await accounts.keeper(profile)).token()) == name

    asyncio.run(scenario())


def test_a_token_that_is_refused_is_replaced_by_signing_anew(office: Office) -> None:
    async def scenario() -> None:
        profile = await office.act_for("u-42")
        keeper = await office.accounts.keeper(profile)
        old = await keeper.token()
        assert old is not None
        new = await keeper.renew(old)
        assert new not in (None, old)
        assert office.who(new) == "u-42"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key_id": "another"}, "signed with the partner's key"),
        ({"issuer": "https://another.example"}, "signed with the partner's key"),
        ({"tenant_claim": "tenant"}, "signed with the partner's key"),
        ({"user": ""}, "end user"),
        ({"tenant": ""}, "tenant"),
    ],
)
def test_what_is_wrong_is_said_and_the_sign_in_before_it_stays(
    office: Office, changes: dict[str, str], words: str
) -> None:
    async def scenario() -> None:
        await office.act_for("u-42")
        kept, settings = dict(office.backend.kept), office.settings.read_text()
        with pytest.raises((NotSignedIn, InvalidInput)) as caught:
            await office.act_for(**{"user": "u-43", **changes})
        assert words in str(caught.value)
        assert (office.backend.kept, office.settings.read_text()) == (kept, settings)

    asyncio.run(scenario())


def test_a_wrong_secret_a_wrong_key_and_a_server_that_is_not_there_are_told_apart(
    office: Office,
) -> None:
    async def scenario() -> None:
        for secret, pem, kind, words in (
            ("wrong", office.pem, NotSignedIn, "client id with this secret"),
            (office.server.client_secret, "no key", InvalidInput, "not a private key"),
            ("", office.pem, InvalidInput, "client secret is missing"),
            (office.server.client_secret, "", InvalidInput, "key is missing"),
        ):
            with pytest.raises(kind, match=words):
                await office.accounts.use_partner(
                    office.profile("u-42"), secret=secret, pem=pem
                )  # fmt: skip
        nowhere = replace(office.profile("u-42"), base_url="http://127.0.0.1:9")
        with pytest.raises(Unreachable):
            await office.accounts.use_partner(nowhere, secret="s", pem=office.pem)
        assert office.backend.kept == {}

    asyncio.run(scenario())


def test_signing_out_forgets_key_secret_and_token(office: Office) -> None:
    async def scenario() -> None:
        profile = await office.act_for("u-42")
        assert len(office.backend.kept) == 3
        await office.accounts.sign_out(profile)
        assert office.backend.kept == {}
        with pytest.raises(NotSignedIn, match="secret is missing"):
            await (await office.accounts.keeper(profile)).token()

    asyncio.run(scenario())


def test_an_end_user_connects_by_a_link_for_one_use_that_holds_no_access_token(
    office: Office,
) -> None:
    async def scenario() -> None:
        profile = await office.act_for("connecting")
        token = await (await office.accounts.keeper(profile)).token()
        assert token is not None
        page = await ConnectLinks(office.accounts, profile).page("SandboxMail")
        assert token not in page.address
        assert page.address not in repr(page)
        assert parse_qs(urlsplit(page.address).query)["token"][0].endswith("+/=$")
        shown = httpx.get(page.address)
        assert "For connecting." in shown.text
        assert httpx.get(page.address).status_code == 403
        (nonce,) = re.findall(r"name=nonce value='([^']+)'", shown.text)
        form = {"nonce": nonce, "decision": "allow", "title": "Mine"}
        assert "Connected" in httpx.post(f"{office.server.url}/to/SandboxMail", data=form).text

    asyncio.run(scenario())


def test_a_connect_link_is_had_with_a_new_token_where_the_old_one_has_ended(
    office: Office,
) -> None:
    async def scenario() -> None:
        profile = await office.act_for("u-42")
        keeper = await office.accounts.keeper(profile)
        keeper._access = "ended"
        office.backend.kept["zapdesk", Entries.of(profile).access] = "somebody-else"
        page = await ConnectLinks(office.accounts, profile).page("SandboxMail")
        assert httpx.get(page.address).status_code == 200

    asyncio.run(scenario())


@asynccontextmanager
async def own_sandbox(folder: Path) -> AsyncIterator[tuple[SandboxProcess, Accounts]]:
    sandbox = SandboxProcess(folder / "sandbox")
    yield sandbox, Accounts(Vault(Memory()), folder / "settings.toml", folder, sandbox)
    sandbox.release()


def test_in_the_sandbox_one_acts_for_anybody_and_nothing_has_to_be_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAPDESK_HOME", str(tmp_path))

    async def scenario() -> None:
        async with own_sandbox(tmp_path / "data") as (sandbox, accounts):
            (tmp_path / "data").mkdir(exist_ok=True, mode=0o700)
            wanted = replace(SANDBOX, partner=Partner(user="marina"))
            profile = (await accounts.use_partner(wanted)).profile
            assert profile.kind is ServerKind.SANDBOX
            assert not await accounts.is_in_sandbox_by_key(profile)
            token = await (await accounts.keeper(profile)).token()
            url = (await sandbox.join()).url
            me = httpx.get(
                f"{url}/v1/profiles/me", headers={"Authorization": f"Bearer {token}"}
            ).json()  # fmt: skip
            assert me[0]["full_name"] == "marina"
            back = (await accounts.enter_sandbox(profile)).profile
            assert back.acts_for == ""
            assert profiles(Settings.load(tmp_path / "data" / "settings.toml"))["sandbox"] == back

    asyncio.run(scenario())
