"""What can be done with the runs that are picked: one table for the menu and the selection bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from zapdesk.domain.runs import ActionRun
from zapdesk.ui.bound_keys import BOUND
from zapdesk.ui.look.metrics import XS, M, S
from zapdesk.ui.parts import Button, IconButton, PlainLabel
from zapdesk.ui.plain_text import one_line
from zapdesk.ui.runs.model import TAG_LIMIT

Runs = Sequence[ActionRun]


@dataclass(frozen=True, slots=True)
class Deed:
    """``fits`` says whether it can be done with these runs, ``perform`` does it.

    ``text`` may depend on the runs. ``keys`` are shown beside it; the table listens to them. Else
    there is the ``command`` whose keys do it.
    Deeds of one ``group`` stand together. ``in_bar``: it is worth a button for several runs.
    """

    text: str | Callable[[Runs], str]
    fits: Callable[[Runs], bool]
    perform: Callable[[Runs], object]
    group: int = 0
    keys: str = ""
    in_bar: bool = False
    command: str = ""

    def words(self, runs: Runs) -> str:
        """What it is called for these runs."""
        return self.text if isinstance(self.text, str) else self.text(runs)


def is_one(runs: Runs) -> bool:
    """Whether it is one run."""
    return len(runs) == 1


def is_two(runs: Runs) -> bool:
    """Whether it is two runs."""
    return len(runs) == 2


def is_any(runs: Runs) -> bool:
    """Whether there is any run."""
    return bool(runs)


def label_words(label: str, is_on: bool) -> str:
    """What putting on a label, or taking it off, is called."""
    # An ampersand would underline what follows it, a tab begin the shortcut.
    shown = one_line(label, TAG_LIMIT).replace("&", "&&")
    return f"{'Label' if is_on else 'Remove label'} “{shown}”"


def fill_deeds(menu: QMenu, deeds: Sequence[Deed], runs: Runs) -> None:
    """Put what can be done with ``runs`` into ``menu``, a separator between groups."""
    group: int | None = None
    for deed in sorted(deeds, key=lambda deed: deed.group):
        if not deed.fits(runs):
            continue
        if group is not None and deed.group != group:
            menu.addSeparator()
        group = deed.group
        # Shown only: a second shortcut of the same keys would silence both.
        keys = deed.keys or BOUND.words(deed.command)
        action = menu.addAction(f"{deed.words(runs)}\t{keys}".rstrip())
        action.triggered.connect(lambda _=False, d=deed: d.perform(runs))


class SelectionBar(QWidget):
    """What can be done with several runs; hidden while fewer than two are picked."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("selection_bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._count = PlainLabel(bold=True)
        self._buttons: list[Button] = []
        self._offered: list[Deed] = []
        self._runs: Runs = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(M, XS, S, XS)
        self._row.setSpacing(S)
        self._row.addWidget(self._count)
        self._row.addSpacing(S)
        self._row.addStretch(1)
        close = IconButton("close", "Pick none of them")
        close.clicked.connect(self.cancelled)
        self._row.addWidget(close)
        self.hide()

    def show_runs(self, deeds: Sequence[Deed], runs: Runs, count: int | None = None) -> None:
        """Offer what fits these runs; ``count``: there are so many, and these are the rows held."""
        self.setVisible(len(runs) > 1)
        if len(runs) < 2:
            return
        words = f"{len(runs) if count is None else count:,} runs picked"
        self._count.setText(words)
        self.setAccessibleName(words)
        self._runs = runs
        self._offered = [deed for deed in deeds if deed.in_bar and deed.fits(runs)]
        texts = [deed.words(runs) for deed in self._offered]
        if texts != [button.text() for button in self._buttons]:
            self._make_buttons(texts)

    def _make_buttons(self, texts: Sequence[str]) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for number, text in enumerate(texts):
            button = Button(text, look="quiet")
            button.clicked.connect(lambda _=False, n=number: self._perform(n))
            self._row.insertWidget(2 + number, button)
            self._buttons.append(button)

    def _perform(self, number: int) -> None:
        self._offered[number].perform(self._runs)
