"""A private authority, the file of its certificate, and an end of TLS that it vouches for."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from tests.api.secure_server import HOST, authority_file, server_context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    return authority_file(authority, tmp_path)


@pytest.fixture(scope="module")
def certified(authority: trustme.CA) -> ssl.SSLContext:
    return server_context(authority.issue_cert(HOST, "127.0.0.1"))
