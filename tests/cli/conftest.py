"""One sandbox and one state directory for all tests of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_server import Address, running_sandbox


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli") / "home"


@pytest.fixture(scope="session")
def sandbox(shared_home: Path) -> Iterator[Address]:
    """The sandbox that commands in ``shared_home`` join."""
    with running_sandbox(shared_home) as address:
        yield address
