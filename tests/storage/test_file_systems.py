"""Where a log should not lie: network drives and folders that are copied to the cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storage.making import opened
from zapdesk.storage import file_systems
from zapdesk.storage.file_systems import doubt

MOUNTS = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 22 0:35 / /home/user/Team\\040Share rw shared:9 - nfs4 server:/export rw,vers=4.2
41 22 0:36 / /mnt/box rw - fuse.sshfs user@server: rw
42 22 0:37 / /mnt/box/local rw - btrfs /dev/vdb rw
short line
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("/home/user/.local/share/zapdesk", ""),
        ("/home/user/Team Share/zapdesk", "network drive (nfs4)"),
        ("/mnt/box/zapdesk", "fuse.sshfs"),
        ("/mnt/box/local/zapdesk", ""),
        ("/home/user/Dropbox/zapdesk", "'Dropbox'"),
        ("/home/user/OneDrive - Example/zapdesk", "copied to the cloud"),
    ],
)
def test_a_network_drive_or_a_cloud_folder_is_named(mounts: Path, folder: str, words: str) -> None:
    found = doubt(Path(folder), mounts)
    assert words in found
    assert bool(found) == bool(words)
    assert ("ZAPDESK_HOME" in found) == bool(words)


def test_a_system_that_does_not_tell_gives_no_warning(tmp_path: Path) -> None:
    assert doubt(Path("/home/user/x"), tmp_path / "nothing") == ""


async def _notices(folder: Path) -> tuple[str, ...]:
    async with opened(folder) as database:
        return database.notices


def test_home_on_a_network_drive_is_said_when_the_log_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    fake = tmp_path / "mountinfo"
    fake.write_text(f"1 1 0:1 / {tmp_path} rw - nfs server:/x rw\n", encoding="utf-8")
    monkeypatch.setattr(file_systems, "MOUNTS", fake)
    (notice,) = asyncio.run(_notices(tmp_path / "data"))
    assert "network drive (nfs)" in notice
