"""About zapdesk: version, and under which licences it and everything in it stand."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from zapdesk import __version__
from zapdesk.ui.links import safe_open
from zapdesk.ui.look.metrics import XS, L, M, S
from zapdesk.ui.parts import Button, HLine, IconLabel, PlainLabel
from zapdesk.ui.sheets import Sheet, scrolling

QT_LICENCE = "LGPL-3.0-only"
_QT_WORDS = (
    "zapdesk uses Qt and PySide6 under the GNU Lesser General Public License, version 3. "
    "Their files lie beside zapdesk's own and can be replaced by other builds of them."
)
_QT_SOURCES = "https://code.qt.io/cgit/pyside/pyside-setup.git/"
_LGPL = "https://www.gnu.org/licenses/lgpl-3.0.html"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CLASSIFIER = "License :: OSI Approved :: "
# What zapdesk itself asks for: a checkout that was never installed has no list of its own.
DIRECT = (
    "PyJWT",
    "PySide6-Essentials",
    "apsw",
    "certifi",
    "cryptography",
    "httpx",
    *(("jeepney", "secretstorage") if sys.platform == "linux" else ()),
    "jmespath",
    "keyring",
    "msgspec",
    "platformdirs",
    "qasync",
    "sniffio",
    "socksio",
    "starlette",
    "tomlkit",
    "uvicorn",
)

Start = Callable[[Coroutine[Any, Any, Any]], object]
"""Starts a coroutine under an owner: ``TaskOwner.start``."""


@dataclass(frozen=True, slots=True)
class Component:
    """A library that runs in zapdesk's process, as its own package describes it."""

    name: str
    version: str
    licence: str


def components() -> list[Component]:
    """Every library zapdesk needs, what those need included, by name."""
    found: dict[str, Component] = {}
    pending = list(DIRECT)
    while pending:
        name = pending.pop()
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # needed elsewhere only: another platform or another Python
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        found[key] = Component(package.metadata["Name"], package.version, _licence(package))
        for requirement in package.requires or ():
            wanted = _NAME.match(requirement)
            if wanted and "extra ==" not in requirement:
                pending.append(wanted.group())
    return [found[key] for key in sorted(found)]


def _licence(package: metadata.Distribution) -> str:
    facts = package.metadata
    if facts["Name"].lower().startswith(("pyside6", "shiboken6")):
        return QT_LICENCE
    if "License-Expression" in facts:
        return facts["License-Expression"]
    approved = [
        line.removeprefix(_CLASSIFIER)
        for line in facts.get_all("Classifier") or ()
        if line.startswith(_CLASSIFIER)
    ]
    written = facts["License"].strip() if "License" in facts else ""
    # Some packages put the whole text there.
    short = written if "\n" not in written and len(written) <= 60 else ""
    return ", ".join(approved) or short or "see its own files"


def about_sheet(parent: QWidget, start: Start) -> Sheet:
    """The sheet. ``start`` runs what its links begin, under an owner."""
    sheet = Sheet(parent, "About zapdesk", 620)
    head = QHBoxLayout()
    head.setSpacing(M)
    head.addWidget(IconLabel("zapdesk", "accent", 40))
    names = QVBoxLayout()
    names.setSpacing(0)
    names.addWidget(PlainLabel("zapdesk", size="title", bold=True))
    names.addWidget(PlainLabel(f"Version {__version__} · MIT licence", tone="muted"))
    head.addLayout(names, 1)
    sheet.column.addLayout(head)
    sheet.column.addSpacing(S)
    sheet.column.addWidget(
        PlainLabel(
            "Runs Zapier actions over the Workflow API. Not made or endorsed by Zapier.", wrap=True
        )
    )
    sheet.column.addSpacing(XS)
    sheet.column.addWidget(PlainLabel(_QT_WORDS, tone="muted", wrap=True))
    sheet.column.addSpacing(XS)
    sheet.column.addWidget(HLine())
    table = QWidget()
    rows = QVBoxLayout(table)
    rows.setContentsMargins(0, XS, L, XS)
    rows.setSpacing(S)
    for component in components():
        row = QHBoxLayout()
        row.setSpacing(M)
        name = PlainLabel(component.name)
        name.setFixedWidth(170)
        version = PlainLabel(component.version, tone="muted")
        version.setFixedWidth(90)
        row.addWidget(name)
        row.addWidget(version)
        row.addWidget(PlainLabel(component.licence, tone="muted", elide=True), 1)
        rows.addLayout(row)
    sheet.column.addWidget(scrolling(table, 240, "Parts and their licences"))
    sheet.column.addWidget(HLine())
    for text, address in (("LGPL text", _LGPL), ("Sources of PySide6", _QT_SOURCES)):
        button = sheet.add_button(Button(text, look="link", tip=address))
        button.clicked.connect(lambda _=False, to=address: start(safe_open(to, sheet)))
    sheet.finish()
    return sheet
