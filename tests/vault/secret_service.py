"""A real Secret Service on a message bus of the test's own: gnome-keyring, with its own home."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy
from secretstorage import Collection, dbus_init

PASSWORD = "of the keyring"
_PROGRAM = "gnome-keyring-daemon"
_NAME = "org.freedesktop.secrets"
_SERVICE = f"""[D-BUS Service]
Name={_NAME}
Exec={{program}} --start --foreground --components=secrets
"""
_EMPTY_BUS = """<busconfig><type>session</type><auth>EXTERNAL</auth>
<listen>unix:dir={folder}</listen><policy context="default"><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>"""
_WITHOUT_PASSWORD = (
    "[keyring]\ndisplay-name=Login\nctime=0\nmtime=0\nlock-on-idle=false\nlock-after=false\n"
)
_PATIENCE_S = 20.0


class Desktop:
    """A person's session: its bus, and a keyring in the state that a test wants."""

    def __init__(self, home: Path) -> None:
        self.home = home
        # A copy has none of the file capabilities that some containers refuse to grant.
        self._program = shutil.copy(shutil.which(_PROGRAM) or _PROGRAM, home)
        services = home / ".local" / "share" / "dbus-1" / "services"
        services.mkdir(parents=True)
        (services / f"{_NAME}.service").write_text(_SERVICE.format(program=self._program))
        self.daemon: subprocess.Popen[bytes] | None = None

    def start_keyring(self, *, is_unlocked: bool = True) -> None:
        """Start the daemon; unlocking makes the keyring where there is none."""
        command = [self._program, "--foreground", "--components=secrets"]
        self.daemon = subprocess.Popen(
            command + (["--unlock"] if is_unlocked else []),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.daemon.stdin is not None
        self.daemon.stdin.write(PASSWORD.encode())
        self.daemon.stdin.close()
        self._wait_for_name()

    def give_a_keyring_without_a_password(self) -> None:
        """As those have it who are logged in without one."""
        folder = self.home / ".local" / "share" / "keyrings"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "login.keyring").write_text(_WITHOUT_PASSWORD)
        (folder / "default").write_text("login")

    def lock(self) -> None:
        connection = dbus_init()
        Collection(connection).lock()
        connection.close()

    def freeze(self) -> None:
        """Leave the daemon on the bus, answering nothing."""
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.daemon is not None
        self.daemon.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the daemon at once; the bus starts another, locked, for whoever asks."""
        assert self.daemon is not None
        self.daemon.kill()
        self.daemon.wait()

    def tool(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What a person can do to the keyring from outside."""
        done = subprocess.run(
            ["secret-tool", *arguments], input=stdin, capture_output=True, check=False, timeout=20
        )
        return done.stdout

    def _wait_for_name(self) -> None:
        ends_at = time.monotonic() + _PATIENCE_S
        connection = dbus_init()
        try:
            while not Proxy(message_bus, connection).NameHasOwner(_NAME)[0]:
                assert time.monotonic() < ends_at, "the keyring never came"
                time.sleep(0.02)
        finally:
            connection.close()


@contextmanager
def desktop(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, has_service: bool = True
) -> Iterator[Desktop]:
    """A session without a keyring that runs yet; without ``has_service`` none can be started."""
    for program in ("dbus-daemon", _PROGRAM, "secret-tool"):
        if shutil.which(program) is None:
            pytest.skip("needs the Debian packages dbus-daemon, gnome-keyring and libsecret-tools")
    home, runtime = folder / "desk", folder / "run"
    for place in (home, runtime):
        place.mkdir(mode=0o700)
    for name in list(os.environ):
        if name.startswith("XDG_") or name in ("DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    # The bus starts services with its own environment, so it is set before.
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    made = Desktop(home)
    config = folder / "bus.conf"
    config.write_text(_EMPTY_BUS.format(folder=runtime))
    bus = subprocess.Popen(
        [
            "dbus-daemon",
            "--session" if has_service else f"--config-file={config}",
            "--nofork",
            "--print-address=1",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert bus.stdout is not None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
    try:
        yield made
    finally:
        # A daemon that the bus started ends with its bus.
        if made.daemon is not None:
            made.kill()
        bus.kill()
        bus.wait()
        bus.stdout.close()
