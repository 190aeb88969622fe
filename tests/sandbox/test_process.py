"""The process: one a state directory, its address, its end, and what survives it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.sandbox.talk import sandbox, talk_to
from tests.sandbox_server import Address, running_sandbox, start_sandbox


def state(home: Path) -> Path:
    return home / "data" / "sandbox"


@contextmanager
def client_lock(home: Path, name: str) -> Iterator[Path]:
    """A client process's lock, held as long as the block runs."""
    folder = state(home) / "clients"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield path


def address_of(process: subprocess.Popen[str]) -> Address:
    assert process.stdout is not None
    return Address(**json.loads(process.stdout.readline()), process=process)


def test_it_starts_quickly(tmp_path: Path) -> None:
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        with running_sandbox(tmp_path) as address:
            httpx.get(address.url)
            seconds.append(time.monotonic() - began)
    assert min(seconds) < 1.5


def test_the_address_file_is_private_complete_and_gone_in_the_end(tmp_path: Path) -> None:
    path = state(tmp_path) / "address.json"
    with running_sandbox(tmp_path) as address:
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        written = json.loads(path.read_text())
        assert written["pid"] == address.process.pid
        assert (written["url"], written["token"]) == (address.url, address.token)
        assert (path.parent / "data" / "sandbox.db").stat().st_mode & 0o777 == 0o600
    assert not path.exists()
    assert address.process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_zero_and_no_words(tmp_path: Path, number: int) -> None:
    process = start_sandbox(tmp_path)
    address_of(process)
    process.send_signal(number)
    _, words = process.communicate(timeout=5)
    assert (process.returncode, words) == (0, "")


def test_it_ends_at_once_while_a_client_holds_a_silent_request(tmp_path: Path) -> None:
    with sandbox(tmp_path) as talk:
        talk.http.timeout = httpx.Timeout(0.3)
        with pytest.raises(httpx.ReadTimeout):
            talk.start("Fault Lab", "silence", {})
        began = time.monotonic()
        talk.address.process.terminate()
        talk.address.process.wait(timeout=5)
        assert time.monotonic() - began < 3


