"""Who may import whom: the contracts of pyproject.toml, and what they cannot express."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.architecture.sources import ROOT, sources

LINT = """
from importlinter.cli import lint_imports_command
lint_imports_command(["--no-logo", "--no-cache"])
"""

IMPORT_EVERYTHING_BUT_UI = """
import importlib, pkgutil, sys

class WithoutQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6", "qasync"}:
            raise ImportError(f"{name} is not installed here")

sys.meta_path.insert(0, WithoutQt())
import zapdesk

def walk(package):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if module.name != "zapdesk.ui":
            imported = importlib.import_module(module.name)
            print(module.name)
            if module.ispkg:
                walk(imported)

walk(zapdesk)
"""


def test_imports_keep_the_contracts() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_everything_but_the_window_imports_where_qt_is_not_installed() -> None:
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING_BUT_UI],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert {"zapdesk.__main__", "zapdesk.cli", "zapdesk.bootstrap"} <= set(run.stdout.split())


def test_the_command_line_imports_the_sandbox_only_inside_its_command() -> None:
    found = [
        source.at(node)
        for source in sources("zapdesk")
        if source.path.startswith("zapdesk/cli")
        for node in source.tree.body
        if isinstance(node, ast.Import | ast.ImportFrom) and "zapdesk.sandbox" in ast.unparse(node)
    ]
    assert not found
