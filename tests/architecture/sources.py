"""The Python files of this checkout, parsed once, for the tests of this folder."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the root, with slashes, its lines and its syntax tree."""

    path: str
    lines: tuple[str, ...]
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        """Where a node stands, as editors read it: file and line."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def sources(folder: str) -> tuple[Source, ...]:
    """Every Python file under a folder of the checkout."""
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        found.append(Source(path.relative_to(ROOT).as_posix(), tuple(text.splitlines()), tree))
    return tuple(found)
