"""One sandbox for the tests of a module that only need a running one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.talk import Talk, sandbox


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with sandbox(tmp_path_factory.mktemp("home")) as talking:
        yield talking
