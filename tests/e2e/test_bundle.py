"""The bundle: made as its script makes it, moved elsewhere, and used where no Python is found."""

from __future__ import annotations

import json
import lzma
import os
import pickle
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.benchmarks.measuring import report_turns, take_turns
from tests.cli.program import COMMAND, environment
from tests.conftest import ROOT, ReportFigure
from tests.sandbox_server import running_sandbox
from tests.vault.secret_service import desktop

pytestmark = [
    pytest.mark.long,
    pytest.mark.alone,
    pytest.mark.qt,
    pytest.mark.skipif(os.uname().sysname != "Linux", reason="the bundle is made on Linux"),
]

MOST_MB, MOST_ARCHIVE_MB = 145.0, 45.0
START_GOAL, FAR_OFF = 1.05, 1.5
SCREEN = "offscreen:configfile=packaging/offscreen-screen.json"


class Bundle:
    """The program in its folder, without anything of this Python around it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "zapdesk"

    def run(
        self, home: Path, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        around = environment(home, {"PATH": "/nowhere", **(env or {})})
        return subprocess.run(
            [self.program, *arguments], env=around, input=stdin, cwd=ROOT,
            capture_output=True, check=False, timeout=120,
        )  # fmt: skip

    def end_processes(self) -> None:
        """Of a sandbox, say, that lives on for its next client."""
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and (entry / "exe").readlink() == self.program:
                    os.kill(int(entry.name), signal.SIGTERM)
            except OSError:
                continue


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    """From the archive, in a folder with blanks, without the metadata of any package."""
    made = subprocess.run(
        ["sh", "packaging/bundle.sh"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    place = tmp_path_factory.mktemp("another place")
    (archive,) = (ROOT / "dist").glob("zapdesk-*.tar.xz")
    with lzma.open(archive) as content, tarfile.open(fileobj=content) as files:
        files.extractall(place, filter="tar")
    for metadata in (place / "zapdesk").rglob("*.dist-info"):
        shutil.rmtree(metadata)
    bundle = Bundle(place / "zapdesk")
    yield bundle
    bundle.end_processes()


def test_bundle_starts_its_own_sandbox_and_runs_an_action(bundle: Bundle, tmp_path: Path) -> None:
    run = ("run", "Formatter", "text", "--input", "transform=upper", "--input", "text=ada")
    done = bundle.run(tmp_path, "--sandbox", "--json", *run)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["run"]["results"] == [{"output": "ADA"}]


def test_bundle_does_long_work_in_a_process_of_its_own(bundle: Bundle, tmp_path: Path) -> None:
    question = pickle.dumps((json.loads, ("[1, 2]",), {}))
    done = bundle.run(tmp_path, "--aside", stdin=question)
    assert pickle.loads(done.stdout) == [1, 2]


def test_bundle_without_package_metadata_keeps_its_token_in_the_keyring(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    with running_sandbox(tmp_path / "server") as server, desktop(tmp_path, monkeypatch) as desk:
        desk.start_keyring()
        created = bundle.run(
            home, "profiles", "create", "Own", "--server", server.url, "--not-live"
        )
        assert created.returncode == 0, created.stderr
        given = bundle.run(
            home, "--profile", "Own", "sign-in", "--token", stdin=server.token.encode()
        )
        assert given.returncode == 0, given.stderr
        told = json.loads(bundle.run(home, "keyring", "--json").stdout)["keyring"]
        assert told["state"] == "ready", told
        apps = json.loads(bundle.run(home, "--profile", "Own", "apps", "--json").stdout)
        assert any(app["title"] == "Formatter" for app in apps["apps"])
        kept = [file for file in home.rglob("*") if file.is_file()]
        assert kept
        assert not any(server.token.encode() in file.read_bytes() for file in kept)


def test_a_browser_that_the_bundle_opens_loads_its_own_libraries(
    bundle: Bundle, tmp_path: Path
) -> None:
    seen, browser = tmp_path / "seen", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "${{LD_LIBRARY_PATH-none}}" > "{seen}"\n')
    browser.chmod(0o755)
    for usual in ({}, {"LD_LIBRARY_PATH": "/opt/own"}):
        seen.unlink(missing_ok=True)
        process = subprocess.Popen(
            [bundle.program, "--sandbox", "connect", "Contacts", "--wait", "60"],
            env=environment(tmp_path / "home", {"BROWSER": f"{browser} %s", **usual}),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip
        try:
            ends_at = time.monotonic() + 60
            while not (seen.exists() and seen.read_text()):
                assert process.poll() is None, "connecting ended without a browser"
                assert time.monotonic() < ends_at, "no browser came"
                time.sleep(0.05)
        finally:
            process.kill()
            process.wait()
        assert seen.read_text().strip() == usual.get("LD_LIBRARY_PATH", "none")


def test_window_of_the_bundle_is_painted_as_soon_as_that_of_a_checkout(
    bundle: Bundle, tmp_path: Path, report_figure: ReportFigure
) -> None:
    def painted(folder: Path, *command: str | Path) -> float:
        picture = folder / "window.png"
        picture.unlink(missing_ok=True)
        begin = time.perf_counter()
        done = subprocess.run(
            [*command, "--offline", "--screenshot", picture],
            env=environment(folder, {"QT_QPA_PLATFORM": SCREEN}), cwd=ROOT,
            capture_output=True, check=False,
        )  # fmt: skip
        took = time.perf_counter() - begin
        assert done.returncode == 0, done.stderr
        assert picture.stat().st_size > 10_000
        return took

    homes = [tmp_path / name for name in ("bundle", "checkout")]
    for home in homes:
        home.mkdir()
    turns = take_turns(
        lambda: painted(homes[0], bundle.program), lambda: painted(homes[1], *COMMAND), rounds=7
    )
    name = "bundle until its window is painted, beside a checkout"
    assert report_turns(report_figure, name, turns, START_GOAL) < FAR_OFF


def test_bundle_is_not_larger_than_it_has_to_be(
    bundle: Bundle, report_figure: ReportFigure
) -> None:
    size = sum(file.lstat().st_size for file in bundle.folder.rglob("*") if file.is_file()) / 1e6
    (archive,) = (ROOT / "dist").glob("zapdesk-*.tar.xz")
    packed = archive.stat().st_size / 1e6
    report_figure("bundle (goal 130)", size, "MB")
    report_figure("bundle as one file (goal 40)", packed, "MB")
    assert size < MOST_MB
    assert packed < MOST_ARCHIVE_MB
