"""``zapdesk doctor``: what it prints and exits with, also where nothing else would start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.api.fault_server import free_port
from tests.cli.program import zapdesk
from tests.sandbox_server import Address
from zapdesk.domain.diagnosis import CHECKS


def test_against_the_sandbox_nothing_fails(shared_home: Path, sandbox: Address) -> None:
    done = zapdesk(shared_home, "--sandbox", "doctor", "--json")
    told = done.json["diagnosis"]
    assert done.code == 0
    assert [check["id"] for check in told["checks"]] == [known.id for known in CHECKS]
    by_id = {check["id"]: check["state"] for check in told["checks"]}
    assert by_id | {"keyring": ""} == by_id | {"keyring": "", "beta": "passed", "clock": "passed"}
    assert "failed" not in by_id.values()
    assert sandbox.token not in done.out + done.err


def test_server_that_is_not_there_is_failed_with_words(tmp_path: Path) -> None:
    env = {"ZAPDESK_BASE_URL": f"http://127.0.0.1:{free_port()}", "ZAPDESK_TOKEN": "tok-55aa77"}
    done = zapdesk(tmp_path, "doctor", env=env)
    assert done.code == 1
    assert "FAILS Answer of the server" in done.out
    assert "1 check failed" in done.out
    assert "tok-55aa77" not in done.out


def test_place_for_files_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder belongs")
    done = zapdesk(tmp_path / "home", "doctor", "--json")
    states = {check["id"]: check["state"] for check in done.json["diagnosis"]["checks"]}
    assert done.code == 1
    assert states["database"] == states["disk"] == "failed"
    assert states["proxy"] == "passed"


def test_offline_nothing_is_asked(shared_home: Path, sandbox: Address) -> None:
    done = zapdesk(shared_home, "--offline", "--sandbox", "doctor", "--json")
    states = {check["id"]: check["state"] for check in done.json["diagnosis"]["checks"]}
    assert done.code == 0
    assert states["reach"] == states["sandbox"] == "skipped"
    assert states["database"] == "passed"


@pytest.mark.parametrize("is_setting", [True, False])
def test_offline_a_run_is_not_sent_and_nothing_waits_to_be(
    tmp_path: Path, is_setting: bool
) -> None:
    env = {"ZAPDESK_BASE_URL": f"http://127.0.0.1:{free_port()}", "ZAPDESK_TOKEN": "tok-55aa77"}
    offline = () if is_setting else ("--offline",)
    if is_setting:
        assert zapdesk(tmp_path, "settings", "set", "offline", "true").code == 0
    done = zapdesk(tmp_path, *offline, "apps", "--json", env=env)
    assert done.code == 4
    assert "offline" in done.json["error"]["title"]
    assert zapdesk(tmp_path, *offline, "runs", "--json", env=env).json == {"runs": []}


def test_offline_a_run_that_waits_is_not_waited_for(shared_home: Path, sandbox: Address) -> None:
    sent = zapdesk(
        shared_home, "--sandbox", "run", "Fault Lab", "waiting_forever", "--no-wait", "--json"
    )
    run_id = sent.json["run"]["id"]
    done = zapdesk(shared_home, "--offline", "watch", run_id, "--json", timeout_s=20)
    assert done.code == 6
    assert "offline" in done.err
    assert done.json["run"]["status"] == "waiting"


def _on_small_disk(folder: Path, fill: str) -> tuple[str, ...]:
    """What to put before a command so that ``folder`` is a disk of 300 kB of its own."""
    folder.mkdir()
    script = f'mount -t tmpfs -o size=300k tmpfs {folder} && {fill}; exec "$@"'
    before = ("unshare", "-rm", "sh", "-c", script, "sh")
    try:
        tried = subprocess.run([*before, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if tried.returncode:
        pytest.skip("a small disk cannot be mounted here")
    return before


def test_full_folder_for_temporary_files_fails_alone_and_work_goes_on(
    shared_home: Path, sandbox: Address, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    before = _on_small_disk(folder, f"head -c 1M /dev/zero 2>/dev/null >{folder}/full")
    env = {"TMPDIR": str(folder)}
    done = zapdesk(shared_home, "--sandbox", "doctor", "--json", env=env, before=before)
    found = {check["id"]: check for check in done.json["diagnosis"]["checks"]}
    assert done.code == 1
    assert [name for name, check in found.items() if check["state"] == "failed"] == ["disk"]
    assert "temporary files" in found["disk"]["summary"]
    inputs = ("--input", "transform=upper", "--input", "text=a")
    ran = zapdesk(
        shared_home, "--sandbox", "run", "Formatter", "text", *inputs, env=env, before=before
    )
    assert ran.code == 0, ran.err


def test_disk_without_room_for_the_log_is_told_of(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    before = _on_small_disk(folder, f"head -c 280k /dev/zero >{folder}/full")
    env = {"ZAPDESK_BASE_URL": f"http://127.0.0.1:{free_port()}"}
    done = zapdesk(folder, "doctor", "--json", env=env, before=before)
    states = {check["id"]: check["state"] for check in done.json["diagnosis"]["checks"]}
    assert states["database"] == states["disk"] == "failed"
    assert done.code == 1


def _without_network() -> tuple[str, ...]:
    before = ("unshare", "-rn")
    try:
        tried = subprocess.run([*before, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if tried.returncode:
        pytest.skip("a network of its own cannot be had here")
    return before


def test_network_that_is_down_sends_nothing_and_leaves_the_log_to_read(
    shared_home: Path, sandbox: Address, tmp_path: Path
) -> None:
    before = _without_network()
    env = {"ZAPDESK_BASE_URL": "https://api.zapier.com", "ZAPDESK_TOKEN": "tok-66cc88"}
    inputs = ("--input", "transform=upper", "--input", "text=a")
    done = zapdesk(tmp_path, "run", "Formatter", "text", *inputs, "--json", env=env, before=before)
    assert done.code == 4
    assert "api.zapier.com" in done.json["error"]["title"]
    assert zapdesk(tmp_path, "runs", "--json", before=before).json == {"runs": []}
    told = zapdesk(tmp_path, "doctor", "--json", env=env, before=before).json["diagnosis"]
    failed = [check["id"] for check in told["checks"] if check["state"] == "failed"]
    assert failed == ["dns"]
    assert "online" in next(c["fix"] for c in told["checks"] if c["id"] == "dns")
