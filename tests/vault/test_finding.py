"""Which store is used: known good ones by name, and never another than the one with the secrets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from keyring.backend import KeyringBackend

from tests.conftest import ROOT
from tests.vault.stores import Memory
from zapdesk.domain.secret_store import Condition, Remedy
from zapdesk.vault import Vault, finding
from zapdesk.vault.finding import Kind


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person without a configuration of keyring, and without a desktop."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def configure(home: Path, backend: str, more: str = "") -> None:
    folder = home / ".config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(f"[backend]\ndefault-keyring={backend}\n{more}")


def kind(id: str, name: str, backend: type[Memory], is_there: bool = True) -> Kind:
    made = type(backend.__name__, (backend,), {"viable": is_there})
    return Kind(id, name, frozenset({f"keyring.backends.{id}"}), lambda: made)


async def refused(vault: Vault) -> Condition:
    assert not await vault.put("token", "s3cret")
    assert await vault.get("token") == "s3cret"
    assert "s3cret" not in vault.trouble
    return vault.state.condition


def test_no_message_bus_leaves_no_store() -> None:
    async def scenario() -> None:
        vault = Vault()
        assert (await vault.probe()).condition is Condition.ABSENT
        assert "no keyring that zapdesk trusts" in vault.trouble
        assert vault.state.remedies[0] is Remedy.SESSION
        assert vault.state.remedies[-1] is Remedy.FILE
        assert await refused(vault) is Condition.ABSENT

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("named", "condition"),
    [
        ("keyring.backends.null.Keyring", Condition.SWITCHED_OFF),
        ("keyring.backends.fail.Keyring", Condition.SWITCHED_OFF),
        ("keyrings.alt.file.PlaintextKeyring", Condition.PLAIN),
        ("keyrings.alt.file.EncryptedKeyring", Condition.FOREIGN),
        ("somebody.elses.Keyring", Condition.FOREIGN),
        ("nonsense", Condition.FOREIGN),
    ],
)
@pytest.mark.parametrize("where", ["environment", "file"])
def test_backend_named_in_a_configuration_is_refused_by_its_name(
    home: Path, monkeypatch: pytest.MonkeyPatch, where: str, named: str, condition: Condition
) -> None:
    if where == "file":
        configure(home, named)
    else:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", named)

    async def scenario() -> None:
        vault = Vault()
        assert await refused(vault) is condition
        assert named in vault.trouble

    asyncio.run(scenario())


def test_plain_text_store_that_is_only_installed_is_never_chosen() -> None:
    class PlaintextKeyring(Memory):
        """As keyrings.alt brings it: keyring's own search takes it where there is no other."""

        priority = 9.0

    async def scenario() -> None:
        assert await refused(Vault()) is Condition.ABSENT

    try:
        assert PlaintextKeyring in KeyringBackend.get_viable_backends()
        asyncio.run(scenario())
    finally:
        KeyringBackend._classes.discard(PlaintextKeyring)