def test_a_second_start_prints_the_first_ones_address_and_ends_with_two(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first:
        second = start_sandbox(tmp_path)
        line, words = second.communicate(timeout=10)
        assert second.returncode == 2
        assert json.loads(line)["token"] == first.token
        assert "already running" in words


def test_two_starts_at_once_leave_one(tmp_path: Path) -> None:
    processes = [start_sandbox(tmp_path) for _ in range(3)]
    addresses = [address_of(process) for process in processes]
    assert len({address.url for address in addresses}) == 1
    time.sleep(0.5)
    alive = [process for process in processes if process.poll() is None]
    assert len(alive) == 1
    for process in processes:
        process.terminate()
        process.communicate(timeout=5)


def test_the_token_is_new_at_each_start_and_the_client_is_the_same(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first:
        pass
    with running_sandbox(tmp_path) as second:
        assert second.token != first.token
        assert second.client_id == first.client_id


def test_without_any_client_it_ends_by_itself(tmp_path: Path) -> None:
    process = start_sandbox(tmp_path, until_idle=True, idle_s=0.6)
    began = time.monotonic()
    process.communicate(timeout=10)
    assert process.returncode == 0
    assert time.monotonic() - began > 0.6
    assert not (state(tmp_path) / "address.json").exists()


def test_it_lives_as_long_as_a_client_holds_its_lock(tmp_path: Path) -> None:
    with client_lock(tmp_path, "one"):
        process = start_sandbox(tmp_path, until_idle=True, idle_s=0.5)
        address_of(process)
        time.sleep(1.5)
        assert process.poll() is None
    process.communicate(timeout=15)
    assert process.returncode == 0


def test_the_lock_of_a_dead_client_is_removed_and_keeps_nothing_alive(tmp_path: Path) -> None:
    with client_lock(tmp_path, "dead") as path:
        os.utime(path, (1, 1))
    process = start_sandbox(tmp_path, until_idle=True, idle_s=0.5)
    process.communicate(timeout=10)
    assert process.returncode == 0
    assert not path.exists()


def test_a_client_that_made_its_file_and_has_not_locked_it_yet_is_not_forgotten(
    tmp_path: Path,
) -> None:
    path = state(tmp_path) / "clients" / "young.lock"
    path.parent.mkdir(parents=True)
    path.touch()
    process = start_sandbox(tmp_path, until_idle=True, idle_s=0.4)
    address_of(process)
    time.sleep(1.2)
    assert process.poll() is None
    assert path.exists()
    process.terminate()
    process.communicate(timeout=5)


def test_a_run_begun_before_kill_9_is_done_once_after_the_restart(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, run_s=(1.0, 1.0)) as address, talk_to(address) as talk:
        started = talk.start("Fault Lab", "mark", {"note": "n"}).json()["data"]["id"]
        quick = talk.start("Fault Lab", "slow", {"seconds": "0.01"}).json()["data"]["id"]
        forever = talk.start("Fault Lab", "waiting_forever", {}).json()["data"]["id"]
        assert talk.end(quick)["status"] == "success"
        address.process.kill()
        address.process.wait()
    with sandbox(tmp_path) as talk:
        assert talk.end(started)["status"] == "success"
        assert talk.poll(quick).json()["data"]["status"] == "success"
        assert talk.poll(forever).json()["data"]["status"] == "waiting"
        done = [one["run_id"] for one in talk.effects()]
        assert sorted(done) == sorted([started, quick])


def test_kill_9_at_any_moment_loses_no_taken_run_and_does_none_twice(tmp_path: Path) -> None:
    taken: list[str] = []
    for pause in (0.0, 0.01, 0.03, 0.06):
        with running_sandbox(tmp_path, run_s=(0.0, 0.08)) as address, talk_to(address) as talk:
            for _ in range(5):
                taken.append(talk.start("Fault Lab", "mark", {}).json()["data"]["id"])
            time.sleep(pause)
            address.process.kill()
            address.process.wait()
    with sandbox(tmp_path) as talk:
        assert {talk.end(run_id)["status"] for run_id in taken} == {"success"}
        assert sorted(one["run_id"] for one in talk.effects()) == sorted(taken)


def test_a_webhook_that_was_being_sent_at_kill_9_is_not_sent_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with sandbox(tmp_path) as talk:
            inputs = {"url": url, "method": "POST"}
            run_id = talk.start("Webhook", "send_request", inputs).json()["data"]["id"]
            listener.settimeout(5)
            with listener.accept()[0]:
                talk.address.process.kill()
                talk.address.process.wait()
        listener.settimeout(0.7)
        with sandbox(tmp_path) as talk:
            run = talk.end(run_id)
            assert (run["status"], run["errors"][0]["title"]) == ("error", "Interrupted")
            with pytest.raises(TimeoutError):
                listener.accept()


def test_an_action_id_used_before_a_restart_stays_used(tmp_path: Path) -> None:
    with sandbox(tmp_path) as talk:
        action = talk.fresh("Fault Lab", "mark")
        body = talk.body(action, None, {})
        assert talk.http.post("/v2/action-runs", json=body).status_code == 200
        unused = talk.fresh("Fault Lab", "mark")
    with sandbox(tmp_path) as talk:
        assert talk.http.post("/v2/action-runs", json=body).status_code == 400
        body = talk.body(unused, None, {})
        assert talk.http.post("/v2/action-runs", json=body).status_code == 200


def test_a_damaged_file_is_moved_aside_and_new_data_begun(tmp_path: Path) -> None:
    with sandbox(tmp_path):
        pass
    for name in ("sandbox.db-wal", "sandbox.db-shm"):
        (state(tmp_path) / "data" / name).unlink(missing_ok=True)
    (state(tmp_path) / "data" / "sandbox.db").write_bytes(b"this is no database" * 100)
    with sandbox(tmp_path) as talk:
        assert talk.apps()
    assert list(state(tmp_path).glob("data-damaged-*"))


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = start_sandbox(tmp_path, port=listener.getsockname()[1])
        _, words = process.communicate(timeout=10)
    assert process.returncode == 2
    assert "cannot be used" in words
    assert "Traceback" not in words


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way")
    process = start_sandbox(tmp_path)
    _, words = process.communicate(timeout=10)
    assert process.returncode == 7
    assert "cannot use its folder" in words
    assert "Traceback" not in words
