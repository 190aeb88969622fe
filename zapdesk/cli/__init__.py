"""The command line: every service without Qt. One document on stdout, everything else on stderr."""

from __future__ import annotations

from zapdesk.cli.main import main

__all__ = ["main"]