def test_foreign_code_named_in_a_configuration_never_runs(home: Path) -> None:
    (home / "evil.py").write_text("import pathlib\npathlib.Path('ran').touch()\nKeyring = 1\n")
    configure(home, "evil.Keyring", f"keyring-path={home}\n")
    program = (
        "import asyncio, sys\nfrom zapdesk.vault import Vault\n"
        "state = asyncio.run(Vault().probe())\n"
        "print(state.condition, 'evil' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=home, capture_output=True, text=True, check=True,
        env={"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.stdout.split() == ["foreign", "False"]
    assert not (home / "ran").exists()


@pytest.mark.parametrize("text", ["[backend]\n", "no section", "\xff\xfe", "[backend\n=="])
def test_configuration_that_cannot_be_read_counts_as_none(home: Path, text: str) -> None:
    folder = home / ".config" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(text, "latin-1")
    assert asyncio.run(Vault().probe()).condition is Condition.ABSENT


class Wallet(Memory):
    """Keeps what it is given as long as the test lasts."""

    shared: ClassVar[dict[tuple[str, str], str]]

    def __init__(self) -> None:
        super().__init__()
        self.kept = type(self).shared


class Other(Wallet):
    shared: ClassVar[dict[tuple[str, str], str]] = {}


class Usual(Wallet):
    shared: ClassVar[dict[tuple[str, str], str]] = {}


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says which stores this computer has."""
    Other.shared.clear()
    Usual.shared.clear()

    def have(usual: bool, other: bool) -> None:
        kinds = (
            kind("usual", "the usual one", Usual, usual),
            kind("kwallet", "KWallet", Other, other),
        )
        monkeypatch.setattr(finding, "_KINDS", kinds)
        monkeypatch.setattr(finding, "NAMES", {k.id: k.name for k in kinds})

    return have


def test_store_that_has_the_secrets_is_missed_and_no_other_is_written(
    tmp_path: Path, stores: Any
) -> None:
    async def scenario() -> None:
        stores(usual=True, other=True)
        assert await Vault(folder=tmp_path / "s").put("token", "old")
        stores(usual=False, other=True)
        vault = Vault(folder=tmp_path / "s")
        assert await vault.get("token") is None
        assert vault.state.condition is Condition.GONE
        assert vault.state.title == "Secrets were kept in the usual one, which is not there now."
        assert "KWallet" in vault.trouble
        assert Remedy.USE_FOUND in vault.state.remedies
        assert not await vault.put("token", "new")
        assert Other.shared == {}
        stores(usual=True, other=True)
        again = Vault(folder=tmp_path / "s")
        assert await again.get("token") == "old"
        assert again.store_name == "The usual one"

    asyncio.run(scenario())


def test_missing_store_with_no_other_in_its_place_is_named(tmp_path: Path, stores: Any) -> None:
    async def scenario() -> None:
        stores(usual=True, other=False)
        assert await Vault(folder=tmp_path / "s").put("token", "old")
        stores(usual=False, other=False)
        vault = Vault(folder=tmp_path / "s")
        assert await refused(vault) is Condition.ABSENT
        assert "the usual one" in vault.trouble

    asyncio.run(scenario())


def test_another_store_is_used_once_a_person_chose_it_and_takes_what_was_in_memory(
    tmp_path: Path, stores: Any
) -> None:
    async def scenario() -> None:
        stores(usual=True, other=False)
        await Vault(folder=tmp_path / "s").put("token", "old")
        stores(usual=False, other=True)
        vault = Vault(folder=tmp_path / "s")
        await vault.put("token", "new")
        assert (await vault.use_system()).condition is Condition.READY
        assert list(Other.shared.values()) == ["new"]
        assert await Vault(folder=tmp_path / "s").get("token") == "new"

    asyncio.run(scenario())


def test_a_store_in_which_nothing_was_put_is_not_remembered(tmp_path: Path, stores: Any) -> None:
    async def scenario() -> None:
        stores(usual=True, other=False)
        await Vault(folder=tmp_path / "s").probe()
        assert Usual.shared == {}
        stores(usual=False, other=True)
        assert await Vault(folder=tmp_path / "s").put("token", "x")

    asyncio.run(scenario())


def test_backends_are_found_without_the_metadata_that_a_frozen_build_has_not(home: Path) -> None:
    program = (
        "import importlib.metadata as metadata\n"
        "def none(*a, **k): raise metadata.PackageNotFoundError('frozen')\n"
        "metadata.entry_points = metadata.distribution = metadata.version = none\n"
        "from zapdesk.vault import finding\n"
        "print([kind.backend().__name__ for kind in finding._KINDS if kind.id != 'keychain'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=home, capture_output=True, text=True, check=True,
        env={"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.stdout.strip() == "['Keyring', 'Keyring', 'DBusKeyring', 'WinVaultKeyring']"
