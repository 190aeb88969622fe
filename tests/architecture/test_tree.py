"""What may not be in any file of the project: places of one machine, and loose dependencies."""

from __future__ import annotations

import itertools
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

LOCKS = tuple(
    ROOT / lock
    for lock in (
        "packaging/requirements.txt",
        "packaging/bundle-requirements.txt",
        "tests/requirements.txt",
    )
)
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; .+)? \\\Z")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?\Z")

# Spelt in pieces, so that this file does not hold what it looks for.
REGISTRIES = [
    ".".join(host)
    for host in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
    )
]
FOLDERS = ["/" + folder + "/" for folder in ("work", "root", "tmp/zd", "opt/pypi", "opt/wheels")]
PLACES = re.compile("|".join(map(re.escape, REGISTRIES + FOLDERS)) + r"|/home/(?!user\b|\$)\w+")
THE_SPEC_FOLDER = re.compile(r"""["'/]shared["'/]|\bshared/""")
NAMES_THE_SPEC_FOLDER = ROOT / "tests" / "spec.py"
PICTURES = {".png", ".ico", ".icns", ".gif", ".jpg"}


def project_files() -> list[Path]:
    """The files git keeps, or would; without git, all that are no tool's leavings."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
        found = [ROOT / name for name in listed.split("\0") if name]
    except (FileNotFoundError, subprocess.CalledProcessError):
        # Neither git nor its folder came with this copy.
        found = [path for path in ROOT.rglob("*") if not path_is_ignored(path)]
    return [path for path in found if path.is_file() and path.suffix not in PICTURES]


def path_is_ignored(path: Path) -> bool:
    """Whether .gitignore names a folder or an ending of this path."""
    patterns = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    parts = path.relative_to(ROOT).parts
    return ".git" in parts or any(
        Path(part).match(pattern.rstrip("/")) for part in parts for pattern in patterns
    )


def test_no_file_names_a_package_registry_or_a_place_on_one_machine() -> None:
    files = project_files()
    assert ROOT / "pyproject.toml" in files
    found = []
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if (place := PLACES.search(line)) or (
                path != NAMES_THE_SPEC_FOLDER and (place := THE_SPEC_FOLDER.search(line))
            ):
                found.append(f"{path.relative_to(ROOT)}:{number}: {place[0]}")
    assert not found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: f"{lock.parent.name}-{lock.stem}")
def test_a_lock_holds_exact_versions_with_hashes_and_nothing_else(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()
    strange = [line for line in lines if not PIN.match(line) and not HASH.match(line)]
    assert not strange
    for before, line in itertools.pairwise(lines):
        assert HASH.match(line) or HASH.match(before), f"no hash above {line}"


def pins(lock: Path) -> dict[str, str]:
    """Name to version, as locked."""
    found = map(PIN.match, lock.read_text(encoding="utf-8").splitlines())
    return {pin["name"]: pin["version"] for pin in found if pin}


def wanted(requirements: list[str]) -> set[str]:
    """The names that requirements begin with, as a lock spells them."""
    found = (re.match(r"[A-Za-z0-9_.-]+", line) for line in requirements)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in found if name}


def test_the_locks_agree_and_cover_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    running, bundling, testing = map(pins, LOCKS)
    assert wanted(project["project"]["dependencies"]) <= running.keys()
    for group, locked in (("bundle", bundling), ("test", testing)):
        assert wanted(project["dependency-groups"][group]) <= locked.keys()
        assert running.items() <= locked.items()
    assert running["pyside6-essentials"] == running["shiboken6"] == "6.11.3"
