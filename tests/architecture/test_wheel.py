"""The wheel is complete: installed alone, far from the checkout, it starts and finds its files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import zapdesk
from tests.architecture.sources import ROOT


def command(*words: str | Path, cwd: Path, **variables: str) -> str:
    """What a command prints; its errors where it fails. It sees no PYTHONPATH."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(
        words, cwd=cwd, env=surroundings | variables, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr + run.stdout
    return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout with the locked build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    command(*build, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_module_and_resource_and_nothing_else(wheel: Path) -> None:
    version = f"zapdesk-{zapdesk.__version__}.dist-info/"
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if not name.startswith(version)}
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "zapdesk").rglob("*.py")}
    for path in (ROOT / "resources").rglob("*"):
        if path.is_file():
            wanted.add(f"zapdesk/{path.relative_to(ROOT).as_posix()}")
    assert held == wanted
    assert any(name.startswith("zapdesk/resources/migrations/") for name in held)


def test_the_installed_wheel_says_its_version_and_lists_runs(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    command(sys.executable, "-m", "venv", "--without-pip", environment, cwd=tmp_path)
    python = environment / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    command(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=tmp_path)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(command(python, "-c", where, cwd=tmp_path).strip())
    # Its dependencies are the ones of this environment; the checkout is not among them, because a
    # folder reached in this way has its own .pth files left unread.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    location = command(python, "-c", "import zapdesk; print(zapdesk.__file__)", cwd=tmp_path)
    assert Path(location.strip()).is_relative_to(site)
    program = environment / "bin" / "zapdesk"
    assert zapdesk.__version__ in command(program, "--version", cwd=tmp_path)
    home = str(tmp_path / "home")
    listed = command(program, "runs", "--json", cwd=tmp_path, ZAPDESK_HOME=home)
    assert json.loads(listed) == {"runs": []}
