"""Completion scripts: they parse in their shells, and bash's one completes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import zapdesk


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_parses_in_its_shell(tmp_path: Path, shell: str) -> None:
    done = zapdesk(tmp_path, "completion", shell)
    assert done.code == 0
    assert "choices" in done.out
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    checked = subprocess.run(
        [shell, "-n"], input=done.out, text=True, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["zapdesk", "cho"], {"choices"}),
        (["zapdesk", "--sandbox", "ap"], {"apps"}),
        (["zapdesk", "--profile", "work", "ap"], {"apps"}),
        (["zapdesk", "run", "--no"], {"--no-wait"}),
        (["zapdesk", "run", "--ag"], {"--again"}),
        (["zapdesk", "resolve", "--no"], {"--note"}),
        (["zapdesk", "sandbox", "--"], {"--port", "--apps", "--dialect", "--latency"}),
    ],
)
def test_bash_completes_commands_and_options(
    tmp_path: Path, line: list[str], expected: set[str]
) -> None:
    script = zapdesk(tmp_path, "completion", "bash").out
    words = " ".join(f"'{word}'" for word in line)
    program = (
        f"{script}\nCOMP_WORDS=({words}); COMP_CWORD={len(line) - 1}; _zapdesk; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", program], text=True, capture_output=True, check=True)
    assert expected <= set(done.stdout.split())
    assert "--until-idle" not in done.stdout
